# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real ROMs and the stub do that no document says: seen on emulated chips which run the real ROM code.

Each statement here is one of those observations; the simulated ROM must show the same.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from station.simulate.esp import BoardSpec, Download, EspBoard, Running, SecurityFuses

cmds = pytest.importorskip("esptool.cmds")
from esptool.targets import CHIP_DEFS  # noqa: E402
from esptool.util import FatalError, UnsupportedCommandError  # noqa: E402

MAC = "24:0a:c4:11:22:33"
PLACE = 0x210000
WINDOW = 0x8000
PAGE = os.urandom(0x400).ljust(0x1000, b"\xff")
ROMS = ["esp32", "esp32c3", "esp32s3"]
BEGIN, DATA, DEFL_BEGIN, DEFL_DATA = 0x02, 0x03, 0x10, 0x11


@contextmanager
def talking(chip: str, *, stub: bool = False, attach: bool = True, **more: Any) -> Iterator[tuple[EspBoard, Any]]:
    with EspBoard(BoardSpec(chip=chip, mac=MAC, **more)) as board, CHIP_DEFS[chip](board.url, 115200) as rom:
        rom.connect("no-reset", 1)
        esp = cmds.run_stub(rom) if stub else rom
        if attach:
            esp.flash_spi_attach(0)
            esp.flash_set_parameters(4 << 20)
        yield board, esp


def answer(esp: Any, op: int, body: bytes, data: bytes = b"", *, check: int | None = None) -> bytes:
    """The status of one command, sent as it is, and what else came with it."""
    checksum = esp.checksum(data) if check is None else check
    _value, came = esp.command(op, body + data, checksum)
    return bytes(came)


def block(esp: Any, op: int, data: bytes, number: int, *, check: int | None = None) -> str:
    return answer(esp, op, struct.pack("<IIII", len(data), number, 0, 0), data, check=check)[:2].hex()


def compressed(esp: Any, data: bytes, at: int = PLACE) -> None:
    packed = zlib.compress(data, 9)
    for number in range(esp.flash_defl_begin(len(data), len(packed), at)):
        step = esp.FLASH_WRITE_SIZE
        esp.flash_defl_block(packed[number * step :][:step], number)


def changed_pages(before: bytes, after: bytes) -> list[int]:
    return [at for at in range(0, len(after), 0x1000) if before[at : at + 0x1000] != after[at : at + 0x1000]]


# -- compressed writes -------------------------------------------------------------------------------------------------


def test_an_esp32_rom_writes_its_whole_window_over_the_neighbours() -> None:
    with talking("esp32") as (board, esp):
        before = board.flash_bytes(0, 4 << 20)
        compressed(esp, PAGE)
        after = board.flash_bytes(0, 4 << 20)
        assert after[PLACE : PLACE + 0x1000] == PAGE
        assert changed_pages(before, after) == list(range(PLACE, PLACE + WINDOW, 0x1000))


def test_what_it_writes_behind_the_data_is_an_earlier_writes() -> None:
    with talking("esp32") as (board, esp):
        earlier = os.urandom(0x4000)
        compressed(esp, earlier, 0x100000)
        compressed(esp, PAGE)
        assert board.flash_bytes(PLACE + 0x1000, 0x3000) == earlier[0x1000:]


def test_it_does_not_erase_the_neighbours_first() -> None:
    with talking("esp32") as (board, esp):
        board.preload(PLACE + 0x1000, b"\x0f" * 64)
        compressed(esp, PAGE)
        assert set(board.flash_bytes(PLACE + 0x1000, 64)) <= set(range(0x10))


def test_a_full_window_is_followed_by_a_second() -> None:
    with talking("esp32") as (board, esp):
        compressed(esp, os.urandom(WINDOW))
        assert board.flash_bytes(PLACE + WINDOW, WINDOW).count(0xFF) < WINDOW // 2
        assert board.flash_bytes(PLACE + 2 * WINDOW, 0x1000).count(0xFF) == 0x1000


