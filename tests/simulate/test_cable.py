# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault cable does to a line what it says, where it says, and nothing else."""

from __future__ import annotations

import os
import select
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from station.simulate.cable import Cable, CableFault, CableTrouble, Toward

BOARD, STATION = Toward.BOARD, Toward.STATION


class Board:
    """A bare pty with a stable link: what a cable has at its far end."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.power_on()

    def power_on(self) -> None:
        self.fd, self._other = os.openpty()
        tty.setraw(self._other)
        self.link.symlink_to(os.ttyname(self._other))

    def power_off(self) -> None:
        self.link.unlink()
        os.close(self.fd)
        os.close(self._other)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    board = Board(tmp_path / "ttyBOARD")
    yield board
    board.power_off()


def heard(fd: int, length: int, quiet_s: float = 0.05) -> bytes:
    """`length` bytes, and more if more come within `quiet_s`."""
    data = b""
    while select.select([fd], [], [], 5.0 if len(data) < length else quiet_s)[0]:
        data += os.read(fd, 4096)
    return data


def through(
    board: Board, tmp_path: Path, toward: Toward, lines: list[bytes], length: int, *script: CableFault
) -> bytes:
    """What arrives when `lines` are sent in one direction."""
    with Cable(str(board.link), tmp_path / "ttyCABLE", script) as cable:
        with serial.Serial(cable.url, timeout=0) as station:
            assert station.fd is not None
            ends = (station.fd, board.fd) if toward is BOARD else (board.fd, station.fd)
            for line in lines:
                os.write(ends[0], line)
                time.sleep(0.01)
            arrived = heard(ends[1], length)
        assert cable.struck == list(script)
        return arrived


LINES = [b"one\n", b"two\n", b"three\n"]


@pytest.mark.parametrize("toward", Toward)
@pytest.mark.parametrize(
    ("trouble", "at", "arrives"),
    [
        (CableTrouble.DROP, 1, b"one\nto\nthree\n"),
        (CableTrouble.DROP, 3, b"one\ntwothree\n"),
        (CableTrouble.HALF, 2, b"one\ntwthree\n"),
        (CableTrouble.TWICE, None, b"one\ntwo\ntwo\nthree\n"),
        (CableTrouble.LOSE, None, b"one\nthree\n"),
        (CableTrouble.LATE, None, b"one\ntwo\nthree\n"),
    ],
)
def test_a_scripted_fault_strikes_its_line_alone(
    board: Board, tmp_path: Path, toward: Toward, trouble: CableTrouble, at: int | None, arrives: bytes
) -> None:
    assert through(board, tmp_path, toward, LINES, len(arrives), CableFault(trouble, toward, 2, at)) == arrives


def test_a_flip_turns_one_bit(board: Board, tmp_path: Path) -> None:
    arrived = through(board, tmp_path, BOARD, LINES, 14, CableFault(CableTrouble.FLIP, BOARD, 2, 0))
    assert arrived[:4] == b"one\n" and arrived[5:] == b"wo\nthree\n"
    assert (arrived[4] ^ ord("t")).bit_count() == 1


def test_garbage_comes_before_the_line(board: Board, tmp_path: Path) -> None:
    arrived = through(board, tmp_path, BOARD, LINES, 15, CableFault(CableTrouble.GARBAGE, BOARD, 2))
    assert arrived.startswith(b"one\n") and arrived.endswith(b"two\nthree\n") and len(arrived) > 14


def test_a_late_line_is_late_and_keeps_its_place(board: Board, tmp_path: Path) -> None:
    started = time.monotonic()
    late = CableFault(CableTrouble.LATE, STATION, 1, seconds=0.2)
    assert through(board, tmp_path, STATION, LINES, 14, late) == b"".join(LINES)
    assert time.monotonic() - started >= 0.2


def test_a_hang_swallows_both_directions_and_ends(board: Board, tmp_path: Path) -> None:
    hang = CableFault(CableTrouble.HANG, BOARD, 1, seconds=0.2)
    with Cable(str(board.link), tmp_path / "ttyCABLE", [hang]) as cable, serial.Serial(cable.url, timeout=5) as station:
        station.write(b"one\n")
        time.sleep(0.05)
        os.write(board.fd, b"unheard\n")
        time.sleep(0.4)
        station.write(b"two\n")
        os.write(board.fd, b"heard\n")
        assert heard(board.fd, 4) == b"two\n"
        assert station.read_until() == b"heard\n"


def test_bytes_of_a_sound_line_do_not_wait_for_its_end(board: Board, tmp_path: Path) -> None:
    with Cable(str(board.link), tmp_path / "ttyCABLE") as cable, serial.Serial(cable.url) as station:
        station.write(b"no newline")
        assert heard(board.fd, 10) == b"no newline"


def test_pulling_the_plug_ends_a_blocked_read_and_replugging_gives_the_same_name(board: Board, tmp_path: Path) -> None:
    pull = CableFault(CableTrouble.UNPLUG, BOARD, 1, at=2, seconds=0.1)
    with Cable(str(board.link), tmp_path / "ttyCABLE", [pull]) as cable:
        with serial.Serial(cable.url, timeout=60) as station:
            station.write(b"one\n")
            with pytest.raises(serial.SerialException):
                station.read(1)
        assert heard(board.fd, 2) == b"on"
        while not cable.link.exists():
            time.sleep(0.01)
        with serial.Serial(cable.url) as station:
            station.write(b"two\n")
            assert heard(board.fd, 4) == b"two\n"
        cable.unplug()
        assert not cable.link.is_symlink()
        cable.replug()
        assert cable.link.exists()


def test_swapping_boards_leaves_the_stations_port_alone(board: Board, tmp_path: Path) -> None:
    other = Board(tmp_path / "ttyOTHER")
    swap = CableFault(CableTrouble.SWAP, BOARD, 2, other=str(other.link))
    with Cable(str(board.link), tmp_path / "ttyCABLE", [swap]) as cable, serial.Serial(cable.url, timeout=5) as station:
        for line in LINES:
            station.write(line)
        assert heard(board.fd, 4) == b"one\n"
        assert heard(other.fd, 10) == b"two\nthree\n"
        os.write(other.fd, b"hello\n")
        assert station.read_until() == b"hello\n"
        cable.swap(str(board.link))
        station.write(b"back\n")
        assert heard(board.fd, 5) == b"back\n"
    other.power_off()


def test_a_board_without_power_is_silence_and_is_found_again(board: Board, tmp_path: Path) -> None:
    with Cable(str(board.link), tmp_path / "ttyCABLE") as cable, serial.Serial(cable.url, timeout=0.1) as station:
        board.power_off()
        station.write(b"anyone\n")
        assert station.read_until() == b""
        board.power_on()
        os.write(board.fd, b"here\n")
        station.timeout = 5
        assert station.read_until() == b"here\n"


def test_chance_strikes_about_its_rate_and_the_same_lines_for_the_same_seed(board: Board, tmp_path: Path) -> None:
    runs = []
    for link in ("first", "second"):
        made = Cable(str(board.link), tmp_path / link, rate=0.1, seed=7)
        with made as cable, serial.Serial(cable.url) as station:
            for _ in range(20):
                station.write(b"line\n" * 50)
                heard(board.fd, 1, quiet_s=0.005)
            assert cable.lines(BOARD) == 1000
            runs.append(list(cable.struck))
    assert runs[0] == runs[1]
    assert 60 <= len(runs[0]) <= 140
    assert {fault.trouble for fault in runs[0]} > {CableTrouble.DROP, CableTrouble.FLIP, CableTrouble.LOSE}
