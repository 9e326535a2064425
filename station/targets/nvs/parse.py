# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads an NVS partition, strictly: every checksum, length, index and count must fit, or it is torn.

Firmware repairs what an interrupted write left behind; we do not, since a repaired identity is one nobody wrote.
Erased entries are skipped, as firmware does. Never guesses, never returns part of a partition.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from station.targets.nvs.crypt import decryptor
from station.targets.nvs.entry import Entry, Kind, name_fault
from station.targets.nvs.page import (
    ENTRIES,
    ENTRY_SIZE,
    FIRST_ENTRY,
    NO_CHUNK,
    PAGE_SIZE,
    VERSION_BYTE,
    PageState,
    Slot,
    crc,
)

_INTS = {0x01: Kind.U8, 0x11: Kind.I8, 0x02: Kind.U16, 0x12: Kind.I16} | {
    0x04: Kind.U32,
    0x14: Kind.I32,
    0x08: Kind.U64,
    0x18: Kind.I64,
}
_STRING, _BLOB_V1, _BLOB_DATA, _BLOB_INDEX = 0x21, 0x41, 0x42, 0x48
_MULTI_ENTRY = (_STRING, _BLOB_V1, _BLOB_DATA)
_VERSION = {byte: version for version, byte in VERSION_BYTE.items()}
_ALL_EMPTY = (1 << 2 * ENTRIES) - 1


class TornImage(ValueError):
    """The partition is not one whole NVS image. The text tells where and what, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a partition holds, in the order written."""

    entries: tuple[Entry, ...]
    pages_used: int


@dataclass(slots=True)
class _Item:
    """A written entry with its payload; `at` is its offset in the partition."""

    at: int
    namespace: int
    type: int
    chunk: int
    key: str
    data: bytes
    payload: bytes


def parse(image: bytes, *, key: bytes | None = None) -> Contents:
    """What `image`, a whole partition, holds; `key` (64 bytes) when it is encrypted. TornImage."""
    if not image or len(image) % PAGE_SIZE:
        raise TornImage(f"{len(image)} bytes are not whole pages")
    decrypt = decryptor(key) if key else None
    pages: dict[int, list[_Item]] = {}
    active = 0
    for start in range(0, len(image), PAGE_SIZE):
        page = image[start : start + PAGE_SIZE]
        header = _header(page, start)
        if header is None:
            continue
        state, sequence, version = header
        if sequence in pages:
            raise TornImage(f"page at {start:#x}: two pages have number {sequence}")
        active += state is PageState.ACTIVE
        pages[sequence] = list(_items(page, start, version, decrypt))
    if active > 1:
        raise TornImage(f"{active} pages are active")
    items = [item for sequence in sorted(pages) for item in pages[sequence]]
    return Contents(entries=_entries(items), pages_used=len(pages))


def _header(page: bytes, at: int) -> tuple[PageState, int, int] | None:
    """State, sequence number and version of a page; None when it is blank."""
    raw_state, sequence, version_byte = struct.unpack_from("<IIB", page)
    if raw_state == PageState.EMPTY:
        if page.strip(b"\xff"):
            raise TornImage(f"page at {at:#x} is marked empty and is not")
        return None
    if raw_state not in (PageState.ACTIVE, PageState.FULL):
        raise TornImage(f"page at {at:#x} has state {raw_state:#010x}: interrupted or corrupt")
    if crc(page[4:28]) != struct.unpack_from("<I", page, 28)[0]:
        raise TornImage(f"header of the page at {at:#x} has a wrong checksum")
    if version_byte not in _VERSION:
        raise TornImage(f"page at {at:#x} has version byte {version_byte:#04x}")
    return PageState(raw_state), sequence, _VERSION[version_byte]


def _items(page: bytes, page_at: int, version: int, decrypt: Callable[[bytes, int], bytes] | None) -> Iterator[_Item]:
    bitmap = int.from_bytes(page[32:64], "little")
    if bitmap >> 2 * ENTRIES != 0b1111:
        raise TornImage(f"page at {page_at:#x}: bitmap has bits beyond the last entry")

    def entry(index: int) -> bytes:
        start = FIRST_ENTRY + index * ENTRY_SIZE
        raw = page[start : start + ENTRY_SIZE]
        return decrypt(raw, page_at + start) if decrypt else raw

    index = 0
    while index < ENTRIES:
        at = page_at + FIRST_ENTRY + index * ENTRY_SIZE
        slot = bitmap >> 2 * index & 0b11
        if bitmap >> 2 * index == _ALL_EMPTY >> 2 * index | 0b1111 << 2 * (ENTRIES - index):
            if page[at - page_at :].strip(b"\xff"):
                raise TornImage(f"entries from {at:#x} on are marked empty and are not")
            return
        if slot == Slot.ERASED:
            index += 1
            continue
        if slot != Slot.WRITTEN:
            raise TornImage(f"entry at {at:#x} is neither written nor erased, but entries follow")
        span = entry(index)[2]
        last = index + span
        if not span or last > ENTRIES or any(bitmap >> 2 * i & 0b11 != Slot.WRITTEN for i in range(index, last)):
            raise TornImage(f"entry at {at:#x} does not have all its {span} parts")
        yield _item(entry(index), b"".join(entry(i) for i in range(index + 1, last)), at, version)
        index = last


