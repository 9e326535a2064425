# SPDX-License-Identifier: GPL-3.0-or-later
"""What each command prints and which exit code it gives. No output holds a secret."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from station.cli import _COMMANDS, cli
from station.codes import Code, Exit
from station.errors import most_serious
from station.model import BoardUid, IdentityKind
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import PIN, Shell
from tests.forked import run
from tests.started import rest_of, start


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_has_help_that_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None

    def check(command: click.Command, path: str) -> None:
        assert command.help, f"{path} has no help"
        assert len(command.help) > 15
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help or parameter.hidden, f"{path} {parameter.name} has no help"
        if isinstance(command, click.Group):
            for sub in command.commands.values():
                check(sub, f"{path} {sub.name}")

    check(command, name)


def test_init_makes_private_files_and_overwrites_nothing(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell("init", "--file", str(shell.config), "--state-dir", str(tmp_path / "state")).code == Exit.OK
    state = tmp_path / "state"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "station.key").stat().st_mode) == 0o600
    again = shell("init", "--file", str(shell.config))
    assert again.code == Exit.USAGE
    assert "exists" in again.err


def test_status_adds_up_and_asks_for_a_person_when_something_is_in_doubt(shell: Shell) -> None:
    shell.stock_up("cam1", "cam2")
    quiet = shell("status", "--json")
    assert (quiet.code, quiet.json[0]["received"]) == (0, 2)
    with shell.open_ledger() as ledger:
        claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid("aa01"), "3")
        ledger.begin(claim.attempt)
        ledger.doubt(claim.attempt, Code.E311, "unplugged")
    doubtful = shell("status")
    assert doubtful.code == Exit.PERSON_NEEDED
    assert "put board aa01 back in any slot" in doubtful.out
    assert shell("resolve").code == Exit.PERSON_NEEDED


@pytest.mark.parametrize("named", ["cam1", "a1Cam/cam1", "AB:00:00:00:00:00:00:01"])
def test_a_reworked_board_gets_a_new_identity_and_has_both_in_its_history(shell: Shell, named: str) -> None:
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    pin = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--name", "Li", "--new-pin-file", pin).code == 0
    ask = ("rework", named, "--reason", "radio replaced", "--pin-file", pin)
    assert "E116" in shell(*ask, "--yes").err, "nothing is on a board yet"
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "flash.bin") as board:
        flash = ("flash", "--profile", "cam", "--port", board.url, "--json")
        assert shell(*flash).code == 0
        assert shell(*ask).code == Exit.PERSON_NEEDED, "it asks"
        done = shell(*ask, "--yes")
        assert (done.code, "a1Cam/cam1 is RETIRED" in done.err) == (0, True), done.err
        assert shell(*ask, "--yes").code == Exit.USAGE, "once is enough"
        assert shell(*flash).json[-1]["passed"] == 1
    assert [c.device_name for c in read_identity(shell.folder / "flash.bin") or []] == ["cam2"]
    told = shell("history", "ab00000000000001").out
    assert "cam1" in told and "cam2" in told and "rework: radio replaced" in told


def test_flash_puts_one_identity_on_the_board_and_says_so_in_json(shell: Shell) -> None:
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "flash.bin") as board:
        done = shell("flash", "--profile", "cam", "--port", board.url, "--json")
        assert done.code == 0, done.err
        assert done.json[-1]["event"] == "summary"
        assert done.json[-1]["passed"] == 1
        again = shell("flash", "--profile", "cam", "--port", board.url, "--json")
    assert again.json[-1]["already_done"] == 1
    assert [c.device_name for c in read_identity(shell.folder / "flash.bin") or []] == ["cam1"]
    assert "Secret-cam" not in done.out + done.err + again.out + again.err
    shown = shell("show", "cam1", "--json")
    events = [line["event"] for line in shown.json[0]["history"]]
    assert events == ["reserved", "writing", "consumed"]
    assert shell("show", "ab00000000000001").out.startswith("a1Cam/cam1  CONSUMED")
    assert shell("audit", "verify", "--json").json[0]["intact"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["flash", "--profile", "none", "--port", "/dev/null"], Exit.USAGE, "no profile"),
        (["flash", "--profile", "cam"], Exit.USAGE, "no slot and no port"),
        (["flash", "--profile", "cam", "--slot", "9"], Exit.USAGE, "slot 9 is not configured"),
        (["flash", "--profile", "cam", "--port", "/dev/none"], Exit.STATION_FAULT, "no board"),
        (["show", "nobody"], Exit.USAGE, "knows nothing"),
        (["retire", "nobody", "--reason", "x"], Exit.USAGE, "knows nothing of nobody"),
        (["retire", "cam1", "--reason", "x"], Exit.PERSON_NEEDED, "PIN"),
        (["--set", "bench.nothing=1", "status"], Exit.USAGE, "not a setting"),
        (["--config", "/nowhere.toml", "status"], Exit.USAGE, "no config file"),
        (["nonsense"], Exit.USAGE, "No such command"),
        (["audit", "verify", "--head", "f" * 64], Exit.INTEGRITY, "not in the chain"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else None,
)
def test_bad_use_gets_a_clear_error_and_its_exit_code(
    shell: Shell, arguments: list[str], code: Exit, told: str
) -> None:
    shell.stock_up("cam1")
    shell.write_profile()
    done = shell(*arguments)
    assert (done.code, told in done.err) == (code, True), done.err
    assert "Traceback" not in done.err


def test_no_certificates_left_is_exit_code_five(shell: Shell) -> None:
    shell.write_profile()
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "flash.bin") as board:
        done = shell("flash", "--profile", "cam", "--port", board.url)
    assert done.code == Exit.NO_CERTIFICATES
    assert "E500" in done.err


def test_retiring_needs_the_supervisor_and_is_final(shell: Shell) -> None:
    shell.stock_up("cam1")
    new = shell.private("pin", PIN)
    assert shell("supervisor", "set-pin", "--new-pin-file", new).code == 0
    wrong = shell.private("wrong", "999999")
    assert shell("retire", "cam1", "--reason", "scrap", "--yes", "--pin-file", wrong).code == Exit.PERSON_NEEDED
    assert shell("retire", "cam1", "--reason", "scrap", "--yes", "--pin-file", new).code == 0
    assert shell("certs", "--state", "retired", "--json").json[0]["reason"] == "scrap"
    again = shell("retire", "cam1", "--reason", "scrap", "--yes", "--pin-file", new)
    assert (again.code, "cam1 is RETIRED" in again.err) == (Exit.USAGE, True)
    for _ in range(5):
        shell("unlock", "1", "--reason", "x", "--pin-file", wrong)
    assert "wait" in shell("unlock", "1", "--reason", "x", "--pin-file", new).err


def test_only_what_is_locked_is_unlocked_and_only_with_a_reason(shell: Shell) -> None:
    pin = shell.private("pin", PIN)
    shell("supervisor", "set-pin", "--new-pin-file", pin)
    with shell.open_ledger() as ledger:
        ledger.locks.lock("1", Code.E602, "3 failures in a row")
    wrong = shell("unlock", "11", "--reason", "needle replaced", "--pin-file", pin)
    assert (wrong.code, "locked: slot 1" in wrong.err) == (Exit.USAGE, True)
    assert shell("unlock", "1", "--reason", " ", "--pin-file", pin).code == Exit.USAGE
    assert shell("status").code == Exit.PERSON_NEEDED
    assert shell("unlock", "1", "--reason", "needle replaced", "--pin-file", pin).code == 0
    assert shell("status").code == 0


def test_init_writes_a_configuration_that_can_be_read_whatever_the_bench_is_called(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    name = 'line "3" \\ 左'
    done = shell("init", "--file", str(shell.config), "--state-dir", str(tmp_path / 'a "b"'), "--name", name)
    assert done.code == 0, done.err
    shown = shell("config", "show", "--json").json[0]["settings"]
    assert shown["bench.name"]["value"] == name
    assert shell("config", "check").code == 0


def test_init_sets_the_language_that_the_system_speaks(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.environment |= {"LC_ALL": "zh_CN.UTF-8"}
    assert shell("init", "--file", str(shell.config), "--state-dir", str(tmp_path / "state")).code == 0
    assert 'language = "zh"' in shell.config.read_text("utf-8")


@pytest.mark.parametrize("how", ["--config", "STATION_CONFIG"])
def test_init_makes_the_file_that_the_next_command_reads(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bench" / "station.toml"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STATION_CONFIG", str(file) if how == "STATION_CONFIG" else "")
    named = ["--config", str(file)] if how == "--config" else []

    def station(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run([sys.executable, "-m", "station", *named, *arguments])

    assert "make it: station init" in station("config", "check").stderr
    made = station("init", "--state-dir", str(tmp_path / "state"))
    assert made.returncode == 0
    export = f"export STATION_CONFIG={file}\n"  # or the commands that it names would read another file
    assert (export in made.stderr) == (how == "--config")
    assert station("config", "check").returncode == 0
    shown = station("config", "show", "--origin").stdout.splitlines()
    assert [line.split()[-1] for line in shown if line.startswith("bench.state_dir ")] == [str(file)]
    assert [line.split()[-1] for line in shown if line.startswith("bench.profile ")] == ["default"]


def test_certs_filters_and_never_shows_a_secret(shell: Shell) -> None:
    shell.stock_up(*(f"cam{n}" for n in range(5)))
    assert len(shell("certs", "--json").json) == 5
    assert len(shell("certs", "--json", "--limit", "2", "--offset", "4").json) == 1
    assert shell("certs", "--state", "consumed", "--json").json == [{"schema": 1, "certificates": []}]
    everything = shell("certs").out + shell("show", "cam1").out + shell("status").out
    assert "Secret-" not in everything


def test_a_ledger_from_a_backup_flashes_nothing_until_a_supervisor_recovers_it(shell: Shell) -> None:
    shell.stock_up("cam1", "cam2")
    shell.write_profile()
    pin = shell.private("pin", PIN)
    shell("supervisor", "set-pin", "--new-pin-file", pin)
    file = shell.folder / "state" / "ledger.db"
    backup = file.read_bytes()
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "1.bin") as board:
        assert shell("flash", "--profile", "cam", "--port", board.url).code == 0
    file.write_bytes(backup)
    word = ("--reason", "the backup of Monday", "--pin-file", pin)
    with SimulatedAgentBoard("ab00000000000002", shell.folder / "2.bin") as board:
        flash = ("flash", "--profile", "cam", "--port", board.url)
        assert [shell(*flash).code, shell(*flash).code] == [Exit.PERSON_NEEDED, Exit.PERSON_NEEDED]
        assert "older than what is known" in shell("status").out
        assert read_identity(shell.folder / "2.bin") is None
        assert shell("unlock", *word).code == Exit.PERSON_NEEDED
        assert shell("recover", *word).code == Exit.PERSON_NEEDED  # it asks, and nobody is there
        assert shell("recover", "--yes", *word).code == Exit.PERSON_NEEDED
        assert shell(*flash).code == Exit.NO_CERTIFICATES
        assert "cam1 is in doubt" not in shell("recover", "--yes", *word).err
    doubt, rest = shell("resolve", "--json").json
    assert (doubt["board_uid"], [one["kind"] for one in rest["needs_person"]]) == ("ab00000000000001", ["WITHHELD"])


def test_hostile_text_never_reaches_the_terminal(shell: Shell) -> None:
    hostile = "\x1b[2J\x9b31mPASS\u202e\r\n"
    shell.stock_up("cam1", f"cam2{hostile}", "cam3")
    with shell.open_ledger() as ledger:
        for board in ("aa01", "aa02"):
            claim = ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid(board), hostile)
            ledger.begin(claim.attempt)
            ledger.doubt(claim.attempt, Code.E203, f"the board says {hostile}")
        ledger.locks.lock(hostile, Code.E602, hostile)
    for command in ("status", "certs", "resolve", "show cam1", "show aa02"):
        for form in ([], ["--json"]):
            done = shell(*command.split(), *form)
            assert "\\u001b[2J" in done.out, command
            assert [c for c in done.out + done.err if c != "\n" and not c.isprintable()] == [], command
            assert "\nSSAP" not in done.out
    assert "\x1b" not in shell("show", f"none{hostile}").err


@pytest.mark.parametrize(
    "before", [[], ["env", "--ignore-signal=INT"]], ids=["by itself", "in the background of a script"]
)
def test_ctrl_c_once_ends_after_the_board_in_hand(shell: Shell, before: list[str]) -> None:
    shell.stock_up("cam1")
    shell.write_profile()
    command = [sys.executable, "-m", "station", "flash", "--profile", "cam", "--watch", "--json", "--port"]
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "flash.bin", latency_s=0.02) as board:
        process = start([*before, *command, board.url], env=shell.environment)
        assert process.stdout is not None
        while '"write"' not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        out, _ = rest_of(process)
    assert process.returncode == Exit.INTERRUPTED
    assert '"consumed": 1' in out.splitlines()[-1]


def test_ctrl_c_twice_leaves_the_board_in_doubt_and_married(shell: Shell) -> None:
    shell.stock_up("cam1")
    shell.write_profile()
    command = [sys.executable, "-m", "station", "flash", "--profile", "cam", "--watch", "--json", "--port"]
    with SimulatedAgentBoard("ab00000000000001", shell.folder / "flash.bin", latency_s=0.3) as board:
        process = start([*command, board.url], env=shell.environment)
        assert process.stdout is not None
        while '"write"' not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, _ = rest_of(process)
    assert process.returncode == Exit.PERSON_NEEDED
    assert '"in_doubt": 1' in out.splitlines()[-1]
    assert "ab00000000000001" in shell("resolve").out


def test_the_most_serious_thing_decides_the_exit_code() -> None:
    assert most_serious([]) is Exit.OK
    assert most_serious([Exit.BOARD_FAILED, Exit.OK]) is Exit.BOARD_FAILED
    assert most_serious([Exit.PERSON_NEEDED, Exit.INTEGRITY, Exit.STATION_FAULT]) is Exit.INTEGRITY
    assert set(map(most_serious, ([code] for code in Exit))) == set(Exit)


@pytest.mark.parametrize("command", ["board", "run --profile cam"])
def test_a_screen_needs_a_terminal_and_is_not_drawn_for_ever_into_a_pipe(shell: Shell, command: str) -> None:
    shell.write_profile()
    shell.stock_up("cam1")
    done = shell(*command.split())
    assert (done.code, done.out) == (Exit.USAGE, "")
    assert "E121" in done.err and "needs a terminal" in done.err
