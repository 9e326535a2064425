# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NVS partition holds, for whom: values we could have written, and items of others that are kept as they are.

Many programs write into one partition, and what they put there need not be what we would write: a text in GBK, a key
with a blank, a type from a newer ESP-IDF. Such an item is `Kept`, bytes for bytes, and never makes the rest unreadable.
Of an item that a power cut left twice the last counts, as it does for firmware when it starts.

Nothing is repaired in silence: `damage` says what firmware would drop, `unclear` which names it concerns. Whoever looks
for a name of his own asks both, since absent and unreadable are not the same.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from station.targets.esp.nvs.entry import Entry, EntryKind, faults
from station.targets.esp.nvs.items import Item, items_of
from station.targets.esp.nvs.kept import Kept, printable_name
from station.targets.esp.nvs.page import ENTRY_SIZE, NO_CHUNK

_INTS = {0x01: EntryKind.U8, 0x11: EntryKind.I8, 0x02: EntryKind.U16, 0x12: EntryKind.I16} | {
    0x04: EntryKind.U32,
    0x14: EntryKind.I32,
    0x08: EntryKind.U64,
    0x18: EntryKind.I64,
}
_NAMESPACE, _STRING, _BLOB_V1, _BLOB_DATA, _BLOB_INDEX = 0x01, 0x21, 0x41, 0x42, 0x48


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """`unclear`: (namespace, key) → why nobody can say what it holds. `damage`: why this may not be all there was."""

    entries: tuple[Entry, ...]
    kept: tuple[Kept, ...] = ()
    unclear: Mapping[tuple[str, str], str] = field(default_factory=dict)
    damage: tuple[str, ...] = ()
    pages_used: int = 0

    @property
    def whole(self) -> bool:
        """Nothing but what we would write, each once, none damaged."""
        return not (self.kept or self.unclear or self.damage)


def parse(image: bytes, *, key: bytes | None = None) -> Contents:
    """What `image`, a whole partition, holds; `key` (64 bytes) when it is encrypted. Raises nothing."""
    found = items_of(image, key=key)
    reading = _Reading(found.items, list(found.damage))
    reading.read()
    return Contents(
        entries=tuple(reading.entries.values()),
        kept=tuple(reading.kept),
        unclear=reading.unclear,
        damage=tuple(reading.damage),
        pages_used=found.pages_used,
    )


class _Reading:
    def __init__(self, items: tuple[Item, ...], damage: list[str]) -> None:
        self.damage = damage
        self.unclear: dict[tuple[str, str], str] = {}
        self.entries: dict[tuple[bytes, bytes], Entry] = {}
        self.kept: list[Kept] = []
        self._names = self._namespaces(items)
        self._items = [item for item in items if item.namespace in self._names]
        self._chunks = {(i.namespace, i.key, i.chunk): i for i in self._items if i.type == _BLOB_DATA}

    def read(self) -> None:
        heads = [item for item in self._items if item.type != _BLOB_DATA]
        for (namespace, name), count in Counter((item.namespace, item.key) for item in heads).items():
            if count > 1:
                self._say(namespace, name, "is there twice")
        for item in {(i.namespace, i.key, _sort(i)): i for i in heads}.values():  # the last of each
            self._take(item)
        for (namespace, name, _), part in self._chunks.items():
            self.damage.append(f"part of a blob at {part.at:#x} belongs to none")
            self._say(namespace, name, "has a part of a blob that is not there")

    def _namespaces(self, items: tuple[Item, ...]) -> dict[int, bytes]:
        """By index. Of two with one name firmware sees the first; two with one index cannot be told apart."""
        names: dict[int, bytes] = {}
        for item in items:
            index = item.data[0]
            if item.namespace or item.type != _NAMESPACE or index in (0, NO_CHUNK):
                continue
            if index in names and names[index] != item.key:
                self.damage.append(f"namespace at {item.at:#x} has another one's number")
            elif index not in names and item.key in names.values():
                self.damage.append(f"namespace at {item.at:#x} is there twice")
            else:
                names[index] = item.key
        return names

    def _take(self, item: Item) -> None:
        parts = [item]
        if item.type == _BLOB_INDEX:
            _size, count, first = struct.unpack_from("<IBB", item.data)
            numbers = [(item.namespace, item.key, number) for number in range(first, first + count)]
            parts += [self._chunks.pop(number) for number in numbers if number in self._chunks]
            if len(parts) <= count:
                self.damage.append(f"blob at {item.at:#x} lacks a part")
                self._say(item.namespace, item.key, "lacks a part")
                return
        name = (self._names[item.namespace], item.key)
        entry = self._entry(item, parts)
        if entry is not None and name not in self.entries:
            self.entries[name] = entry
            return
        self.kept.append(Kept(namespace=name[0], key=item.key, raws=tuple(part.raw for part in parts)))
        self._say(item.namespace, item.key, "is not as we would write it")

    def _entry(self, item: Item, parts: list[Item]) -> Entry | None:
        """None when we could not write the same."""
        value = _value(item, parts)
        padding = item.raw[8 + len(item.key) : 24]
        if value is None or not padding or padding.strip(b"\0"):
            return None
        kind = _INTS.get(item.type) or (EntryKind.STRING if item.type == _STRING else EntryKind.BLOB)
        try:
            entry = Entry(
                namespace=self._names[item.namespace].decode("ascii"),
                key=item.key.decode("ascii"),
                kind=kind,
                value=value,
            )
        except UnicodeDecodeError:
            return None
        return None if faults([entry]) else entry

    def _say(self, namespace: int, key: bytes, why: str) -> None:
        self.unclear.setdefault((printable_name(self._names[namespace]), printable_name(key)), why)


def _sort(item: Item) -> int:
    """Both ways of storing a blob are one; other types may lawfully share a key."""
    return _BLOB_INDEX if item.type == _BLOB_V1 else item.type


def _value(item: Item, parts: list[Item]) -> int | str | bytes | None:
    if kind := _INTS.get(item.type):
        whole = len(item.raw) == ENTRY_SIZE
        return int.from_bytes(item.data[: kind.int_bytes], "little", signed=kind.startswith("i")) if whole else None
    if item.type == _STRING:
        return _text(item.payload)
    if item.type == _BLOB_V1:
        return item.payload
    if item.type != _BLOB_INDEX or len(item.raw) != ENTRY_SIZE:
        return None
    payloads = [part.payload for part in parts[1:]]
    value = b"".join(payload for payload in payloads if payload is not None)
    return value if None not in payloads and len(value) == struct.unpack_from("<I", item.data)[0] else None


def _text(payload: bytes | None) -> str | None:
    text, end, rest = (payload or b"").partition(b"\0")
    if not end or rest:
        return None
    try:
        return text.decode()
    except UnicodeDecodeError:
        return None
