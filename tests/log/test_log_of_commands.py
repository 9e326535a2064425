# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands in the log: what a run did, under the id that events, history and audit have too; and a log that cannot be
written, which stops nothing.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from station.codes import Code, Exit
from station.config.settings import load
from station.doctor import Level, folders
from station.log import log
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from station.targets.slots import slot_of_port
from tests.cli.cli_shell import Done, Shell
from tests.forked import run
from tests.log.logs import config_of, files, lines

LINE = re.compile(
    r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 (debug|info|warning|error) +[a-z]+ +(-|[0-9a-f]{16}) +\S.*"
)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    made.begin()
    made.write_profile()
    made.stock_up("cam1", "cam2")
    return made


def ask_for_a_log(shell: Shell, **settings: object) -> None:
    with shell.config.open("a") as file:
        file.write("\n[log]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))


def flash(shell: Shell, board: str, *more: str) -> Done:
    with SimulatedAgentBoard(board, shell.folder / board, shell.folder / "tty"):
        return shell("flash", "--profile", "cam", "--port", str(shell.folder / "tty"), *more)


def test_a_visit_is_found_by_its_id_in_events_log_history_and_audit(shell: Shell, tmp_path: Path) -> None:
    ask_for_a_log(shell, file="station.log")
    stay, _ = flash(shell, "ab01", "--events", "results").json
    visit = str(stay["visit"])
    told = lines(tmp_path / "state")
    assert all(LINE.fullmatch(line) for line in told), told
    ours = [line.split(visit, 1)[1].strip() for line in told if visit in line]
    steps = ["identify", "reserve", "write", "verify", "restart", "verify-again", "consume", "PASS after"]
    slot = f"slot {slot_of_port(str(shell.folder / 'tty')).name}: "
    assert [line.partition(slot)[2][: len(step)] for line, step in zip(ours[1:], steps, strict=True)] == steps
    assert ours[-1].endswith("board ab01, a1Cam/cam1 attempt 1")
    assert sum(" flash begins: station " in line for line in told) == 1
    assert told[-1].endswith("ended with exit code 0")
    shown, past = shell("show", "cam1"), shell("history", "cam1")
    assert (shown.out.count(f"visit {visit}"), past.out.count(f"visit: {visit}")) == (3, 4)
    log = [line for line in shell("audit", "log", "--json").json if line["detail"].get("visit") == visit]
    assert [line["event"] for line in log] == ["reserved", "writing", "consumed", "visit"]


def test_who_only_reads_leaves_nothing_in_it_but_what_failed(shell: Shell, tmp_path: Path) -> None:
    ask_for_a_log(shell, file="station.log")
    for command in (["status"], ["certs"], ["show", "cam1"], ["config", "show"]):
        assert shell(*command).code == 0
    assert files(tmp_path / "state") == []
    assert shell("show", "nothing").code == Exit.USAGE
    begun, _, failed, ended = lines(tmp_path / "state")
    assert ("show begins" in begun, "E116 the ledger knows nothing of nothing" in failed) == (True, True)
    assert ended.endswith("exit code 2")


@pytest.mark.parametrize("path", ["none/station.log", "/proc/station.log", "/dev/full"])
def test_a_log_that_cannot_be_written_stops_no_slot_and_is_said_once(shell: Shell, tmp_path: Path, path: str) -> None:
    ask_for_a_log(shell, file=path)
    done = flash(shell, "ab01", "--json")
    assert done.code == Exit.OK
    assert read_identity(tmp_path / "ab01")
    (notice,) = [event for event in done.json if event["event"] == "notice"]
    assert (notice["code"], notice["serious"]) == ("E332", False)
    assert str(notice["what"]).startswith(f"the log {tmp_path / 'state' / path} cannot be written: ")
    assert "E332" not in done.err


def test_a_command_without_notices_says_it_at_its_end(shell: Shell, tmp_path: Path) -> None:
    ask_for_a_log(shell, file=str(tmp_path / "none" / "station.log"))
    done = shell("pull", "77")
    assert done.code == Exit.USAGE
    assert 0 <= done.err.index("E113") < done.err.index("E332")
    assert done.err.count("E332") == 1


def test_settings_are_said_without_what_an_address_may_hold(shell: Shell, tmp_path: Path) -> None:
    ask_for_a_log(shell, file="station.log")
    with shell.config.open("a") as file:
        file.write('[mes]\nask = "https://anna:secret@mes.example/begin?token=T0K3N"\n')
    flash(shell, "ab01")
    settings = next(line for line in lines(tmp_path / "state") if " settings of " in line)
    assert "mes.ask=https://mes.example/…" in settings
    assert not re.search("anna|secret@|begin[?]|T0K3N", "\n".join(lines(tmp_path / "state")))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://anna:s3cr?et@h/d", "postgresql://…"),
        ("postgresql://anna:s3/cret@h/d", "postgresql://…"),
        ("postgresql://anna@h:5432/line", "postgresql://h:5432/line"),
        ("https://h/hooks/T0K3N", "https://h/…"),
        ("https://h/hooks/T0@K3N", "https://…"),
        ("https://h/#T0K3N", "https://h/"),
        ("https://h:8443", "https://h:8443"),
    ],
)
def test_what_may_be_a_secret_in_an_address_is_not_in_the_log(tmp_path: Path, address: str, shown: str) -> None:
    key = "mes.ask" if address.startswith("https:") else "ledger.url"
    flags = {key: address, "bench.state_dir": str(tmp_path), "log.file": "station.log"}
    log.begin(load(None, flags, {"STATION_CONFIG": ""}), "test")
    log.end(lambda fault: pytest.fail(fault.what))
    settings = next(line for line in lines(tmp_path) if " settings of " in line)
    assert f" {key}={shown} " in f"{settings} "


