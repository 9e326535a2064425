# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes that hit what lies beside the partition: by a ROM that nobody has judged yet, or by an order that was garbled.

An ESP32's ROM, for one, ends a compressed write with 32 KB of whatever its RAM holds, and calls it a success; what was
written reads back right, and the application behind it is gone. And the order that tells where to write has no
checksum: one bit changed on its way, and all of the identity is taken, acknowledged, and lies elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.errors import BoardFault
from station.targets.esp.flash import md5
from station.targets.esp.link import EspLink

AHEAD = 0x1000
BEHIND = 0x10000
"""Bytes before and behind each written region that are compared: two of the windows that a ROM is known to write."""

_ADDRESS_BITS = range(12, 24)
"""Those that can be changed without touching the right sector."""

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
    seen = _spoilt.pop(mac, ())
    if seen and see(link, [(offset, size) for offset, size, _ in seen]) == seen:
        _spoilt[mac] = seen
        raise _still_spoilt()


def _still_spoilt() -> BoardFault:
    return BoardFault(
        "what was written over beside the partition of this board is still as it was found",
        means="its firmware may be damaged; its identity stays married to it",
        do="flash this board's firmware anew, then put it back in",
        code=Code.E215,
    )


def went_elsewhere(link: EspLink, mac: bytes, region: Region) -> BoardFault:
    """E215 for a write that was acknowledged to its end and changed nothing where it belongs."""
    offset, data = region
    places = [offset ^ 1 << bit for bit in _ADDRESS_BITS]
    within = [at for at in places if at + len(data) <= (link.flash_bytes or 0)]
    found = [at for at in within if link.md5(at, len(data)) == md5(data)]
    _spoilt[mac] = tuple((at, len(data), md5(data)) for at in found)
    where = f": it lies at {found[0]:#x}" if found else ", and cannot be found"
    return BoardFault(
        f"the board took the whole write, and nothing of it is where it belongs{where}",
        means="the order was garbled on its way; its firmware may be damaged; its identity stays married to it",
        do="flash this board's firmware anew, then put it back in",
        code=Code.E215,
    )


def _written_over(chip: str) -> BoardFault:
    return BoardFault(
        f"the {chip}'s ROM wrote over what lies beside the partition",
        means="its firmware may be damaged; its identity stays married to it; the next boards go through the stub",
        do="flash this board's firmware anew, then put it back in; take the chip out of rom_fast_path",
        code=Code.E215,
    )
