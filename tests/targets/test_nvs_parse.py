# SPDX-License-Identifier: GPL-3.0-or-later
"""The parser returns exactly what was written, or says that the partition is torn; nothing in between."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.targets.esp.nvs import Entry, EntryKind, build, parse
from tests.sampled import examples
from tests.targets.nvs_page import Page, named

SIZE = 0x4000
NAMES = st.text("".join(c for c in map(chr, range(0x21, 0x7F))), min_size=1, max_size=15)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)


@st.composite
def an_entry(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(list(EntryKind)))
    if kind is EntryKind.STRING:
        value: int | str | bytes = draw(TEXTS)
    elif kind is EntryKind.BLOB:
        value = draw(st.binary(max_size=400) | st.binary(min_size=3900, max_size=4100))
    else:
        value = draw(st.integers(kind.int_range()[0], kind.int_range()[-1]))
    return Entry(namespace=draw(st.sampled_from(("a", "aliyun-key")) | NAMES), key=draw(NAMES), kind=kind, value=value)


some_entries = st.lists(an_entry(), max_size=8, unique_by=str)


@settings(max_examples=examples(100))
@given(some_entries, st.booleans())
def test_what_was_built_is_read_back(entries: list[Entry], encrypted: bool) -> None:
    key = bytes(range(64)) if encrypted else None
    assert set(parse(build(entries, 0x10000, key=key), key=key).entries) == set(entries)


def sample() -> tuple[list[Entry], bytes]:
    entries = [
        Entry(namespace="a", key="text", kind=EntryKind.STRING, value="0123456789abcdef0123456789abcdef"),
        Entry(namespace="a", key="blob", kind=EntryKind.BLOB, value=bytes(range(200)) * 22),
        Entry(namespace="b", key="number", kind=EntryKind.U32, value=0xA5A5),
    ]
    return entries, build(entries, SIZE)


ENTRIES, IMAGE = sample()
USED = max(i for i, byte in enumerate(IMAGE) if byte != 0xFF) + 1


@settings(max_examples=examples(300))
@given(st.integers(0, SIZE - 1), st.integers(1, 255))
def test_a_changed_byte_never_changes_a_value(at: int, mask: int) -> None:
    changed = bytearray(IMAGE)
    changed[at] ^= mask
    found = parse(bytes(changed))
    assert "0123456789abcdef" not in repr(found.damage) + repr(found.unclear)
    assert all(entry in ENTRIES for entry in found.entries)  # an entry may be seen as erased, never as another one


@settings(max_examples=examples(60))
@given(st.integers(0, USED))
def test_an_interrupted_write_is_torn_or_all_there(written: int) -> None:
    found = parse(IMAGE[:written].ljust(SIZE, b"\xff"))
    assert found.damage or set(found.entries) in (set(), set(ENTRIES))
    assert set(found.entries) <= set(ENTRIES)


@settings(max_examples=examples(100))
@given(st.integers(0, 2**64 - 1))
def test_noise_is_torn(seed: int) -> None:
    assert parse(b"\xfe\xff\xff\xff" + random.Random(seed).randbytes(4092)).damage


def test_a_blank_partition_holds_nothing() -> None:
    assert parse(b"\xff" * SIZE).entries == ()


@pytest.mark.parametrize("size", [0, 1, 4095, 4097])
def test_part_of_a_page_is_torn(size: int) -> None:
    assert parse(b"\xff" * size).damage


def test_another_key_does_not_open_an_encrypted_image() -> None:
    image = build(ENTRIES, SIZE, key=bytes(range(64)))
    for key in (None, bytes(range(1, 65))):
        found = parse(image, key=key)
        assert found.damage
        assert not found.entries


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
