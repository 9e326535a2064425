# SPDX-License-Identifier: GPL-3.0-or-later
"""What a region of a board's flash holds, with as few bytes and turnarounds as prove it.

Every answer rests on the chip's own MD5 of the whole region: what is assembled from the used bytes and FF for the rest
must have it. That also stands in for the checksum which the ROM's read replies lack.
"""

from __future__ import annotations

import hashlib

from station.codes import Code
from station.errors import BoardFault
from station.targets.esp.link import EspLink
from station.targets.esp.nvs.page import ENTRIES, ENTRY_SIZE, FIRST_ENTRY, PAGE_SIZE, used_extents


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def used_bytes(image: bytes) -> int:
    """How much of `image` goes over the wire."""
    return sum(stop - start for start, stop in used_extents(image))


def changed_part(before: bytes, after: bytes) -> tuple[int, bytes]:
    """Offset and bytes of `after`, from the first to the last page in which it differs; no bytes when it nowhere does.

    The rest is neither erased nor sent: on a blank partition of six pages that saves five sector erases.
    """
    pages = [at for at in range(0, len(after), PAGE_SIZE) if before[at : at + PAGE_SIZE] != after[at : at + PAGE_SIZE]]
    return (pages[0], after[pages[0] : pages[-1] + PAGE_SIZE]) if pages else (0, b"")


class Flash:
    """Reads through a link; remembers what it has seen on this board by its MD5."""

    def __init__(self, link: EspLink) -> None:
        self._link = link
        self._seen: dict[str, bytes] = {}
        self._last: dict[int, bytes] = {}
        self._due: dict[int, bytes] = {}  # what was written where, and not looked for yet
        self.used_bytes = 0  # of the region that was last seen or written

    def contents(self, offset: int, size: int, *, fresh: bool = False) -> bytes:
        """The bytes of a region. `fresh`: its used bytes come over the wire now, even when the MD5 is a known one.

        BoardFault E208 when reads and MD5 do not agree.
        """
        image = self._last[offset] = self._contents(offset, size, fresh=fresh)
        self.used_bytes = used_bytes(image)
        return image

    def about_to_change(self, offset: int, size: int) -> bytes:
        """The bytes of a region as they were last seen; from now on they are no longer known."""
        if offset not in self._last:
            self.contents(offset, size)
        return self._last.pop(offset)

    def _contents(self, offset: int, size: int, *, fresh: bool) -> bytes:
        digest = self._link.md5(offset, size)
        blank = b"\xff" * size
        if digest == md5(blank):
            return blank
        known = self._seen.get(digest)
        if known is not None and not fresh:
            return known
        image = self._by_extents(offset, known) if known is not None else self._by_pages(offset, size)
        if md5(image) != digest:
            image = self._link.read(offset, size)
        if md5(image) != digest:
            raise BoardFault(
                "the board's flash reads differently from its own MD5",
                means="answers are garbled on the way, or the flash is failing",
                do="put the board back in, in another slot; if it says so again, keep it aside",
                code=Code.E208,
            )
        self._seen[digest] = image
        return image

    def expect(self, offset: int, image: bytes) -> None:
        """`image` was just written; the chip's MD5 alone tells whether it is there."""
        self._seen[md5(image)] = self._due[offset] = image

    def is_as_written(self) -> bool:
        """Whether each region written since this was last asked was seen then as it was written, to its last byte."""
        due, self._due = self._due, {}
        return all(self._last.get(offset) == image for offset, image in due.items())

    def forget(self) -> None:
        """Nothing seen before counts any more."""
        self._seen.clear()

    def _by_extents(self, offset: int, known: bytes) -> bytes:
        image = bytearray(b"\xff" * len(known))
        for start, stop in used_extents(known):
            image[start:stop] = self._link.read(offset + start, stop - start)
        return bytes(image)

    def _by_pages(self, offset: int, size: int) -> bytes:
        """An NVS partition by its bitmaps; anything else comes out wrong here and is then read whole."""
        image = bytearray(b"\xff" * size)
        for start in range(0, size, PAGE_SIZE):
            rest = size - start
            if start and self._link.md5(offset + start, rest) == md5(b"\xff" * rest):
                break
            head = self._link.read(offset + start, FIRST_ENTRY)
            used = _used_entries(head) * ENTRY_SIZE
            body = self._link.read(offset + start + FIRST_ENTRY, used) if used else b""
            image[start : start + FIRST_ENTRY + used] = head + body
        return bytes(image)


def _used_entries(head: bytes) -> int:
    bitmap = int.from_bytes(head[32:FIRST_ENTRY], "little")
    return next((i + 1 for i in reversed(range(ENTRIES)) if bitmap >> 2 * i & 0b11 != 0b11), 0)