def _item(head: bytes, tail: bytes, at: int, version: int) -> _Item:
    namespace, kind, _span, chunk, checksum = struct.unpack_from("<BBBBI", head)
    if crc(head[:4] + head[8:]) != checksum:
        raise TornImage(f"entry at {at:#x} has a wrong checksum")
    key, _, padding = head[8:24].partition(b"\0")
    name = key.decode("ascii", "replace")
    if padding.strip(b"\0") or name_fault(name, "key"):
        raise TornImage(f"entry at {at:#x} has no valid key")
    data = head[24:]
    item = _Item(at, namespace, kind, chunk, name, data, b"")
    if kind in _MULTI_ENTRY:
        if (kind == _BLOB_DATA) is not (version == 2) and kind != _STRING:
            raise TornImage(f"entry at {at:#x} has type {kind:#04x}, which version {version} does not know")
        item.payload = _payload(data, tail, at)
    elif tail or (kind not in _INTS and kind != _BLOB_INDEX):
        raise TornImage(f"entry at {at:#x} has type {kind:#04x} and {len(tail) // ENTRY_SIZE} parts")
    return item


def _payload(data: bytes, tail: bytes, at: int) -> bytes:
    size, _reserved, checksum = struct.unpack("<HHI", data)
    payload = tail[:size]
    if -(-size // ENTRY_SIZE) * ENTRY_SIZE != len(tail) or crc(payload) != checksum:
        raise TornImage(f"value of the entry at {at:#x} has a wrong length or checksum")
    return payload


def _entries(items: list[_Item]) -> tuple[Entry, ...]:
    names = _namespaces(items)
    chunks = {(i.namespace, i.key, i.chunk): i for i in items if i.type == _BLOB_DATA and i.namespace}
    if len(chunks) != sum(i.type == _BLOB_DATA for i in items):
        raise TornImage("a part of a blob is there twice")
    found: dict[tuple[int, str], Entry] = {}
    for item in items:
        if item.namespace == 0 or item.type == _BLOB_DATA:
            continue
        if item.namespace not in names:
            raise TornImage(f"entry at {item.at:#x} belongs to no namespace: firmware would not find it")
        if (item.namespace, item.key) in found:
            raise TornImage(f"key of the entry at {item.at:#x} is there twice")
        kind, value = _value(item, chunks)
        found[item.namespace, item.key] = Entry(namespace=names[item.namespace], key=item.key, kind=kind, value=value)
    if chunks:
        raise TornImage("a part of a blob belongs to no blob")
    return tuple(found.values())


def _namespaces(items: list[_Item]) -> dict[int, str]:
    names: dict[int, str] = {}
    for item in items:
        if item.namespace:
            continue
        index = item.data[0]
        if item.type != 0x01 or index in (0, NO_CHUNK) or index in names or item.key in names.values():
            raise TornImage(f"namespace at {item.at:#x} is not valid or is there twice")
        names[index] = item.key
    return names


def _value(item: _Item, chunks: dict[tuple[int, str, int], _Item]) -> tuple[Kind, int | str | bytes]:
    if item.type in _INTS:
        kind = _INTS[item.type]
        return kind, int.from_bytes(item.data[: kind.int_bytes], "little", signed=kind.startswith("i"))
    if item.type == _STRING:
        return Kind.STRING, _text(item)
    if item.type == _BLOB_V1:
        return Kind.BLOB, item.payload
    size, count, first = struct.unpack_from("<IBB", item.data)
    try:
        parts = [chunks.pop((item.namespace, item.key, number)) for number in range(first, first + count)]
    except KeyError:
        raise TornImage(f"blob at {item.at:#x} lacks a part") from None
    value = b"".join(part.payload for part in parts)
    if len(value) != size:
        raise TornImage(f"blob at {item.at:#x} has {len(value)} bytes instead of {size}")
    return Kind.BLOB, value


def _text(item: _Item) -> str:
    text, end, rest = item.payload.partition(b"\0")
    if not end or rest:
        raise TornImage(f"text at {item.at:#x} does not end where it should")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise TornImage(f"text at {item.at:#x} is not UTF-8") from None
