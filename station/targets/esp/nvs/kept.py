# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of others that we could not write ourselves, put into a new image byte for byte.

Only what ties an item to its place changes: the number of its namespace, and the checksum over it. An item goes where
there is room, as firmware would put it; the last page is the active one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from station.targets.esp.nvs.items import items_of
from station.targets.esp.nvs.page import (
    ENTRIES,
    ENTRY_SIZE,
    FIRST_ENTRY,
    NO_CHUNK,
    PAGE_SIZE,
    VERSION_BYTE,
    EntryState,
    PageState,
    crc,
    is_blank,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`raws`: an item, then its further parts when it is a blob; never printed."""

    namespace: bytes
    key: bytes
    raws: tuple[bytes, ...] = field(repr=False)

    def __str__(self) -> str:
        return f"{printable_name(self.namespace)}/{printable_name(self.key)}"

    @property
    def content(self) -> tuple[bytes, bytes, frozenset[bytes]]:
        """What must be the same wherever it lies."""
        return self.namespace, self.key, frozenset(raw[1:4] + raw[8:] for raw in self.raws)


def printable_name(name: bytes) -> str:
    """A namespace or key as text; equal to itself when it is one that we could write."""
    return name.decode("ascii", "backslashreplace")


def put(image: bytes, kept: Iterable[Kept], *, version: int) -> bytes | None:
    """`image`, plain and whole, with `kept` added. None when it has no room; one page always stays free."""
    out = _Image(image, version)
    for one in kept:
        index = out.namespace(one.namespace)
        if index is None or not all(out.add(_moved(raw, index)) for raw in one.raws):
            return None
    return out.closed()


def _moved(raw: bytes, namespace: int) -> bytes:
    head = bytes([namespace]) + raw[1:4] + raw[8:ENTRY_SIZE]
    return head[:4] + struct.pack("<I", crc(head)) + head[4:] + raw[ENTRY_SIZE:]


class _Image:
    """Pages that are filled from the front; every one but the last is full."""

    def __init__(self, image: bytes, version: int) -> None:
        pages = [bytearray(image[at : at + PAGE_SIZE]) for at in range(0, len(image), PAGE_SIZE)]
        self._version = version
        self._used = [page for page in pages if not is_blank(page)]
        self._room_for = len(pages) - 1
        self._size = len(image)
        self._indexes = {item.key: item.data[0] for item in items_of(image).items if not item.namespace}

    def namespace(self, name: bytes) -> int | None:
        """Its number, given when it has none yet."""
        if name not in self._indexes:
            index = max(self._indexes.values(), default=0) + 1
            head = bytes([0, 1, 1, NO_CHUNK, 0, 0, 0, 0]) + name.ljust(16, b"\0") + bytes([index]).ljust(8, b"\xff")
            if index == NO_CHUNK or not self.add(_moved(head, 0)):
                return None
            self._indexes[name] = index
        return self._indexes[name]

    def add(self, raw: bytes) -> bool:
        span = len(raw) // ENTRY_SIZE
        page = next((page for page in self._used if ENTRIES - _marked(page) >= span), None) or self._another()
        if page is None:
            return False
        first = _marked(page)
        start = FIRST_ENTRY + first * ENTRY_SIZE
        page[start : start + len(raw)] = raw
        marks = int.from_bytes(page[32:64], "little")
        for index in range(first, first + span):
            marks &= ~((EntryState.EMPTY ^ EntryState.WRITTEN) << 2 * index)
        page[32:64] = marks.to_bytes(32, "little")
        return True

    def closed(self) -> bytes:
        for page in self._used:
            page[:4] = PageState.FULL.to_bytes(4, "little")
        self._used[-1][:4] = PageState.ACTIVE.to_bytes(4, "little")
        return b"".join(self._used).ljust(self._size, b"\xff")

    def _another(self) -> bytearray | None:
        if len(self._used) >= self._room_for:
            return None
        header = struct.pack("<IB", len(self._used), VERSION_BYTE[self._version]).ljust(24, b"\xff")
        page = bytearray(PageState.ACTIVE.to_bytes(4, "little") + header + struct.pack("<I", crc(header)))
        self._used.append(page.ljust(PAGE_SIZE, b"\xff"))
        return self._used[-1]


def _marked(page: bytearray) -> int:
    """Entries in use, which in an image of ours lie without gaps from the first on."""
    marks = int.from_bytes(page[32:64], "little")
    return next((index for index in range(ENTRIES) if marks >> 2 * index & 0b11 == EntryState.EMPTY), ENTRIES)