def test_no_path_of_a_receiver_that_is_not_reached_is_in_the_log_or_said(shell: Shell, tmp_path: Path) -> None:
    ask_for_a_log(shell, file="station.log", level="debug")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = f"http://127.0.0.1:{gone.getsockname()[1]}/hooks/T0K3N0FTHEH00K"
    with shell.config.open("a") as file:
        file.write(f'[mes]\nask = "{nobody}"\nsilence = "allow"\n[andon.lamp]\npost = "{nobody}"\n')
        file.write(f'[outbox.mes]\npost = "{nobody}"\n')
    done = flash(shell, "ab01", "--json")
    tried = shell("andon", "try"), shell("outbox", "send"), shell("outbox", "list"), shell("doctor")
    assert done.code == Exit.OK, done
    assert sum(event["event"] == "notice" for event in done.json) > 1, done.json
    assert "cannot be reached" in "".join(one.out + one.err for one in tried) + done.out
    said = "\n".join([*lines(tmp_path / "state"), done.out, done.err, *(one.out + one.err for one in tried)])
    assert "T0K3N" not in said, next(line for line in said.splitlines() if "T0K3N" in line)


AT_MOST = """import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))
sys.argv = {1!r}
from station.cli import main
main()
"""


def test_a_disk_that_takes_no_more_of_the_log_stops_no_board_and_is_said(shell: Shell, tmp_path: Path) -> None:
    """The system's own limit of a file, which takes a part of a line and then nothing, as a full disk does."""
    ask_for_a_log(shell, file="station.log", level="debug")
    log_file, most = tmp_path / "state" / "station.log", 4 << 20
    log_file.touch(0o600)
    os.truncate(log_file, most - 300)
    with SimulatedAgentBoard("ab01", tmp_path / "ab01", tmp_path / "tty"):
        command = ["station", "--config", str(shell.config), "flash", "--profile", "cam"]
        program = AT_MOST.format(most, [*command, "--port", str(tmp_path / "tty"), "--json"])
        done = run([sys.executable, "-c", program], env=shell.environment)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, events[-1]["passed"]) == (Exit.OK, 1), done
    assert read_identity(tmp_path / "ab01")
    (notice,) = [event for event in events if event["event"] == "notice"]
    assert (notice["code"], log_file.stat().st_size) == ("E332", most)
    assert str(notice["what"]) == f"the log {log_file} cannot be written: {os.strerror(errno.ENOSPC)}"


@pytest.mark.parametrize(
    ("file", "free_mib", "found"),
    [
        ("station.log", 60, []),
        ("station.log", 59, ["has 59 MiB free, and the log may want 60 more"]),
        ("none/station.log", 999, ["cannot be written"]),
        ("/dev/full", 999, ["/dev/full is no plain file"]),
    ],
)
def test_the_doctor_looks_whether_it_can_be_written_and_has_room_for_all_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, free_mib: int, found: list[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free_mib << 20))
    said = list(folders.log(config_of(tmp_path, file=file)))
    assert len(said) == len(found)
    for finding, text in zip(said, found, strict=True):
        assert (finding.level, finding.code, text in finding.what) == (Level.WARNING, Code.E332, True)
