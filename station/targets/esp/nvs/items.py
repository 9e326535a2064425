# SPDX-License-Identifier: GPL-3.0-or-later
"""The items that lie in the pages of an NVS partition, whoever wrote them, as firmware would come upon them.

An item is believed when its own checksum and its span are right; what it means is `parse`'s question. Whatever firmware
drops, repairs or cannot read is left out and said in `damage`, so that nobody takes what is left for all there was.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from station.targets.esp.nvs.crypt import decryptor
from station.targets.esp.nvs.page import (
    ENTRIES,
    ENTRY_SIZE,
    FIRST_ENTRY,
    MARKS,
    PAGE_SIZE,
    VERSION_BYTE,
    EntryState,
    PageState,
    crc,
    is_blank,
)

_READABLE = (PageState.ACTIVE, PageState.FULL, PageState.FREEING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`raw`: the entry and those of its payload, decrypted; never printed. `at`: its offset in the partition."""

    at: int
    raw: bytes = field(repr=False)

    @property
    def namespace(self) -> int:
        return self.raw[0]

    @property
    def type(self) -> int:
        return self.raw[1]

    @property
    def chunk(self) -> int:
        return self.raw[3]

    @property
    def key(self) -> bytes:
        """As firmware compares it: up to the first NUL."""
        return self.raw[8:24].partition(b"\0")[0]

    @property
    def data(self) -> bytes:
        return self.raw[24:32]

    @property
    def payload(self) -> bytes | None:
        """Of a text or a blob; None when its length or its checksum is wrong."""
        size, _reserved, checksum = struct.unpack("<HHI", self.data)
        tail = self.raw[ENTRY_SIZE:]
        fits = -(-size // ENTRY_SIZE) * ENTRY_SIZE == len(tail) and crc(tail[:size]) == checksum
        return tail[:size] if fits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """All items of a partition in the order written; `damage` says where and what, never a value."""

    items: tuple[Item, ...]
    pages_used: int
    damage: tuple[str, ...]


def items_of(image: bytes, *, key: bytes | None = None) -> FoundItem:
    """`image`: a whole partition; `key` (64 bytes) when it is encrypted."""
    damage: list[str] = []
    if not image or len(image) % PAGE_SIZE:
        return FoundItem(items=(), pages_used=0, damage=(f"{len(image)} bytes are not whole pages",))
    decrypt = decryptor(key) if key else None
    pages: list[tuple[int, int]] = []
    active = 0
    for at in range(0, len(image), PAGE_SIZE):
        header = _header(image[at : at + PAGE_SIZE], at, damage)
        if header is not None:
            active += header[0] == PageState.ACTIVE
            pages.append((header[1], at))
    if active > 1:
        damage.append(f"{active} pages are active")
    if len({sequence for sequence, _ in pages}) < len(pages):
        damage.append("two pages have the same number")
    items = [item for _, at in sorted(pages) for item in _Page(image[at : at + PAGE_SIZE], at, decrypt, damage).items()]
    return FoundItem(items=tuple(items), pages_used=len(pages), damage=tuple(damage))


def _header(page: bytes, at: int, damage: list[str]) -> tuple[int, int] | None:
    """State and number of a page with items; None when firmware would take none from it."""
    state, number, version_byte = struct.unpack_from("<IIB", page)
    if state == PageState.EMPTY:
        if not is_blank(page):
            damage.append(f"page at {at:#x} is marked empty and is not")
        return None
    if state not in _READABLE:
        damage.append(f"page at {at:#x} has state {state:#010x}: interrupted or corrupt")
        return None
    if crc(page[4:28]) != struct.unpack_from("<I", page, 28)[0]:
        damage.append(f"header of the page at {at:#x} has a wrong checksum")
        return None
    if version_byte not in VERSION_BYTE.values():
        damage.append(f"page at {at:#x} has version byte {version_byte:#04x}")
        return None
    if state == PageState.FREEING:
        damage.append(f"page at {at:#x} was being freed")
    return state, number


class _Page:
    """One page with a good header. `damage` is added to."""

    def __init__(self, page: bytes, at: int, decrypt: Callable[[bytes, int], bytes] | None, damage: list[str]) -> None:
        self._page = page
        self._at = at
        self._decrypt = decrypt
        self._damage = damage
        self._bitmap = int.from_bytes(page[32:64], "little")

    def items(self) -> Iterator[Item]:
        index = 0
        while index < ENTRIES and self._slot(index) != EntryState.EMPTY:
            item = self._item(index) if self._slot(index) == EntryState.WRITTEN else None
            if self._slot(index) not in (EntryState.WRITTEN, EntryState.ERASED):
                self._damage.append(f"entry at {self._place(index):#x} is neither written nor erased")
            if item is not None:
                yield item
            index += len(item.raw) // ENTRY_SIZE if item else 1
        self._look_behind(index)

    def _item(self, index: int) -> Item | None:
        at = self._place(index)
        head = self._entry(index)
        if crc(head[:4] + head[8:]) != struct.unpack_from("<I", head, 4)[0]:
            self._damage.append(f"entry at {at:#x} has a wrong checksum")
            return None
        stop = index + head[2]
        if stop == index or stop > ENTRIES or any(self._slot(i) != EntryState.WRITTEN for i in range(index, stop)):
            self._damage.append(f"entry at {at:#x} does not have all its {head[2]} parts")
            return None
        return Item(at=at, raw=head + b"".join(self._entry(i) for i in range(index + 1, stop)))

    def _look_behind(self, index: int) -> None:
        """Firmware writes an item first and its marks last: what has no marks was cut off, and is not there yet."""
        unmarked = self._bitmap >> 2 * index == (1 << 2 * (MARKS - index)) - 1
        if not unmarked or not is_blank(self._page[FIRST_ENTRY + index * ENTRY_SIZE :]):
            self._damage.append(f"entries from {self._place(index):#x} on are marked empty and are not")

    def _slot(self, index: int) -> int:
        return self._bitmap >> 2 * index & 0b11

    def _place(self, index: int) -> int:
        return self._at + FIRST_ENTRY + index * ENTRY_SIZE

    def _entry(self, index: int) -> bytes:
        start = FIRST_ENTRY + index * ENTRY_SIZE
        raw = self._page[start : start + ENTRY_SIZE]
        return self._decrypt(raw, self._at + start) if self._decrypt else raw
