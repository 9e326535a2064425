# SPDX-License-Identifier: GPL-3.0-or-later
"""A partition table as ESP-IDF's projects have it: partitions.csv, "name, type, subtype, offset, size, flags".

Sizes and offsets are decimal, 0x… or with K or M; an empty offset follows the partition before, an app at the next
64 KB. Source: ESP-IDF, "Partition Tables".
"""

from __future__ import annotations

import csv
from pathlib import Path

from station.simulate.esp.partitions import TABLE_OFFSET, TYPES, Partition, subtype_number

_SECTOR = 0x1000
_APP_ALIGNMENT = 0x10000
_UNITS = {"K": 1 << 10, "M": 1 << 20}


def read_partitions(path: Path) -> tuple[Partition, ...]:
    """ValueError with the line that cannot be read."""
    found: list[Partition] = []
    end = TABLE_OFFSET + _SECTOR
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {path}: {error}") from None
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        if not any(cells) or cells[0].startswith("#"):
            continue
        try:
            found.append(_partition(cells, end))
        except (ValueError, KeyError) as error:
            raise ValueError(f"line {number} of {path}: {error}") from None
        end = found[-1].offset + found[-1].size
    if not found:
        raise ValueError(f"{path} has no partition")
    return tuple(found)


def _partition(cells: list[str], end: int) -> Partition:
    if len(cells) < 5:
        raise ValueError("name, type, subtype, offset and size are needed")
    name, kind, subtype, offset, size = cells[:5]
    if len(name.encode()) > 15:
        raise ValueError(f"the name {name!a} is longer than 15 bytes")
    if kind not in TYPES:
        raise ValueError(f"type {kind!a} is none of {', '.join(TYPES)}")
    subtype_number(kind, subtype)
    alignment = _APP_ALIGNMENT if kind == "app" else _SECTOR
    at = _number(offset) if offset else -(-end // alignment) * alignment
    if at % alignment:
        raise ValueError(f"offset {at:#x} is no multiple of {alignment:#x}")
    if not _number(size):
        raise ValueError("a partition without a size")
    flags = cells[5].split(":") if len(cells) > 5 else []
    return Partition(
        name=name, type=kind, subtype=subtype, offset=at, size=_number(size), encrypted="encrypted" in flags
    )


def _number(text: str) -> int:
    unit = _UNITS.get(text[-1:].upper(), 0)
    value = int(text[:-1] if unit else text, 0) * (unit or 1)
    if value < 0:
        raise ValueError(f"{text!a} is below zero")
    return value
