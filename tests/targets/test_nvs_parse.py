# SPDX-License-Identifier: GPL-3.0-or-later
"""The parser returns exactly what was written, or says that the partition is torn; nothing in between."""

from __future__ import annotations

import random
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.targets.nvs import Entry, Kind, TornImage, build, parse

SIZE = 0x4000
NAMES = st.text("".join(c for c in map(chr, range(0x21, 0x7F))), min_size=1, max_size=15)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)


@st.composite
def an_entry(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(list(Kind)))
    if kind is Kind.STRING:
        value: int | str | bytes = draw(TEXTS)
    elif kind is Kind.BLOB:
        value = draw(st.binary(max_size=400) | st.binary(min_size=3900, max_size=4100))
    else:
        value = draw(st.integers(kind.int_range()[0], kind.int_range()[-1]))
    return Entry(namespace=draw(st.sampled_from(("a", "aliyun-key")) | NAMES), key=draw(NAMES), kind=kind, value=value)


some_entries = st.lists(an_entry(), max_size=8, unique_by=str)


@settings(max_examples=100, deadline=None)
@given(some_entries, st.booleans())
def test_what_was_built_is_read_back(entries: list[Entry], encrypted: bool) -> None:
    key = bytes(range(64)) if encrypted else None
    assert set(parse(build(entries, 0x10000, key=key), key=key).entries) == set(entries)


def sample() -> tuple[list[Entry], bytes]:
    entries = [
        Entry(namespace="a", key="text", kind=Kind.STRING, value="0123456789abcdef0123456789abcdef"),
        Entry(namespace="a", key="blob", kind=Kind.BLOB, value=bytes(range(200)) * 22),
        Entry(namespace="b", key="number", kind=Kind.U32, value=0xA5A5),
    ]
    return entries, build(entries, SIZE)


ENTRIES, IMAGE = sample()
USED = max(i for i, byte in enumerate(IMAGE) if byte != 0xFF) + 1


@settings(max_examples=300, deadline=None)
@given(st.integers(0, SIZE - 1), st.integers(1, 255))
def test_a_changed_byte_never_changes_a_value(at: int, mask: int) -> None:
    changed = bytearray(IMAGE)
    changed[at] ^= mask
    try:
        found = parse(bytes(changed)).entries
    except TornImage as torn:
        assert "0123456789abcdef" not in str(torn)
        return
    assert all(entry in ENTRIES for entry in found)  # an entry may be seen as erased, never as another one


@settings(max_examples=60, deadline=None)
@given(st.integers(0, USED))
def test_an_interrupted_write_is_torn_or_all_there(written: int) -> None:
    try:
        found = parse(IMAGE[:written].ljust(SIZE, b"\xff")).entries
    except TornImage:
        return
    assert set(found) in (set(), set(ENTRIES))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_noise_is_torn(seed: int) -> None:
    with pytest.raises(TornImage):
        parse(b"\xfe\xff\xff\xff" + random.Random(seed).randbytes(4092))


def test_a_blank_partition_holds_nothing() -> None:
    assert parse(b"\xff" * SIZE).entries == ()


@pytest.mark.parametrize("size", [0, 1, 4095, 4097])
def test_part_of_a_page_is_torn(size: int) -> None:
    with pytest.raises(TornImage):
        parse(b"\xff" * size)


def test_another_key_does_not_open_an_encrypted_image() -> None:
    image = build(ENTRIES, SIZE, key=bytes(range(64)))
    for key in (None, bytes(range(1, 65))):
        with pytest.raises(TornImage):
            parse(image, key=key)


