# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards with security fuses burnt: what esptool can still do with them, and what it cannot."""

from __future__ import annotations

import os
from typing import Any

import pytest

from station.simulate.esp import CHIPS, BoardSpec, Command, Download, EspBoard, FlashEncryption, Running, SecurityFuses
from tests.waiting import until

cmds = pytest.importorskip("esptool.cmds")
from esptool.util import FatalError, UnsupportedCommandError  # noqa: E402

MAC = "24:0a:c4:11:22:33"
IMAGE = os.urandom(400).ljust(0x3000, b"\xff")


def connect(board: EspBoard) -> Any:
    return cmds.detect_chip(board.url, connect_mode="no-reset", connect_attempts=1)


@pytest.mark.parametrize("chip", [name for name, chip in CHIPS.items() if chip.secure_download])
def test_secure_download_mode_takes_writes_and_tells_nothing(chip: str) -> None:
    security = SecurityFuses(download=Download.SECURE)
    with EspBoard(BoardSpec(chip=chip, mac=MAC, security=security)) as board, connect(board) as esp:
        assert esp.secure_download_mode
        assert esp.CHIP_NAME.replace("-", "").lower() == chip
        assert cmds.run_stub(esp) is esp
        cmds.attach_flash(esp)
        cmds.write_flash(esp, [(0x10000, IMAGE)], flash_size="4MB", no_compress=True, no_progress=True, force=True)
        assert board.flash_bytes(0x10000, len(IMAGE)) == IMAGE
        with pytest.raises(UnsupportedCommandError):
            esp.flash_defl_begin(0x1000, 100, 0x10000)
        with pytest.raises(UnsupportedCommandError):
            esp.read_mac("BASE_MAC")


def test_download_disabled_never_answers() -> None:
    with EspBoard(BoardSpec(chip="esp32", mac=MAC, security=SecurityFuses(download=Download.DISABLED))) as board:
        with pytest.raises(FatalError, match="No serial data received"):
            connect(board)
        assert board.running is Running.FIRMWARE


def test_secure_boot_keeps_the_stub_off_an_esp32c3_and_leaves_the_rom() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32c3", mac=MAC, security=SecurityFuses(secure_boot=True))) as board,
        connect(board) as esp,
    ):
        assert cmds.run_stub(esp) is esp
        esp._port.timeout = 0.3  # esptool itself would wait for the greeting without end
        with pytest.raises(FatalError, match="Failed to start stub"):
            esp.run_stub()
        assert board.stats.stub_starts == 0


def test_secure_boot_on_an_esp32s3_lets_the_stub_in_through_the_roms_read_function() -> None:
    with (
        EspBoard(BoardSpec(chip="esp32s3", mac=MAC, security=SecurityFuses(secure_boot=True))) as board,
        connect(board) as esp,
    ):
        stub = cmds.run_stub(esp)
        assert stub.IS_STUB
        assert board.running is Running.STUB


def test_early_esp32c2_runs_no_stub() -> None:
    with EspBoard(BoardSpec(chip="esp32c2", mac=MAC, revision=0, accepts_stub=False)) as board, connect(board) as esp:
        assert cmds.run_stub(esp) is esp
        assert not esp.IS_STUB


def test_a_rom_that_lacks_a_command_says_so_after_every_reset() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, lacks=[Command.FLASH_DEFL_BEGIN])) as board:
        for _ in range(2):
            with connect(board) as esp:
                esp.flash_spi_attach(0)
                with pytest.raises(UnsupportedCommandError):
                    esp.flash_defl_begin(0x1000, 100, 0x10000)
                esp.flash_begin(0x1000, 0x10000)


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
def test_encryption_in_development_encrypts_on_request_only(chip: str) -> None:
    security = SecurityFuses(encryption=FlashEncryption.DEVELOPMENT)
    with EspBoard(BoardSpec(chip=chip, mac=MAC, security=security)) as board, connect(board) as loader:
        assert loader.get_flash_encryption_enabled()
        esp = cmds.run_stub(loader)
        cmds.write_flash(esp, [(0x10000, IMAGE)], encrypt=True, no_progress=True)
        stored = board.flash_bytes(0x10000, len(IMAGE))
        assert stored != IMAGE
        assert board.silicon.cipher(0x10000, stored) == IMAGE
        cmds.write_flash(esp, [(0x10000, IMAGE)], no_progress=True)
        assert board.flash_bytes(0x10000, len(IMAGE)) == IMAGE


@pytest.mark.parametrize("chip", ["esp32", "esp32c3", "esp32c2"])
def test_encryption_in_release_refuses_plaintext_unless_forced(chip: str) -> None:
    security = SecurityFuses(encryption=FlashEncryption.RELEASE)
    with EspBoard(BoardSpec(chip=chip, mac=MAC, security=security)) as board, connect(board) as loader:
        esp = cmds.run_stub(loader)
        with pytest.raises(FatalError, match="manual encrypt disabled"):
            cmds.write_flash(esp, [(0x10000, IMAGE)], no_progress=True)
        with pytest.raises(FatalError, match="Production mode"):
            cmds.write_flash(esp, [(0x10000, IMAGE)], encrypt=True, no_progress=True)
        assert board.stats.programmed_bytes == 0
        cmds.write_flash(esp, [(0x10000, IMAGE)], force=True, no_progress=True)
        assert board.flash_bytes(0x10000, len(IMAGE)) == IMAGE


def test_the_rom_reaches_no_flash_before_attach_and_only_2_mb_before_it_is_told_more() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC)) as board, connect(board) as esp:
        with pytest.raises(FatalError):
            esp.flash_md5sum(0x9000, 16)
        esp.flash_spi_attach(0)
        assert esp.flash_md5sum(0x9000, 16)
        with pytest.raises(FatalError):
            esp.flash_begin(0x1000, 0x210000)
        esp.flash_set_parameters(4 << 20)
        esp.flash_begin(0x1000, 0x210000)


def test_firmware_runs_after_a_boot_and_a_host_that_comes_back_finds_the_loader() -> None:
    with EspBoard(BoardSpec(chip="esp32", mac=MAC)) as board:
        board.boot_firmware()
        with pytest.raises(FatalError):
            connect(board)
        board.enter_download()
        with connect(board) as esp:
            esp.flash_spi_attach(0)
            esp.soft_reset(stay_in_bootloader=False)
            until(lambda: board.running is Running.FIRMWARE)
        until(lambda: board.running is Running.ROM)


def test_watchdog_reset_ends_the_stub() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC)) as board, connect(board) as esp:
        stub = cmds.run_stub(esp)
        stub.watchdog_reset()
        assert board.running is Running.ROM
