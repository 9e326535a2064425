# SPDX-License-Identifier: GPL-3.0-or-later
"""An ESP partition table: what says that the bytes we are about to replace are an NVS partition.

32 bytes an entry, little endian: AA 50, type u8, subtype u8, offset u32, size u32, name 16, flags u32; then EB EB, 14
times FF and the MD5 of the entries; then FF. Source: ESP-IDF, "Partition Tables".
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum

ENTRY_BYTES = 32
TABLE_BYTES = 0xC00
DATA = 0x01
_MAGIC = b"\xaa\x50"
_MD5_MAGIC = b"\xeb\xeb" + b"\xff" * 14


class Subtype(IntEnum):
    """Subtypes of a data partition that we touch."""

    NVS = 0x02
    NVS_KEYS = 0x04


class NoTable(ValueError):
    """These bytes are not a partition table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Where one partition lies in flash, bytes."""

    name: str
    type: int
    subtype: int
    offset: int
    size: int


def parse_table(data: bytes) -> tuple[tuple[Partition, ...], bool]:
    """The partitions in `data` and whether their list ends there (else read more, to `TABLE_BYTES`). NoTable."""
    found: list[Partition] = []
    for at in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
        entry = data[at : at + ENTRY_BYTES]
        if entry[:2] == _MAGIC:
            found.append(_partition(entry))
        elif entry[:16] == _MD5_MAGIC and found:
            if hashlib.md5(data[:at], usedforsecurity=False).digest() != entry[16:]:
                raise NoTable("the table's MD5 is wrong")
            return tuple(found), True
        elif not entry.strip(b"\xff") and found:
            return tuple(found), True
        else:
            raise NoTable("no partition table there")
    return tuple(found), False


def _partition(entry: bytes) -> Partition:
    _magic, kind, subtype, offset, size, name, _flags = struct.unpack("<2sBBII16sI", entry)
    text = name.rstrip(b"\0").decode("ascii", "backslashreplace")
    return Partition(name=text, type=kind, subtype=subtype, offset=offset, size=size)
