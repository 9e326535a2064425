# SPDX-License-Identifier: GPL-3.0-or-later
"""Paced boards take the time the wire, the adapter and the flash would take; several at once as well.

Never faster; and not slower either in the best of many tries, since the machine may be busy.
"""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from station.simulate.esp import BoardSpec, EspBoard, EspBoardProcess, Stats
from tests.waiting import until

cmds = pytest.importorskip("esptool.cmds")
from esptool.targets import CHIP_DEFS  # noqa: E402

MAC = "24:0a:c4:11:22:33"


def rom(board: EspBoard | EspBoardProcess) -> Any:
    esp = CHIP_DEFS["esp32c3"](board.url, 115200)
    esp.connect("no-reset", 1)
    return esp


def wire_seconds(before: Stats, after: Stats, baud: int) -> float:
    sent = after.to_board_bytes - before.to_board_bytes
    received = after.to_host_bytes - before.to_host_bytes
    return (sent + received) * 10 / baud


@pytest.mark.parametrize("latency_ms", [0.0, 16.0])
@pytest.mark.parametrize("kind", [EspBoard, EspBoardProcess], ids=["thread", "process"])
def test_a_conversation_takes_its_wire_time_and_its_turnarounds(kind: type, latency_ms: float) -> None:
    with kind(BoardSpec(chip="esp32c3", mac=MAC, paced=True, latency_ms=latency_ms)) as board, rom(board) as esp:

        def talk() -> bool:
            before, start = board.stats, time.monotonic()
            for _ in range(20):
                esp.read_reg(0x40001000)
            took, after = time.monotonic() - start, board.stats
            least = wire_seconds(before, after, 115200) + 20 * latency_ms / 1000
            assert least <= took
            return took < 3 * least + 0.1

        until(talk)


def test_a_higher_rate_is_faster_and_erasing_takes_its_time() -> None:
    image = os.urandom(0x1000)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, paced=True, sector_erase_s=0.05)) as board, rom(board) as esp:
        esp.flash_spi_attach(0)
        esp.change_baud(921600)

        def write() -> bool:
            start = time.monotonic()
            esp.flash_begin(0x2000, 0x10000)
            assert time.monotonic() - start >= 0.1
            start = time.monotonic()
            for sequence in range(4):
                esp.flash_block(image[sequence * 0x400 :][:0x400], sequence)
            took = time.monotonic() - start
            assert took >= 4 * 1050 * 10 / 921600
            return took < 4 * 1050 * 10 / 115200

        until(write)
        assert board.flash_bytes(0x10000, 0x1000) == image


def test_the_stub_erases_while_it_writes_and_spares_what_is_blank() -> None:
    image = os.urandom(0x2000)
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, sector_erase_s=0.1)) as board, rom(board) as loader:
        esp = cmds.run_stub(loader)

        def write() -> tuple[float, float]:
            start = time.monotonic()
            esp.flash_begin(len(image), 0x10000)
            esp.flash_block(image.ljust(0x4000, b"\xff"), 0)
            acknowledged = time.monotonic() - start
            esp.flash_finish()
            return acknowledged, time.monotonic() - start

        def is_erased_meanwhile() -> bool:
            before = board.stats.erased_sectors
            acknowledged, finished = write()
            assert board.stats.erased_sectors == before + 2
            assert finished >= 0.2
            return acknowledged < 0.2

        write()
        assert board.stats.erased_sectors == 0
        until(is_erased_meanwhile)
        assert board.flash_bytes(0x10000, 0x2000) == image
