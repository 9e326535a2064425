# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench as a systemd service: systemd itself reads the unit; its control is a program of ours that keeps what it
was told, since nothing may be started on the machine of the tests.
"""

from __future__ import annotations

import configparser
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.codes import Exit
from station.service.unit import Service, unit_text
from tests.cli.cli_shell import Done, Shell

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
CONTROL = """#!/bin/sh
echo "$(basename "$0") $*" >> "$(dirname "$0")/told"
[ "$1" = show ] && printf 'LoadState=loaded\\nActiveState=%s\\nUnitFileState=enabled\\nOther=x\\n' "$ACTIVE"
[ "$1" != "$FAILS" ]
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    (tmp_path / "bin").mkdir()
    (tmp_path / "units").mkdir()
    for name in ("systemctl", "journalctl"):
        (tmp_path / "bin" / name).write_text(CONTROL)
        (tmp_path / "bin" / name).chmod(0o755)
    made.environment |= {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "ACTIVE": "active", "FAILS": "none"}
    return made


def service(shell: Shell, *words: str) -> Done:
    units = shell.folder / "units"
    where = ("--folder", str(units)) if words[0] in ("install", "remove") and units.exists() else ()
    return shell.apart("service", *words, *where)


def told(shell: Shell) -> list[str]:
    return (shell.folder / "bin" / "told").read_text().splitlines()


