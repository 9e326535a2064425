# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the board appears: a pseudo-terminal under a name that stays, a TCP port, a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from station.simulate.esp import (
    DEFAULT_PARTITIONS,
    BoardSpec,
    CableTrouble,
    EspBoard,
    EspBoardProcess,
    Fault,
    Running,
    Toward,
    partition_table,
)
from tests.waiting import PATIENCE_S

cmds = pytest.importorskip("esptool.cmds")
from esptool.util import FatalError  # noqa: E402

MAC = "24:0a:c4:11:22:33"
IMAGE = os.urandom(300).ljust(0x3000, b"\xff")


def write(url: str, *, stub: bool = True) -> None:
    with cmds.detect_chip(url, connect_mode="no-reset", connect_attempts=1) as loader:
        assert bytes(loader.read_mac("BASE_MAC")).hex(":") == MAC
        esp = cmds.run_stub(loader) if stub else loader
        cmds.attach_flash(esp)
        cmds.write_flash(esp, [(0x10000, IMAGE)], no_progress=True, compress=True)
        assert cmds.read_flash(esp, 0x10000, 0x160, no_progress=True) == IMAGE[:0x160]


def test_the_link_leads_to_the_board_after_every_replug(tmp_path: Path) -> None:
    link = tmp_path / "ttyBOARD"
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, link=link)) as board:
        for _ in range(3):
            assert board.url == str(link)
            write(str(link))
            board.unplug()
            assert not link.exists()
            board.plug()
        assert board.stats.stub_starts == 3


def test_a_host_that_closes_finds_the_rom_again_unless_the_board_keeps_its_state() -> None:
    for resets, uploads in ((True, 2), (False, 1)):
        with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, reset_when_host_leaves=resets)) as board:
            write(board.url)
            write(board.url)
            assert board.stats.stub_starts == uploads


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
def test_esptool_over_tcp(stub: bool) -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, tcp_port=0)) as board:
        url = board.url
        assert url.startswith("socket://127.0.0.1:")
        write(url, stub=stub)
        board.unplug()
        with pytest.raises(FatalError):
            write(url)
        assert board.plug() == url
        write(url, stub=stub)
        assert board.flash_bytes(0x10000, len(IMAGE)) == IMAGE


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial")
def test_dtr_and_rts_over_rfc2217_take_the_board_into_the_loader_and_out_again() -> None:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, rfc2217_port=0, reset_when_host_leaves=False)) as board:
        board.boot_firmware()
        with cmds.detect_chip(board.url, connect_mode="default-reset", connect_attempts=1) as esp:
            assert board.running is Running.ROM
            assert bytes(esp.read_mac("BASE_MAC")).hex(":") == MAC
            cmds.reset_chip(esp, "hard-reset")
            assert str(board.running) == Running.FIRMWARE


def test_sixteen_boards_keep_apart() -> None:
    boards = [EspBoard(BoardSpec(chip="esp32c3", mac=f"24:0a:c4:00:00:{n:02x}")).start() for n in range(16)]
    try:
        macs = set()
        for board in boards:
            with cmds.detect_chip(board.url, connect_mode="no-reset") as esp:
                macs.add(bytes(esp.read_mac("BASE_MAC")).hex(":"))
        assert macs == {board.mac for board in boards}
    finally:
        for board in boards:
            board.stop()


def test_a_process_of_its_own_is_the_same_board(tmp_path: Path) -> None:
    faults = [Fault(trouble=CableTrouble.UNPLUG, toward=Toward.BOARD, at=20_000)]
    link = tmp_path / "ttyBOARD"
    with EspBoardProcess(
        BoardSpec(chip="esp32c3", mac=MAC, link=link, partitions=DEFAULT_PARTITIONS, faults=faults)
    ) as board:
        write(board.url)
        assert board.flash_bytes(0x10000, len(IMAGE)) == IMAGE
        assert board.flash_bytes(0x8000, 0xC00) == partition_table(DEFAULT_PARTITIONS)
        assert board.stats.stub_starts == 1
        assert board.stats.commands["FLASH_DEFL_DATA"] == 1
        board.unplug()
        assert not link.exists()
        board.plug()
        board.boot_firmware()
        assert board.running == "firmware"
        board.enter_download()
        with pytest.raises((OSError, FatalError)):
            write(board.url)
            write(board.url)
        assert not link.exists()


def test_the_program_says_where_it_is_and_ends_with_its_input(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    command = [sys.executable, "-m", "station.simulate.esp", "--chip=esp32", f"--mac={MAC}", f"--flash={flash}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None and program.stdout is not None
        hello = json.loads(program.stdout.readline())
        assert hello["mac"] == MAC
        write(hello["url"])
        program.stdin.close()
        assert program.wait(PATIENCE_S) == 0
    assert flash.read_bytes()[0x10000:][: len(IMAGE)] == IMAGE