@pytest.mark.parametrize(("chip", "stub"), [("esp32", True), ("esp32c3", False), ("esp32s3", False)])
def test_the_stub_and_other_roms_write_what_they_were_given(chip: str, stub: bool) -> None:
    with talking(chip, stub=stub) as (board, esp):
        before = board.flash_bytes(0, 4 << 20)
        compressed(esp, PAGE)
        esp.flash_md5sum(PLACE, len(PAGE))  # the stub answers a block before it has written it
        assert changed_pages(before, board.flash_bytes(0, 4 << 20)) == [PLACE]


def test_without_compression_an_esp32_rom_writes_what_it_was_given() -> None:
    with talking("esp32") as (board, esp):
        before = board.flash_bytes(0, 4 << 20)
        for number in range(esp.flash_begin(len(PAGE), PLACE)):
            esp.flash_block(PAGE[number * 0x400 :][:0x400], number)
        assert changed_pages(before, board.flash_bytes(0, 4 << 20)) == [PLACE]


# -- secure download mode ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_secure_download_refuses_compression_reads_and_ram_and_takes_plain_writes(chip: str) -> None:
    with talking(chip, security=SecurityFuses(download=Download.SECURE)) as (board, esp):
        calls: list[Callable[[], object]] = [
            lambda: esp.flash_defl_begin(0x1000, 100, PLACE),
            lambda: esp.flash_defl_block(b"x" * 100, 0),
            lambda: esp.flash_md5sum(PLACE, 16),
            lambda: esp.read_reg(0x40001000),
            lambda: esp.mem_begin(4, 1, 4, 0x40380000),
        ]
        for refused in calls:
            with pytest.raises(UnsupportedCommandError):
                refused()
        for number in range(esp.flash_begin(len(PAGE), PLACE)):
            esp.flash_block(PAGE[number * 0x400 :][:0x400], number)
        assert board.flash_bytes(PLACE, 0x1000) == PAGE


# -- blocks without a beginning ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chip", "status"), [("esp32", "0105"), ("esp32c3", "0000"), ("esp32s3", "0105")])
def test_only_a_fresh_c3_takes_a_block_that_nobody_announced(chip: str, status: str) -> None:
    with talking(chip) as (board, esp):
        before = board.flash_bytes(0, 4 << 20)
        assert block(esp, DATA, b"secret" * 8, 0) == status
        assert (board.flash_bytes(0, 4 << 20) == before) is (status != "0000")


@pytest.mark.parametrize(("chip", "status"), [("esp32", "0105"), ("esp32s3", "0000")])
def test_an_s3_takes_a_block_after_a_beginning_that_it_refused(chip: str, status: str) -> None:
    with talking(chip) as (_, esp):
        with pytest.raises(FatalError):
            esp.flash_begin(0x1000, 8 << 20)
        assert block(esp, DATA, b"secret" * 8, 0) == status


@pytest.mark.parametrize("chip", ROMS)
def test_no_rom_takes_a_compressed_block_that_nobody_announced(chip: str) -> None:
    with talking(chip) as (_, esp):
        assert block(esp, DEFL_DATA, zlib.compress(PAGE), 0) == "0105"


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_nor_after_a_beginning_of_the_other_kind_that_was_refused(chip: str) -> None:
    with talking(chip) as (_, esp):
        esp.flash_defl_begin(0x1000, 100, PLACE)
        with pytest.raises(FatalError):
            esp.flash_begin(0x1000, 8 << 20)
        assert block(esp, DEFL_DATA, zlib.compress(PAGE), 0) == "0105"


@pytest.mark.parametrize("chip", ROMS)
def test_a_stub_takes_none_either_but_goes_on_with_what_was_never_ended(chip: str) -> None:
    with talking(chip, stub=True) as (board, esp):
        assert block(esp, DEFL_DATA, zlib.compress(PAGE), 0) == "c600"
        assert block(esp, DATA, PAGE, 0) == "c600"
        esp.flash_begin(0x2000, PLACE)
        esp.flash_block(PAGE, 0)
        assert block(esp, DATA, PAGE, 0) == "0000"
        esp.read_reg(0x40001000)  # the stub answers first and writes then
        assert board.flash_bytes(PLACE, 0x2000) == PAGE + PAGE


