# SPDX-License-Identifier: GPL-3.0-or-later
"""The first write by a ROM that nobody has judged yet: what lies around it must be afterwards what it was before.

An ESP32's ROM, for one, ends a compressed write with 32 KB of whatever its RAM holds, and calls it a success; what was
written reads back right, and the application behind it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.errors import BoardFault
from station.targets.esp.link import EspLink

AHEAD = 0x1000
BEHIND = 0x10000
"""Bytes before and behind each written region that are compared: two of the windows that a ROM is known to write."""

Region = tuple[int, bytes]
"""Offset in flash, and what goes there."""
Seen = tuple[tuple[int, int, str], ...]
"""Offset, size and MD5 of pieces of flash."""

_spoilt: dict[bytes, Seen] = {}
"""By MAC: boards whose neighbours were written over, and what was seen there then. Known while this process lives."""


def beside(regions: Sequence[Region], flash_bytes: int) -> list[tuple[int, int]]:
    """Offset and size of what lies around `regions` and is not in any of them, within the chip, in order."""
    found = []
    at = 0
    ends = [(offset, offset + len(data)) for offset, data in sorted(regions)]
    for number, (start, stop) in enumerate(ends):
        next_start = ends[number + 1][0] if number + 1 < len(ends) else flash_bytes
        ahead = max(start - AHEAD, at)
        behind = min(stop + BEHIND, next_start, flash_bytes)
        found += [(ahead, start - ahead), (stop, behind - stop)]
        at = max(behind, stop)
    return [(offset, size) for offset, size in found if size > 0]


def see(link: EspLink, pieces: Sequence[tuple[int, int]]) -> Seen:
    """What is there now, by the chip's own MD5."""
    return tuple((offset, size, link.md5(offset, size)) for offset, size in pieces)


def require_untouched(link: EspLink, mac: bytes, before: Seen) -> None:
    """BoardFault E215 unless what was `before` is still there."""
    after = see(link, [(offset, size) for offset, size, _ in before])
    if after != before:
        _spoilt[mac] = after
        raise _written_over(link.chip)


def require_unspoilt(link: EspLink, mac: bytes) -> None:
    """BoardFault E215 for a board that was spoilt and has not been flashed anew."""
    if mac in _spoilt:
        seen = _spoilt[mac]
        if see(link, [(offset, size) for offset, size, _ in seen]) == seen:
            raise _written_over(link.chip)
        del _spoilt[mac]


def _written_over(chip: str) -> BoardFault:
    return BoardFault(
        f"the {chip}'s ROM wrote over what lies beside the partition",
        means="its firmware may be damaged; its identity stays married to it; the next boards go through the stub",
        do="flash this board's firmware anew, then put it back in; take the chip out of rom_fast_path",
        code="E215",
    )