def parsed(text: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    return unit


def test_it_runs_this_installation_as_whoever_owns_the_ledger_and_starts_at_once(shell: Shell) -> None:
    assert service(shell, "install").code == Exit.OK
    unit = parsed((shell.folder / "units" / "station.service").read_text())["Service"]
    command = f"{sys.executable} -m station --config {shell.config} flash --watch --json"
    assert (unit["ExecStart"], unit["User"]) == (command, pwd.getpwuid(os.getuid()).pw_name)
    assert str(shell.folder / "state") in unit["ReadWritePaths"].split()
    assert (unit["KillSignal"], set(unit["RestartPreventExitStatus"].split())) == ("SIGINT", {"2", "6", "7"})
    assert told(shell) == [
        "systemctl daemon-reload",
        "systemctl enable station.service",
        "systemctl restart station.service",
    ]


def test_the_files_and_sounds_that_others_are_told_by_are_let_out_of_it(shell: Shell) -> None:
    (shell.folder / "for others").mkdir()
    (shell.folder / "mes").mkdir()
    tables = f"""
[andon.log]
file = "{shell.folder}/for others/station.jsonl"
[andon.horn]
sound = ["aplay", "-q", "/etc/station/horn.wav"]
[outbox.mes]
file = "{shell.folder}/mes/visits.jsonl"
"""
    shell.config.write_text(shell.config.read_text() + tables)
    unit = service(shell, "install", "--print").out
    writable = parsed(unit)["Service"]["ReadWritePaths"]
    assert f'"{shell.folder}/for others"' in writable
    assert f"{shell.folder}/mes" in writable.split()
    assert "DeviceAllow=char-alsa rw\n" in unit


def test_one_that_is_installed_before_the_ledger_was_ever_opened_may_write_its_witness(tmp_path: Path) -> None:
    """Where home is read-only it could not make the folder itself, and each board would end in E328."""
    (tmp_path / "bench").mkdir()
    shell = Shell(tmp_path / "bench")
    shell.environment |= {"XDG_STATE_HOME": str(tmp_path / "states")}
    assert shell("init", "--file", str(shell.config), "--state-dir", str(shell.folder / "state")).code == Exit.OK
    writable = parsed(service(shell, "install", "--print").out)["Service"]["ReadWritePaths"].split()
    assert f"{tmp_path}/states/certificate-station/witness" in writable


def test_a_screen_has_the_console_and_no_shell_behind_it(shell: Shell) -> None:
    unit = parsed(service(shell, "install", "--print", "--screen", "/dev/tty1").out)
    found = unit["Service"]
    assert found["ExecStart"].endswith(" run")
    assert found["Restart"] == "always"
    assert {found["StandardInput"], found["StandardOutput"], found["StandardError"]} == {"tty-force", "tty"}
    assert unit["Unit"]["Conflicts"] == f"getty@{Path(found['TTYPath']).name}.service"
    assert not (shell.folder / "units" / "station.service").exists()


@needs_systemd
@pytest.mark.parametrize("more", [(), ("--screen", "tty1")], ids=["headless", "screen"])
def test_systemd_takes_it_and_finds_it_safe(shell: Shell, more: tuple[str, ...]) -> None:
    unit = shell.folder / "station.service"
    text = service(shell, "install", "--print", *more).out
    for said, accepted in ((text, True), (text.replace("KillSignal=", "KilSignal="), False)):
        unit.write_text(said)
        done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
        assert ("station.service" not in done.stderr) is accepted, done.stderr
    unit.write_text(text)
    asked = ["systemd-analyze", "security", "--offline=true", "--threshold=45", str(unit)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:]


@needs_systemd
@given(
    st.text(st.characters(min_codepoint=32, exclude_characters="/\x7f", exclude_categories=["Cs", "Cc"]), min_size=1)
)
def test_a_path_is_read_back_as_it_was_whatever_it_holds(name: str) -> None:
    text = unit_text(Service(program=["/bin/true", f"/x{name}"], user="u", group="g", writable=[]))
    (line,) = [line for line in text.split("\n") if line.startswith("ExecStart=")]
    word = line.removeprefix("ExecStart=/bin/true ").removesuffix(" flash --watch --json")
    if word.startswith('"'):
        word = word[1:-1].replace('\\"', '"').replace("\\\\", "\\").replace("%%", "%").replace("$$", "$")
    assert word == f"/x{name}"


def test_how_it_is_and_its_journal(shell: Shell) -> None:
    done = service(shell, "status", "--json")
    assert (done.code, done.json[0]["service"]["ActiveState"]) == (Exit.OK, "active")
    assert "Other" not in done.json[0]["service"]
    shell.environment["ACTIVE"] = "failed"
    assert service(shell, "status").code == Exit.STATION_FAULT
    assert service(shell, "logs", "--lines", "7", "--follow").code == Exit.OK
    assert told(shell)[-1] == "journalctl --unit station.service --lines 7 --follow"


def test_it_is_taken_away_and_says_what_is_left(shell: Shell) -> None:
    service(shell, "install")
    done = service(shell, "remove")
    assert (done.code, list((shell.folder / "units").iterdir())) == (Exit.OK, [])
    assert str(shell.folder / "state") in done.err
    assert "systemctl disable --now station.service" in told(shell)
    assert "there is none" in service(shell, "remove").err


def test_what_systemd_refuses_is_said(shell: Shell) -> None:
    shell.environment["FAILS"] = "restart"
    done = service(shell, "install")
    assert (done.code, "systemctl restart" in done.err) == (Exit.STATION_FAULT, True)


@pytest.mark.parametrize("wrong", ["ttyUSB0", "tty", "tty1; reboot", "tty1\nUser=root"])
def test_what_is_no_console_is_no_screen(shell: Shell, wrong: str) -> None:
    refused = service(shell, "install", "--print", "--screen", wrong)
    assert (refused.code, refused.out) == (Exit.USAGE, "")
    assert "e.g. --screen tty1" in refused.err


def test_boards_that_are_scanned_need_a_screen(shell: Shell) -> None:
    shell.write_profile(scan_label=True)
    shell.environment["STATION_BENCH_PROFILE"] = "cam"
    assert service(shell, "install", "--print").code == Exit.USAGE
    assert service(shell, "install", "--print", "--screen", "tty1").code == Exit.OK


def test_without_a_bench_there_is_nothing_to_start(tmp_path: Path) -> None:
    done = Shell(tmp_path)("service", "install", "--print")
    assert (done.code, "E111" in done.err) == (Exit.USAGE, True)


def test_a_dry_run_says_the_steps_and_takes_none(shell: Shell) -> None:
    tried = service(shell, "install", "--dry-run")
    steps = ["systemctl daemon-reload", "systemctl enable station.service", "systemctl restart station.service"]
    unit = shell.folder / "units" / "station.service"
    assert [line.removeprefix("would: ") for line in tried.err.splitlines()[1:-1]] == [f"write {unit}", *steps]
    assert (tried.code, unit.exists(), (shell.folder / "bin" / "told").exists()) == (Exit.OK, False, False)
