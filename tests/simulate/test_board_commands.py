# SPDX-License-Identifier: GPL-3.0-or-later
"""`station simulate board|console|esp`: boards that a newcomer plugs in, and what they refuse to be."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.cli import cli, simulate
from station.errors import ConfigError
from station.model import Port
from station.profiles import shipped
from station.profiles.profile import parse_profile
from station.simulate.console import DIALECTS, ConsoleBoard, usual_uid
from station.simulate.esp import Partition, read_partitions
from station.simulate.whose import claim
from station.targets import check_options, get_target
from station.targets.esp.partition import parse_table
from tests.started import start
from tests.waiting import PATIENCE_S

TABLE = """\
# Name,   Type, SubType, Offset,  Size, Flags
nvs,      data, nvs,     ,        0x6000,
phy_init, data, phy,     ,        4K,
factory,  app,  factory, ,        1M,
fctry,    data, nvs,     0x210000, 24K,
nvs_key,  data, nvs_keys, ,       0x1000, encrypted
storage,  data, 0x40,    ,        64K
"""


@contextmanager
def simulated(folder: Path, *arguments: str) -> Iterator[str]:
    """Its first line, once it is plugged in."""
    command = [sys.executable, "-m", "station", "simulate", *arguments]
    with start(command, cwd=folder) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        try:
            yield line or program.communicate()[1]
        finally:
            program.terminate()


def test_a_table_of_esp_idf_is_read_as_esp_idf_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "partitions.csv"
    path.write_text(TABLE)
    found = read_partitions(path)
    assert [(one.name, one.offset, one.size) for one in found] == [
        ("nvs", 0x9000, 0x6000),
        ("phy_init", 0xF000, 0x1000),
        ("factory", 0x10000, 0x100000),
        ("fctry", 0x210000, 0x6000),
        ("nvs_key", 0x216000, 0x1000),
        ("storage", 0x217000, 0x10000),
    ]
    assert found[4] == Partition(name="nvs_key", subtype="nvs_keys", offset=0x216000, size=0x1000, encrypted=True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fctry, data, nvs", "are needed"),
        ("fctry, disk, nvs, , 4K", "type 'disk'"),
        ("fctry, data, attic, , 4K", "subtype 'attic'"),
        ("fctry, data, nvs, 0x210010, 4K", "no multiple of 0x1000"),
        ("fctry, data, nvs, , lots", "line 1"),
        ("a-name-of-16-byte, data, nvs, , 4K", "longer than 15"),
        ("# nothing", "has no partition"),
    ],
)
def test_what_cannot_be_a_table_is_said(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "partitions.csv"
    path.write_text(line + "\n")
    with pytest.raises(ValueError, match=said):
        read_partitions(path)


def test_an_esp_board_takes_a_table_and_stays_the_board_it_was(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(TABLE)
    with simulated(tmp_path, "esp", "--partitions", "mine.csv") as said:
        assert "ttyESP" in said
    table, _ = parse_table((tmp_path / "ttyESP.flash").read_bytes()[0x8000:0x8C00])
    assert ("fctry", 0x210000) in [(one.name, one.offset) for one in table]
    with simulated(tmp_path, "esp", "--mac", "5a0000000002") as said:
        assert "ttyESP.flash belongs to esp32c3 5a0000000001" in said.replace("\n", " ")
    with simulated(tmp_path, "esp", "--mac", "5a0000000002", "--flash", "second.flash") as said:
        assert "second.flash" in said
    with simulated(tmp_path, "esp") as said:
        assert "ttyESP" in said


@pytest.mark.parametrize(
    ("kind", "storage"), [(("board",), "ttyBOARD.flash"), (("console", "zephyr-settings"), "ttyCONSOLE.json")]
)
def test_a_new_uid_on_an_old_storage_file_is_refused(kind: tuple[str, ...], storage: str, tmp_path: Path) -> None:
    with simulated(tmp_path, *kind) as said:
        assert " is at " in said
    if not (tmp_path / storage).exists():  # a console that has stored nothing yet
        (tmp_path / storage).write_text("{}")
    with simulated(tmp_path, *kind, "--uid", "5a00000000000077") as said:
        assert "belongs to" in said
    with simulated(tmp_path, *kind) as said:
        assert " is at " in said


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("board", signal.SIGTERM),
        ("board", signal.SIGINT),
        ("board", signal.SIGHUP),
        ("board --count 2", signal.SIGTERM),
        ("console esp-at-sysmfg", signal.SIGTERM),
        ("esp", signal.SIGTERM),
        ("printer --port 0", signal.SIGTERM),
        ("cloud", signal.SIGHUP),
    ],
)
def test_no_thread_of_a_simulator_takes_the_signal_that_ends_it(kind: str, end: signal.Signals, tmp_path: Path) -> None:
    """One that came between the line and the wait for it would be waited for in vain."""
    with start([sys.executable, "-m", "station", "simulate", *kind.split()], cwd=tmp_path) as program:
        assert program.stdout is not None
        assert program.stdout.readline()
        first, *others = sorted(Path(f"/proc/{program.pid}/task").iterdir(), key=lambda task: int(task.name))
        assert first.name == str(program.pid)
        assert others
        assert all(_blocked(task) >> (end - 1) & 1 for task in others)
        program.send_signal(end)
        assert program.wait(PATIENCE_S) == 0


def test_the_end_of_a_terminal_ends_no_simulator_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert simulate._ends() == {signal.SIGINT, signal.SIGTERM}
    finally:
        signal.signal(signal.SIGHUP, before)


def _blocked(task: Path) -> int:
    """Signals that wait for another thread, as bits."""
    lines = (task / "status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("SigBlk"))


def test_a_file_from_before_the_notes_is_taken_over(tmp_path: Path) -> None:
    old = tmp_path / "old.flash"
    old.write_bytes(b"\xff")
    claim(old, "agent board 1")
    claim(old, "agent board 1")
    with pytest.raises(ValueError, match="belongs to agent board 1, not to agent board 2"):
        claim(old, "agent board 2")
    old.unlink()  # a new file is a new board
    claim(old, "agent board 2")


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_the_usual_uid_of_a_console_is_one_that_its_profile_can_use(dialect: str, tmp_path: Path) -> None:
    profile = parse_profile(dict(shipped.table_of(dialect)), check_options, source=dialect)
    uid = usual_uid(dialect)
    with ConsoleBoard(dialect, uid=uid, store=tmp_path / "store.json", link=tmp_path / "tty") as board:
        label = "A1B2C3D4" if profile.scan_label else None
        session = get_target("console").open(Port(url=board.url, slot="1"), profile, label=label)
        try:
            assert session.identify().uid == (label or uid).lower()
        finally:
            session.close()


def test_a_port_in_a_folder_that_is_not_there_is_refused_with_what_makes_it(tmp_path: Path) -> None:
    for board, option in (("board", "--link"), ("esp", "--link"), ("board", "--store"), ("esp", "--flash")):
        with pytest.raises(ConfigError) as refused:
            cli(["simulate", board, option, str(tmp_path / "none" / "tty")], standalone_mode=False, obj=[])
        assert refused.value.do == f"run: mkdir -p {tmp_path / 'none'}"
