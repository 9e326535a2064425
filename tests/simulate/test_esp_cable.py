# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults happen at the byte they were asked for, and no earlier or later."""

from __future__ import annotations

import functools
import operator
import random
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.simulate.esp import BoardSpec, CableTrouble, EspBoard, Fault, Toward
from station.simulate.esp.faults import Faults
from tests.waiting import until

serial = pytest.importorskip("serial")
cmds = pytest.importorskip("esptool.cmds")
from esptool.util import FatalError  # noqa: E402

IMAGE = random.Random(5).randbytes(3000).ljust(0x3000, b"\xff")
"""The same at each run: one flipped bit in 256 would make a frame's end of a byte, and another fault of it."""
DATA = bytes(range(200))


@given(
    st.sampled_from([CableTrouble.DROP, CableTrouble.FLIP, CableTrouble.SILENCE]),
    st.integers(0, 199),
    st.lists(st.integers(1, 60)),
)
def test_a_fault_touches_one_byte_however_the_stream_is_cut(kind: CableTrouble, at: int, cuts: list[int]) -> None:
    faults = Faults([Fault(trouble=kind, toward=Toward.STATION, at=at)])
    got, place = b"", 0
    for size in [*cuts, len(DATA)]:
        piece, happened, _ = faults.pass_on(Toward.STATION, DATA[place : place + size])
        assert happened is None
        got, place = got + piece, place + size
    expected = {
        CableTrouble.DROP: DATA[:at] + DATA[at + 1 :],
        CableTrouble.FLIP: DATA[:at] + bytes((DATA[at] ^ 0x10,)) + DATA[at + 1 :],
        CableTrouble.SILENCE: DATA[:at],
    }
    assert got == expected[kind]
    assert faults.count(Toward.STATION) == len(DATA)
    assert faults.count(Toward.BOARD) == 0


@pytest.fixture
def boards(tmp_path: Path) -> Iterator[tuple[EspBoard, EspBoard]]:
    board = EspBoard(BoardSpec(chip="esp32c3", mac="24:0a:c4:00:00:01", link=tmp_path / "ttyBOARD"))
    other = EspBoard(BoardSpec(chip="esp32c3", mac="24:0a:c4:00:00:02"))
    yield board.start(), other
    board.stop()
    other.stop()


def connect(board: EspBoard) -> Any:
    esp = cmds.detect_chip(board.url, connect_mode="no-reset", connect_attempts=1)
    esp.WRITE_FLASH_ATTEMPTS = 1
    return esp


def fault(board: EspBoard, kind: CableTrouble, direction: Toward, after: int, other: EspBoard | None = None) -> None:
    stats = board.stats
    now = stats.to_board_bytes if direction is Toward.BOARD else stats.to_host_bytes
    board.inject(Fault(trouble=kind, toward=direction, at=now + after, other=other))


def test_a_flipped_block_is_refused_by_its_checksum_and_sent_again(boards: tuple[EspBoard, EspBoard]) -> None:
    board, _ = boards
    with connect(board) as loader:
        esp = cmds.run_stub(loader)
        esp.flash_begin(len(IMAGE), 0x10000)
        fault(board, CableTrouble.FLIP, Toward.BOARD, 700)
        esp.flash_block(IMAGE.ljust(0x4000, b"\xff"), 0)
        esp.flash_finish()
        assert board.stats.commands["FLASH_DATA"] == 2
        assert board.flash_bytes(0x10000, len(IMAGE)) == IMAGE


def test_silence_leaves_the_host_without_an_answer_until_the_board_is_plugged_again(
    boards: tuple[EspBoard, EspBoard],
) -> None:
    board, _ = boards
    with connect(board) as esp:
        fault(board, CableTrouble.SILENCE, Toward.STATION, 5)
        with pytest.raises(FatalError):
            esp.read_reg(0x40001000, timeout=0.2)
    board.unplug()
    board.plug()
    connect(board)._port.close()


