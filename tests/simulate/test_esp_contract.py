# SPDX-License-Identifier: GPL-3.0-or-later
"""What esptool can do with somebody else's simulated board it can do with ours, and with the same outcome.

The other one, esp32-mock-bootloader, came from the same documents by another hand. It does no more than this page: one
fixed MAC per chip, no NOR flash, no fuses, no time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from station.simulate.esp import BoardSpec, EspBoard

cmds = pytest.importorskip("esptool.cmds")

IMAGE = os.urandom(700).ljust(0x5000, b"\xff")


@pytest.fixture(params=["ours", "theirs"])
def url(request: pytest.FixtureRequest, chip: str) -> Iterator[str]:
    if request.param == "ours":
        with EspBoard(BoardSpec(chip=chip, mac="24:0a:c4:11:22:33")) as board:
            yield board.url
        return
    pytest.importorskip("esp32_mock_bootloader", reason="the dev extra is not installed")
    command = [sys.executable, "-m", "esp32_mock_bootloader.cli", "run", "--pty", "--chip", chip]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        yield program.stdout.readline().strip()
        program.terminate()


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32s3"])
def test_a_session_of_esptool(url: str, chip: str, stub: bool) -> None:
    with cmds.detect_chip(url, connect_mode="no-reset") as loader:
        assert loader.CHIP_NAME.replace("-", "").lower() == chip
        mac = loader.read_mac("BASE_MAC")
        assert any(mac)
        esp = cmds.run_stub(loader) if stub else loader
        esp.WRITE_FLASH_ATTEMPTS = 1
        esp.change_baud(460800)
        cmds.attach_flash(esp)
        assert cmds.detect_flash_size(esp) == "4MB"
        cmds.write_flash(esp, [(0x9000, IMAGE)], compress=True, no_progress=True)
        assert cmds.read_flash(esp, 0x9000, 0x300, no_progress=True) == IMAGE[:0x300]
        cmds.verify_flash(esp, [(0x9000, IMAGE)])
        if stub:  # theirs does not erase when the ROM begins a download
            cmds.erase_region(esp, 0x9000, 0x1000)
            assert cmds.read_flash(esp, 0x9000, 0x40, no_progress=True) == b"\xff" * 0x40
        assert esp.read_mac("BASE_MAC") == mac
