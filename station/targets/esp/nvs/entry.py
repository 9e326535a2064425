# SPDX-License-Identifier: GPL-3.0-or-later
"""One key and value in an NVS partition, and every reason why it may not be written.

The limits are the firmware's (nvs_flash) where it has one, and the generator's where that is tighter. The generator
accepts, without a word, much that loses data on the board (long keys, a key twice, NUL in a text); nothing gets to it
before `faults` is empty. A fault names namespace and key, never a value: values are secrets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

MAX_NAME_BYTES = 15
MAX_TEXT_BYTES = 3967
"""The documented 4000 with NUL does not fit the generator's pages from 3968 on."""
MAX_BLOB_BYTES = 508_000
MAX_BLOB_BYTES_V1 = 1984
MAX_NAMESPACES = 254


class EntryKind(StrEnum):
    """How a value is stored."""

    U8 = "u8"
    I8 = "i8"
    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    I32 = "i32"
    U64 = "u64"
    I64 = "i64"
    STRING = "string"
    BLOB = "blob"

    @property
    def int_bytes(self) -> int:
        """Width of an integer kind in bytes, 0 for the others."""
        return int(self[1:]) // 8 if self[0] in "ui" else 0

    def int_range(self) -> range:
        bits = self.int_bytes * 8
        return range(1 << bits) if self.startswith("u") else range(-(1 << bits - 1), 1 << bits - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`value` is an int, a str (STRING) or bytes (BLOB), and is never printed."""

    namespace: str
    key: str
    kind: EntryKind
    value: int | str | bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.key}"


def faults(entries: Iterable[Entry], *, version: int = 2) -> list[str]:
    """Everything that forbids writing `entries` together; empty when they may be written."""
    entries = list(entries)
    found = [fault for entry in entries for fault in _entry_faults(entry, version)]
    twice = Counter(str(entry) for entry in entries)
    found += [f"{name!a}: key given {count} times" for name, count in twice.items() if count > 1]
    namespaces = {entry.namespace for entry in entries}
    if len(namespaces) > MAX_NAMESPACES:
        found.append(f"{len(namespaces)} namespaces, at most {MAX_NAMESPACES}")
    return found


def name_fault(name: str, what: str) -> str | None:
    """Why `name` cannot be a key or a namespace: 1 to 15 printable ASCII characters, no blank."""
    if not isinstance(name, str) or not name:
        return f"{what} is empty"
    if not all("!" <= character <= "~" for character in name):
        return f"{what} {name!a} may only have printable ASCII characters"
    if len(name) > MAX_NAME_BYTES:
        return f"{what} {name!a} is {len(name)} bytes long, at most {MAX_NAME_BYTES}"
    return None


def _entry_faults(entry: Entry, version: int) -> list[str]:
    names = (name_fault(entry.namespace, "namespace"), name_fault(entry.key, "key"))
    found = [fault for fault in names if fault]
    value = _value_fault(entry.kind, entry.value, version)
    return [*found, f"{str(entry)!a}: {value}"] if value else found


def _value_fault(kind: EntryKind, value: object, version: int) -> str | None:
    if kind is EntryKind.STRING:
        return _text_fault(value)
    if kind is EntryKind.BLOB:
        limit = MAX_BLOB_BYTES if version == 2 else MAX_BLOB_BYTES_V1
        if not isinstance(value, bytes):
            return "a blob must be bytes"
        return None if len(value) <= limit else f"{len(value)} bytes, at most {limit}"
    if not isinstance(value, int) or isinstance(value, bool):
        return f"a {kind} must be a whole number"
    return None if value in kind.int_range() else f"does not fit {kind}"


def _text_fault(value: object) -> str | None:
    if not isinstance(value, str):
        return "a string must be a text"
    if "\0" in value:
        return "a string may not have a NUL in it: firmware would read only what comes before"
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        return "not valid Unicode"
    return None if size <= MAX_TEXT_BYTES else f"{size} bytes of text, at most {MAX_TEXT_BYTES}"
