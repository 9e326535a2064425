# SPDX-License-Identifier: GPL-3.0-or-later
"""An ESP-IDF partition table as it lies in flash: 32-byte rows, an MD5 row, 0xFF to the end of 0xC00 bytes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

TABLE_OFFSET = 0x8000
TABLE_SIZE = 0xC00
_ROW = struct.Struct("<2sBBII16sI")
TYPES = {"app": 0, "data": 1}
_SUBTYPES = {
    ("app", "factory"): 0x00,
    **{("app", f"ota_{n}"): 0x10 + n for n in range(16)},
    ("app", "test"): 0x20,
    ("data", "ota"): 0x00,
    ("data", "phy"): 0x01,
    ("data", "nvs"): 0x02,
    ("data", "coredump"): 0x03,
    ("data", "nvs_keys"): 0x04,
    ("data", "efuse"): 0x05,
    ("data", "undefined"): 0x06,
    ("data", "fat"): 0x81,
    ("data", "spiffs"): 0x82,
    ("data", "littlefs"): 0x83,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    name: str
    type: str = "data"
    subtype: str = "nvs"
    offset: int
    size: int
    encrypted: bool = False


DEFAULT_PARTITIONS = (
    Partition(name="nvs", offset=0x9000, size=0x6000),
    Partition(name="phy_init", subtype="phy", offset=0xF000, size=0x1000),
    Partition(name="factory", type="app", subtype="factory", offset=0x10000, size=0x100000),
    Partition(name="fctry", offset=0x110000, size=0x6000),
)
"""A firmware with an NVS partition of its own for what the factory writes."""


def subtype_number(kind: str, subtype: str) -> int:
    """By name, or as a number. ValueError for what is neither."""
    known = _SUBTYPES.get((kind, subtype))
    if known is not None:
        return known
    if subtype[:1].isdigit() and 0 <= int(subtype, 0) <= 0xFE:
        return int(subtype, 0)
    raise ValueError(f"subtype {subtype!a} of {kind} is not known")


def partition_table(partitions: Sequence[Partition]) -> bytes:
    """The table's bytes, TABLE_SIZE of them."""
    rows = b"".join(
        _ROW.pack(
            b"\xaa\x50",
            TYPES[part.type],
            subtype_number(part.type, part.subtype),
            part.offset,
            part.size,
            part.name.encode(),
            int(part.encrypted),
        )
        for part in partitions
    )
    digest = hashlib.md5(rows, usedforsecurity=False).digest()
    return (rows + b"\xeb\xeb" + b"\xff" * 14 + digest).ljust(TABLE_SIZE, b"\xff")
