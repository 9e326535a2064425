# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of the NVS format, versions 1 and 2. All integers are little endian.

    page   4096 bytes: header 32, bitmap 32, 126 entries of 32
    header state u32, sequence u32, version u8, 19 times FF, CRC-32 of bytes 4..27
    bitmap two bits an entry, low bits first: 11 empty, 10 written, 00 erased
    entry  namespace u8, type u8, span u8, chunk u8, CRC-32 of bytes 0..3 and 8..31, key 16 (NUL padded), data 8

Source: ESP-IDF, "NVS internals"; checked against images of Espressif's generator.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from enum import IntEnum

PAGE_SIZE = 4096
ENTRY_SIZE = 32
FIRST_ENTRY = 64
ENTRIES = 126
MARKS = 128
"""The bitmap's room; the two behind the last entry stay 11."""
NO_CHUNK = 0xFF
MIN_PARTITION = 3 * PAGE_SIZE
"""Two pages for data and the one firmware always keeps free."""


class PageState(IntEnum):
    EMPTY = 0xFFFFFFFF
    ACTIVE = 0xFFFFFFFE
    FULL = 0xFFFFFFFC
    FREEING = 0xFFFFFFF8
    CORRUPT = 0xFFFFFFF0


class EntryState(IntEnum):
    """An entry's two bits in the bitmap."""

    EMPTY = 0b11
    WRITTEN = 0b10
    ERASED = 0b00


VERSION_BYTE = {1: 0xFF, 2: 0xFE}


def crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF)


def is_blank(flash: bytes | bytearray) -> bool:
    """Whether nothing was ever written there since it was erased."""
    return flash == b"\xff" * len(flash)


def used_extents(image: bytes) -> list[tuple[int, int]]:
    """(start, stop) of what is in use: each page up to its last entry that is not FF, neighbours joined."""
    extents: list[tuple[int, int]] = []
    for start in range(0, len(image), PAGE_SIZE):
        stop = start + _used(image[start : start + PAGE_SIZE])
        if stop > start and extents and extents[-1][1] == start:
            extents[-1] = (extents[-1][0], stop)
        elif stop > start:
            extents.append((start, stop))
    return extents


def _used(page: bytes) -> int:
    """Bytes up to the last entry that is not FF. The rest is looked at as a whole: this is done all the time."""
    if is_blank(page):
        return 0
    ends = range(0, len(page), ENTRY_SIZE)
    return bisect_left(ends, True, key=lambda end: is_blank(page[end:])) * ENTRY_SIZE  # noqa: FBT003 - a value


def may_be_pages(image: bytes) -> bool:
    """Whether every page begins with a state that NVS pages have; also true of an interrupted write."""
    states = {state.to_bytes(4, "little") for state in PageState}
    return all(image[at : at + 4] in states for at in range(0, len(image), PAGE_SIZE))
