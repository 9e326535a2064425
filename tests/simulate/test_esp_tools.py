# SPDX-License-Identifier: GPL-3.0-or-later
"""Espressif's command-line tools, run as programs, take the simulated board for a board."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from station.simulate.esp import BoardSpec, EspBoard, FlashEncryption, SecurityFuses
from tests import forked
from tests.sampled import sampled

pytest.importorskip("esptool")

MAC = "24:6f:28:ae:c0:24"


def run(tool: str, board: EspBoard, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", tool, "--port", board.url, "--before", "no-reset", *map(str, arguments)]
    return forked.run(command, env={**os.environ, "COLUMNS": "200"})


def esptool(board: EspBoard, *arguments: str | Path) -> str:
    done = run("esptool", board, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


SESSIONS = [("esp32c3", ["--no-stub"]), ("esp32c3", []), ("esp8266", [])]


@pytest.mark.parametrize(("chip", "options"), sampled(SESSIONS, 2))
def test_a_bench_session_with_the_command_line(chip: str, options: list[str], tmp_path: Path) -> None:
    image, copy = tmp_path / "image.bin", tmp_path / "copy.bin"
    image.write_bytes(os.urandom(5000))
    with EspBoard(BoardSpec(chip=chip, mac=MAC)) as board:
        assert "Detected flash size: 4MB" in esptool(board, *options, "flash-id")
        assert MAC in esptool(board, *options, "read-mac")
        assert "Hash of data verified" in esptool(board, *options, "write-flash", "0x10000", image)
        assert board.flash_bytes(0x10000, 5000) == image.read_bytes()
        esptool(board, *options, "verify-flash", "0x10000", image)
        esptool(board, *options, "read-flash", "0x10000", "5000", copy)
        assert copy.read_bytes() == image.read_bytes()
        board.preload(0xF000, b"before")
        esptool(board, *options, "erase-region", "0x10000", "0x1000")
        assert board.flash_bytes(0x10000, 0x1000) == b"\xff" * 0x1000
        assert board.flash_bytes(0x11000, 904) == image.read_bytes()[0x1000:]
        assert board.flash_bytes(0xF000, 6) == b"before"


def test_what_the_esp8266_rom_cannot_do_is_refused_and_the_rest_works(tmp_path: Path) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(os.urandom(2000))
    with EspBoard(BoardSpec(chip="esp8266", mac=MAC)) as board:
        esptool(board, "--no-stub", "write-flash", "0x1f000", image)
        assert board.flash_bytes(0x1F000, 2000) == image.read_bytes()
        assert "does not support" in run("esptool", board, "--no-stub", "verify-flash", "0x1f000", image).stderr


def test_security_info_is_printed_as_burnt() -> None:
    security = SecurityFuses(encryption=FlashEncryption.DEVELOPMENT, secure_boot=True, soft_jtag_disabled=True)
    with EspBoard(BoardSpec(chip="esp32c6", mac=MAC, security=security)) as board:
        printed = esptool(board, "--no-stub", "get-security-info")
    for line in ("Chip ID: 13", "Secure Boot: Enabled", "Flash Encryption: Enabled", "JTAG: Software Access Disabled"):
        assert line in printed
    assert "BLOCK_KEY0 - XTS_AES_128_KEY" in printed


@pytest.mark.parametrize("chip", sampled(["esp32", "esp32s2", "esp32c2", "esp32c6"], 3))
def test_espefuse_reads_mac_revision_and_security_fuses(chip: str) -> None:
    security = SecurityFuses(encryption=FlashEncryption.RELEASE, secure_boot=True)
    with EspBoard(BoardSpec(chip=chip, mac=MAC, revision=102, security=security)) as board:
        done = run("espefuse", board, "summary", "--format", "json")
    assert done.returncode == 0, done.stderr
    fuses = {name: fuse["value"] for name, fuse in json.loads(done.stdout[done.stdout.index("{") :]).items()}
    assert fuses["MAC"] == f"{MAC} (CRC 0x8c OK)" if chip == "esp32" else fuses["MAC"].startswith(f"{MAC} (OK)")
    assert (fuses["WAFER_VERSION_MAJOR"], fuses["WAFER_VERSION_MINOR"]) == (1, 2)
    assert fuses["ABS_DONE_1" if chip == "esp32" else "SECURE_BOOT_EN"] is True
    assert fuses["DISABLE_DL_ENCRYPT" if chip == "esp32" else "DIS_DOWNLOAD_MANUAL_ENCRYPT"] is True
    assert fuses["FLASH_CRYPT_CNT" if chip == "esp32" else "SPI_BOOT_CRYPT_CNT"] in (127, "Enable")