def test_vanishing_takes_the_port_away_and_nothing_more_is_written(boards: tuple[EspBoard, EspBoard]) -> None:
    board, _ = boards
    with connect(board) as loader:
        esp = cmds.run_stub(loader)
        esp.flash_begin(len(IMAGE), 0x10000)
        fault(board, CableTrouble.UNPLUG, Toward.BOARD, 1000)
        with pytest.raises((serial.SerialException, OSError)):
            esp.flash_block(IMAGE.ljust(0x4000, b"\xff"), 0)
    assert not Path(board.url).is_symlink()
    assert board.flash_bytes(0x10000, len(IMAGE)) == b"\xff" * len(IMAGE)


def test_a_blocked_read_ends_when_the_board_is_unplugged(boards: tuple[EspBoard, EspBoard]) -> None:
    board, _ = boards
    with serial.Serial(board.url, timeout=30) as port:
        unplug = threading.Timer(0.1, board.unplug)
        unplug.start()
        with pytest.raises((serial.SerialException, OSError)):
            port.read(1)
        unplug.join()


def test_another_board_under_the_same_name_when_the_host_opens_it_again(boards: tuple[EspBoard, EspBoard]) -> None:
    """esptool's own default, two attempts, then writes the second board and reports success."""
    board, other = boards
    esp = connect(board)
    esp = cmds.run_stub(esp)
    esp.WRITE_FLASH_ATTEMPTS = 2
    fault(board, CableTrouble.UNPLUG, Toward.BOARD, 1500, other)
    cmds.write_flash(esp, [(0x10000, IMAGE)], no_progress=True)
    esp._port.close()
    assert other.flash_bytes(0x10000, len(IMAGE)) == IMAGE
    assert board.flash_bytes(0x10000, len(IMAGE)) == b"\xff" * len(IMAGE)
    assert other.stats.stub_starts == 1


def test_a_swapped_board_answers_in_the_other_ones_place(boards: tuple[EspBoard, EspBoard]) -> None:
    board, other = boards
    with connect(board) as esp:
        assert bytes(esp.read_mac("BASE_MAC"))[-1] == 1
        fault(board, CableTrouble.SWAP, Toward.BOARD, 0, other)
        assert bytes(esp.read_mac("BASE_MAC"))[-1] == 2
        with pytest.raises(FatalError):
            esp.flash_md5sum(0x10000, 16)


@pytest.mark.parametrize("kind", [CableTrouble.SWAP, CableTrouble.UNPLUG])
def test_a_board_taken_off_while_the_stub_answers_writes_no_more(
    kind: CableTrouble, boards: tuple[EspBoard, EspBoard]
) -> None:
    board, other = boards
    with connect(board) as loader:
        esp = cmds.run_stub(loader)
        esp.flash_begin(len(IMAGE), 0x10000)
        fault(board, kind, Toward.STATION, 3, other)
        with pytest.raises((FatalError, OSError)):
            esp.check_command("write", 0x03, *block(IMAGE[:0x1000]), timeout=0.2)
    board.unplug()
    assert board.flash_bytes(0x10000, 0x1000) == b"\xff" * 0x1000
    assert other.flash_bytes(0x10000, 0x1000) == b"\xff" * 0x1000


def block(data: bytes) -> tuple[bytes, int]:
    return struct.pack("<IIII", len(data), 0, 0, 0) + data, functools.reduce(operator.xor, data, 0xEF)


def test_a_host_at_the_wrong_rate_hears_noise(boards: tuple[EspBoard, EspBoard]) -> None:
    board, _ = boards
    with connect(board) as esp:
        esp.change_baud(921600)
        esp.read_reg(0x40001000)
        esp._port.baudrate = 460800
        with pytest.raises(FatalError):
            esp.read_reg(0x40001000, timeout=0.2)
        esp._port.baudrate = 921600
        esp.flush_input()
        esp.read_reg(0x40001000)
    until(lambda: board.silicon.baud == 115200)