class Page:
    """A page written by hand, entry by entry, to show what the generator never makes."""

    def __init__(self, state: int = 0xFFFFFFFE, number: int = 0, version: int = 0xFE) -> None:
        header = struct.pack("<IB", number, version) + b"\xff" * 19
        self.head = struct.pack("<I", state) + header + struct.pack("<I", zlib.crc32(header, 0xFFFFFFFF))
        self.bits = (1 << 256) - 1
        self.entries = b""

    def add(self, ns: int, kind: int, key: bytes, data: bytes, payload: bytes = b"", chunk: int = 0xFF) -> Page:
        span = 1 + -(-len(payload) // 32)
        if payload:
            data = struct.pack("<HHI", len(payload), 0xFFFF, zlib.crc32(payload, 0xFFFFFFFF))
        rest = key.ljust(16, b"\0") + data.ljust(8, b"\xff")
        first = bytes([ns, kind, span, chunk])
        whole = first + struct.pack("<I", zlib.crc32(first + rest, 0xFFFFFFFF)) + rest
        self._append(whole + payload.ljust((span - 1) * 32, b"\xff"), 0b10)
        return self

    def erased(self, junk: bytes) -> Page:
        self._append(junk.ljust(32, b"\0"), 0b00)
        return self

    def _append(self, data: bytes, bits: int) -> None:
        for index in range(len(self.entries) // 32, (len(self.entries) + len(data)) // 32):
            self.bits &= ~((0b11 ^ bits) << 2 * index)
        self.entries += data

    def __bytes__(self) -> bytes:
        return (self.head + self.bits.to_bytes(32, "little") + self.entries).ljust(4096, b"\xff")


def named(page: Page | None = None) -> Page:
    return (page or Page()).add(0, 0x01, b"a", b"\x01")


def test_erased_entries_and_page_order_are_as_firmware_leaves_them() -> None:
    full = named(Page(0xFFFFFFFC, 5)).erased(b"old").add(1, 0x02, b"n", b"\x07\x00")
    active = Page(0xFFFFFFFE, 6).erased(b"old").erased(b"older").add(1, 0x21, b"s", b"", b"text\0")
    assert {str(e): e.value for e in parse(bytes(active) + bytes(full) + b"\xff" * 4096).entries} == {
        "a/n": 7,
        "a/s": "text",
    }


def test_a_blob_that_firmware_replaced_has_chunks_from_128_on() -> None:
    page = named().add(1, 0x42, b"b", b"", b"new", chunk=0x80).add(1, 0x48, b"b", b"\x03\0\0\0\x01\x80\xff\xff")
    assert parse(bytes(page)).entries[0].value == b"new"


def test_version_1_keeps_a_blob_in_one_entry() -> None:
    page = named(Page(version=0xFF)).add(1, 0x41, b"b", b"", b"old style")
    assert parse(bytes(page)).entries[0].value == b"old style"


INDEX = b"\x03\0\0\0\x01\x00\xff\xff"
TORN = {
    "a page being freed": bytes(named(Page(0xFFFFFFF8))),
    "a corrupt page": bytes(named(Page(0xFFFFFFF0))),
    "an unknown version": bytes(named(Page(version=0xFD))),
    "two active pages": bytes(named()) + bytes(Page(number=1)),
    "two pages with one number": bytes(named()) + bytes(Page(0xFFFFFFFC)),
    "a key twice": bytes(named().add(1, 0x01, b"k", b"\x01").add(1, 0x01, b"k", b"\x02")),
    "an entry without a namespace": bytes(Page().add(1, 0x01, b"k", b"\x01")),
    "a namespace twice": bytes(named().add(0, 0x01, b"a", b"\x02")),
    "two namespaces with one index": bytes(named().add(0, 0x01, b"b", b"\x01")),
    "namespace 255": bytes(Page().add(0, 0x01, b"a", b"\xff")),
    "a namespace that is a text": bytes(Page().add(0, 0x21, b"a", b"", b"\x01\0")),
    "an unknown type": bytes(named().add(1, 0x33, b"k", b"\x01")),
    "a number with a payload": bytes(named().add(1, 0x01, b"k", b"", b"long")),
    "a text without its end": bytes(named().add(1, 0x21, b"k", b"", b"text")),
    "a text with two ends": bytes(named().add(1, 0x21, b"k", b"", b"te\0xt\0")),
    "a text that is not UTF-8": bytes(named().add(1, 0x21, b"k", b"", b"\xff\xfe\0")),
    "a key of 16 bytes": bytes(named().add(1, 0x01, b"k" * 16, b"\x01")),
    "a key with something after its end": bytes(named().add(1, 0x01, b"k\0k", b"\x01")),
    "no key": bytes(named().add(1, 0x01, b"", b"\x01")),
    "an old blob in a new page": bytes(named().add(1, 0x41, b"b", b"", b"old")),
    "a new blob in an old page": bytes(named(Page(version=0xFF)).add(1, 0x42, b"b", b"", b"new", chunk=0)),
    "a blob's part without the blob": bytes(named().add(1, 0x42, b"b", b"", b"new", chunk=0)),
    "a blob without its part": bytes(named().add(1, 0x48, b"b", INDEX)),
    "a blob of another length": bytes(named().add(1, 0x42, b"b", b"", b"four", chunk=0).add(1, 0x48, b"b", INDEX)),
    "a blob's part twice": bytes(
        named()
        .add(1, 0x42, b"b", b"", b"one", chunk=0)
        .add(1, 0x42, b"b", b"", b"one", chunk=0)
        .add(1, 0x48, b"b", INDEX)
    ),
    "something in an empty page": b"\xff" * 4000 + b"\0" * 96,
}


@pytest.mark.parametrize("image", TORN.values(), ids=TORN.keys())
def test_what_firmware_would_repair_or_ignore_is_torn(image: bytes) -> None:
    with pytest.raises(TornImage):
        parse(image)
