# SPDX-License-Identifier: GPL-3.0-or-later
"""Real esptool writes a simulated board over a pseudo-terminal, with the stub and with the bare ROM."""

from __future__ import annotations

import os
from typing import Any

import pytest

from station.simulate.esp import CHIPS, DEFAULT_PARTITIONS, BoardSpec, EspBoard, partition_table

esptool_cmds = pytest.importorskip("esptool.cmds")

MAC = "24:0a:c4:11:22:33"
OFFSET = 0x110000
IMAGE = os.urandom(600).ljust(0x6000, b"\xff")


def session(board: EspBoard, *, stub: bool, baud: int | None = None) -> Any:
    esp = esptool_cmds.detect_chip(board.url, connect_mode="no-reset", connect_attempts=1)
    esp = esptool_cmds.run_stub(esp) if stub else esp
    esp.WRITE_FLASH_ATTEMPTS = 1
    if baud:
        esp.change_baud(baud)
    esptool_cmds.attach_flash(esp)
    return esp


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
@pytest.mark.parametrize("chip", [name for name in CHIPS if name != "esp8266"])
def test_esptool_writes_and_reads_back_every_chip(chip: str, stub: bool) -> None:
    with (
        EspBoard(BoardSpec(chip=chip, mac=MAC, partitions=DEFAULT_PARTITIONS)) as board,
        session(board, stub=stub, baud=460800) as esp,
    ):
        assert esp.CHIP_NAME.replace("-", "").lower() == chip
        assert bytes(esp.read_mac("BASE_MAC")).hex(":") == MAC
        assert esp.get_chip_revision() == CHIPS[chip].revision
        assert esptool_cmds.detect_flash_size(esp) == "4MB"
        esptool_cmds.write_flash(esp, [(OFFSET, IMAGE)], compress=stub, no_compress=not stub, no_progress=True)
        assert board.flash_bytes(OFFSET, len(IMAGE)) == IMAGE
        assert board.flash_bytes(OFFSET + len(IMAGE), 64) == b"\xff" * 64
        assert esptool_cmds.read_flash(esp, OFFSET, 0x160, no_progress=True) == IMAGE[:0x160]
        assert board.flash_bytes(0x8000, 0xC00) == partition_table(DEFAULT_PARTITIONS)
        assert board.stats.stub_starts == stub