# -- numbers, lengths, leftovers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", ROMS)
@pytest.mark.parametrize(("begin", "op"), [("flash_begin", DATA), ("flash_defl_begin", DEFL_DATA)])
def test_blocks_are_counted_and_a_bad_checksum_counts(chip: str, begin: str, op: int) -> None:
    data = PAGE[:0x400] if op == DATA else zlib.compress(PAGE)
    with talking(chip) as (_, esp):
        esp.flash_begin(0x1000, PLACE) if op == DATA else esp.flash_defl_begin(0x1000, len(data), PLACE)
        assert block(esp, op, data, 1) == "0105"
        assert block(esp, op, data, 0, check=esp.checksum(data) ^ 1) == "0107"
        assert block(esp, op, data, 0) == "0105"


def test_an_esp32_begins_at_a_sector_only() -> None:
    with talking("esp32") as (_, esp), pytest.raises(FatalError, match="0106"):
        esp.flash_begin(0x1000, PLACE + 0x10)


def test_a_read_or_md5_that_fails_sends_all_its_bytes_before_the_error() -> None:
    with talking("esp32c3", attach=False) as (_, esp):
        slow = answer(esp, 0x0E, struct.pack("<II", PLACE, 64))
        assert (len(slow), slow[64:66].hex()) == (64 + 4, "0109")
        digest = answer(esp, 0x13, struct.pack("<IIII", PLACE, 64, 0, 0))
        assert (len(digest), digest[32:34].hex()) == (32 + 4, "0109")
        with pytest.raises(FatalError, match="0109"):
            esp.flash_md5sum(PLACE, 64)


@pytest.mark.parametrize("chip", ROMS)
def test_the_last_two_bytes_of_a_status_are_leftovers(chip: str) -> None:
    with talking(chip) as (_, esp):
        status = answer(esp, BEGIN, struct.pack("<IIII", 0, 0, 0x400, PLACE) + (b"" if chip == "esp32" else bytes(4)))
        assert (len(status), status[:2]) == (4, b"\0\0")
        assert status[2:] != b"\0\0"


def test_what_a_rom_does_not_know_comes_back_under_the_command_before() -> None:
    with talking("esp32") as (_, esp):
        esp.read_reg(0x40001000)
        esp.write(struct.pack("<BBHI", 0, 0x77, 0, 0))
        reply = esp.read()
        assert reply[:2] == b"\x01\x0a"
        assert reply[8:10].hex() == "0105"


@pytest.mark.parametrize("chip", ROMS)
def test_a_short_attach_and_a_short_address_are_taken(chip: str) -> None:
    with talking(chip, attach=False) as (_, esp):
        assert answer(esp, 0x0D, bytes(4))[:2] == b"\0\0"
        assert esp.flash_md5sum(0, 16) == hashlib.md5(b"\xff" * 16).hexdigest()
        assert answer(esp, 0x0A, b"\x00\x10")[:2] == b"\0\0"


# -- a flash that is smaller than somebody thinks ----------------------------------------------------------------------


@pytest.mark.parametrize("stub", [True, False], ids=["stub", "rom"])
@pytest.mark.parametrize("chip", ROMS)
def test_behind_the_end_of_the_flash_lies_its_beginning(chip: str, stub: bool) -> None:
    with talking(chip, stub=stub) as (board, esp):
        esp.flash_set_parameters(16 << 20)
        for number in range(esp.flash_begin(0x1000, 0x510000)):
            esp.flash_block(PAGE.ljust(esp.FLASH_WRITE_SIZE, b"\xff")[: esp.FLASH_WRITE_SIZE], number)
        esp.flash_md5sum(0, 16)
        assert board.flash_bytes(0x110000, 0x400) == PAGE[:0x400]
        assert esp.read_flash(0x510000, 0x40) == PAGE[:0x40]
        assert cmds.detect_flash_size(esp) == "4MB"
        esp.flash_set_parameters(4 << 20)
        with pytest.raises(FatalError):
            esp.read_flash(0x510000, 0x40)
        assert board.running is (Running.STUB if stub else Running.ROM)
