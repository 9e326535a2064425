# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated flash is NOR, its partition table is ESP-IDF's, its packets are SLIP."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.simulate.esp import DEFAULT_PARTITIONS, partition_table
from station.simulate.esp.flash import SECTOR, NorFlash
from station.simulate.esp.reply import checksum
from station.simulate.esp.slip import Decoder, encode


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=4), st.integers(0, 60))
def test_programming_only_clears_bits_until_the_sector_is_erased(writes: list[bytes], offset: int) -> None:
    flash = NorFlash(2 * SECTOR)
    model = bytearray(b"\xff" * flash.size)
    for data in writes:
        flash.program(offset, data)
        for place, byte in enumerate(data, offset):
            model[place] &= byte
    assert flash.read(0, flash.size) == model
    assert flash.erase(offset, 1) == 1
    assert flash.is_blank(0)


def test_erasing_takes_whole_sectors_and_spares_the_neighbours() -> None:
    flash = NorFlash(4 * SECTOR)
    flash.program(0, bytes(4 * SECTOR))
    assert flash.erase(SECTOR + 5, SECTOR) == 2
    assert flash.read(0, SECTOR) == bytes(SECTOR)
    assert flash.read(SECTOR, 2 * SECTOR) == b"\xff" * 2 * SECTOR
    assert flash.read(3 * SECTOR, SECTOR) == bytes(SECTOR)


def test_behind_its_end_a_flash_begins_again() -> None:
    flash = NorFlash(4 * SECTOR)
    flash.program(5 * SECTOR - 1, b"ab")
    assert (flash.read(SECTOR - 1, 2), flash.read(9 * SECTOR - 1, 2)) == (b"ab", b"ab")
    flash.program(4 * SECTOR - 1, b"ab")
    assert (flash.read(4 * SECTOR - 1, 2), flash.read(0, 1)) == (b"ab", b"b")
    assert flash.erase(4 * SECTOR, 2 * SECTOR) == 2
    assert flash.read(0, 2 * SECTOR) == b"\xff" * 2 * SECTOR
    assert flash.read(4 * SECTOR - 1, 1) == b"a"
    with pytest.raises(ValueError, match="in a flash of"):
        flash.preload(flash.size - 1, b"ab")


def test_the_file_holds_the_flash_byte_for_byte_and_outlives_the_board(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    flash = NorFlash(4 * SECTOR, path)
    flash.program(100, b"identity")
    assert path.read_bytes() == flash.read(0, flash.size)
    flash.close()
    assert NorFlash(4 * SECTOR, path).read(100, 8) == b"identity"


@given(st.binary(max_size=300), st.binary(max_size=20).filter(lambda noise: 0xC0 not in noise), st.integers(1, 50))
def test_packets_survive_noise_between_them_and_any_split(packet: bytes, noise: bytes, step: int) -> None:
    wire = noise + encode(packet or b"x") * 2
    decoder = Decoder()
    got = []
    for start in range(0, len(wire), step):
        got += [found for _, found in decoder.feed(wire[start : start + step])]
    assert got == [packet or b"x"] * 2


def test_a_packet_with_a_broken_escape_is_dropped_and_the_next_one_heard() -> None:
    assert Decoder().feed(b"\xc0ab\xdbcd\xc0" + encode(b"next"))[-1][1] == b"next"


@given(st.binary(max_size=5000))
def test_checksum_is_the_xor_of_all_bytes(data: bytes) -> None:
    expected = 0xEF
    for byte in data:
        expected ^= byte
    assert checksum(data) == expected


def test_partition_table_carries_the_md5_of_its_rows() -> None:
    table = partition_table(DEFAULT_PARTITIONS)
    rows, end = table[: 32 * len(DEFAULT_PARTITIONS)], 32 * len(DEFAULT_PARTITIONS)
    assert table[:2] == b"\xaa\x50"
    assert table[end : end + 16] == b"\xeb\xeb" + b"\xff" * 14
    assert table[end + 16 : end + 32] == hashlib.md5(rows).digest()
    assert len(table) == 0xC00
    assert set(table[end + 32 :]) == {0xFF}
