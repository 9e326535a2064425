# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs beside us leave in a partition never makes the rest unreadable, and is kept byte for byte.

Each image is what ESP-IDF leaves or may find: after a power cut, in another charset, from a newer version.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idftool.nvs import parse as idf_parse

from station.errors import BoardFault
from station.targets.esp.nvs import Contents, Entry, EntryKind, build, parse
from tests.sampled import examples
from tests.targets.nvs_page import Page, named

OURS = Entry(namespace="a", key="ours", kind=EntryKind.STRING, value="0123456789abcdef")
INDEX = b"\x03\0\0\0\x01\x00\xff\xff"


def with_ours(page: Page | None = None) -> Page:
    return named(page).add(1, 0x21, b"ours", b"", b"0123456789abcdef\0")


def values(found: Contents) -> dict[str, object]:
    return {str(entry): entry.value for entry in found.entries}


LONG = bytes(with_ours(Page(0xFFFFFFFC))) + bytes(Page(number=1).add(1, 0x21, b"k", b"", b"x" * 3999 + b"\0"))
FOREIGN = {
    "the longest text": LONG,
    "a text in GBK": bytes(with_ours().add(1, 0x21, b"k", b"", "工厂".encode("gbk") + b"\0")),
    "a text without its end": bytes(with_ours().add(1, 0x21, b"k", b"", b"text")),
    "a text with two ends": bytes(with_ours().add(1, 0x21, b"k", b"", b"te\0xt\0")),
    "a key in UTF-8": bytes(with_ours().add(1, 0x01, "开机".encode(), b"\x07")),
    "a key with a blank": bytes(with_ours().add(1, 0x01, b"boot count", b"\x07")),
    "a key of 16 bytes": bytes(with_ours().add(1, 0x01, b"k" * 16, b"\x01")),
    "a key with something after its end": bytes(with_ours().add(1, 0x01, b"k\0k", b"\x01")),
    "no key": bytes(with_ours().add(1, 0x01, b"", b"\x01")),
    "a namespace with a blank": bytes(with_ours().add(0, 0x01, b"my app", b"\x02").add(2, 0x01, b"k", b"\x01")),
    "a type of a newer version": bytes(with_ours().add(1, 0x33, b"k", b"\x01")),
    "a number with a payload": bytes(with_ours().add(1, 0x01, b"k", b"", b"long")),
    "one key with two types": bytes(with_ours().add(1, 0x01, b"k", b"\x01").add(1, 0x02, b"k", b"\x02\0")),
    "a blob of another length": bytes(with_ours().add(1, 0x42, b"k", b"", b"four", chunk=0).add(1, 0x48, b"k", INDEX)),
}


@pytest.mark.parametrize("image", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_only_its_owner_understands_is_kept_byte_for_byte(image: bytes) -> None:
    found = parse(image)
    assert not found.damage
    assert found.kept
    ours = [*found.entries] if OURS in found.entries else [OURS, *found.entries]
    merged = build(ours, 0x5000, kept=found.kept)
    again = parse(merged)
    assert {one.content for one in again.kept} == {one.content for one in found.kept}
    assert OURS in again.entries
    for raw in (raw for one in found.kept for raw in one.raws):
        assert raw[8:] in merged


def test_a_text_in_gbk_is_as_another_reader_saw_it() -> None:
    page = with_ours().add(1, 0x21, b"ssid", b"", "工厂".encode("gbk") + b"\0")
    merged = build([OURS], 0x4000, kept=parse(bytes(page)).kept)
    before, after = (
        {e.key: e.raw[0].payload for e in idf_parse(image, strict=True).entries} for image in (bytes(page), merged)
    )
    assert after == before


REPEATED = {
    "twice on the active page": bytes(with_ours().add(1, 0x01, b"k", b"\x01").add(1, 0x01, b"k", b"\x02")),
    "once on each of two pages": bytes(with_ours(Page(0xFFFFFFFC)).add(1, 0x01, b"k", b"\x01"))
    + bytes(Page(number=1).add(1, 0x01, b"k", b"\x02")),
}


@pytest.mark.parametrize("image", REPEATED.values(), ids=REPEATED.keys())
def test_of_a_key_that_a_power_cut_left_twice_the_last_counts(image: bytes) -> None:
    found = parse(image)
    assert values(found) == {"a/ours": OURS.value, "a/k": 2}
    assert ("a", "k") in found.unclear
    assert not found.damage
    assert {e.key: e.value for e in idf_parse(image).entries}["k"] == 2


def test_a_blob_whose_old_parts_are_still_there_is_the_new_one() -> None:
    page = with_ours().add(1, 0x42, b"b", b"", b"old", chunk=0).add(1, 0x48, b"b", INDEX)
    page.add(1, 0x42, b"b", b"", b"new", chunk=0x80).add(1, 0x48, b"b", b"\x03\0\0\0\x01\x80\xff\xff")
    found = parse(bytes(page))
    assert values(found)["a/b"] == b"new"
    assert ("a", "b") in found.unclear


def torn(page: Page, **changes: bytes) -> bytes:
    image = bytearray(bytes(page))
    for at, value in ((int(name[1:]), value) for name, value in changes.items()):
        image[at : at + len(value)] = value
    return bytes(image)


BEHIND = 64 + 32 * 3
"""Where the next entry goes behind namespace and our text."""
DAMAGED = {
    "an item whose marks were not set yet": torn(with_ours(), **{f"_{BEHIND}": b"\x01\x01\x01\xff" + b"\x12" * 28}),
    "an item with a wrong checksum": torn(with_ours().add(1, 0x01, b"k", b"\x01"), **{f"_{BEHIND + 10}": b"zz"}),
    "a page that was being freed": bytes(with_ours(Page(0xFFFFFFF8))),
    "a second page that is corrupt": bytes(with_ours()) + bytes(Page(0xFFFFFFF0, 1)),
    "a second page of an unknown version": bytes(with_ours()) + bytes(Page(0xFFFFFFFC, 1, 0xFD)),
    "a page whose erasing was cut off": bytes(with_ours()) + b"\xff" * 4000 + b"\0" * 96,
    "two active pages": bytes(with_ours()) + bytes(Page(number=1)),
    "two pages with one number": bytes(with_ours()) + bytes(Page(0xFFFFFFFC)),
    "two namespaces with one index": bytes(with_ours().add(0, 0x01, b"b", b"\x01")),
    "a namespace twice": bytes(with_ours().add(0, 0x01, b"a", b"\x02")),
    "a blob's part without the blob": bytes(with_ours().add(1, 0x42, b"b", b"", b"new", chunk=0)),
    "a blob without its part": bytes(with_ours().add(1, 0x48, b"b", INDEX)),
}


@pytest.mark.parametrize("image", DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_beside_our_own_keys_is_said_and_hides_none_of_them(image: bytes) -> None:
    found = parse(image)
    assert values(found) == {"a/ours": OURS.value}
    assert found.damage
    assert not found.whole


LOST = {
    "an unknown version": bytes(with_ours(Page(version=0xFD))),
    "a corrupt page": bytes(with_ours(Page(0xFFFFFFF0))),
    "a changed byte in the header": torn(with_ours(), _20=b"\0"),
    "an item of which a part is erased": torn(with_ours(), _32=b"\xca"),
}


@pytest.mark.parametrize("image", LOST.values(), ids=LOST.keys())
def test_what_firmware_would_not_find_is_damage_and_never_just_absent(image: bytes) -> None:
    found = parse(image)
    assert not found.entries
    assert found.damage


def test_items_that_no_namespace_leads_to_are_nobodys() -> None:
    page = with_ours().add(7, 0x01, b"k", b"\x01").add(0, 0x21, b"b", b"", b"\x01\0").add(0, 0x01, b"c", b"\xff")
    assert values(parse(bytes(page))) == {"a/ours": OURS.value}
    assert parse(bytes(page)).whole


def test_an_old_blob_in_a_new_page_is_a_blob() -> None:
    assert values(parse(bytes(with_ours().add(1, 0x41, b"b", b"", b"old"))))["a/b"] == b"old"


def test_what_others_keep_that_has_no_room_is_said_before_anything_is_written() -> None:
    kept = parse(LONG).kept
    big = Entry(namespace="a", key="big", kind=EntryKind.BLOB, value=bytes(4200))
    with pytest.raises(BoardFault, match="no room for the 1 keys that others keep here, among them a/k") as caught:
        build([OURS, big], 0x3000, kept=kept)
    assert caught.value.code == "E205"


KEYS = st.binary(max_size=15).filter(lambda key: b"\0" not in key and key not in (b"", b"ours"))
PAYLOADS = st.binary(min_size=1, max_size=300)


@settings(max_examples=examples(150))
@given(st.dictionaries(KEYS, PAYLOADS, min_size=1, max_size=8), st.sampled_from([1, 2]))
def test_any_text_of_others_survives_a_merge_as_another_reader_sees_it(texts: dict[bytes, bytes], version: int) -> None:
    page = with_ours(Page(version={1: 0xFF, 2: 0xFE}[version]))
    for key, payload in texts.items():
        page.add(1, 0x21, key, b"", payload)
    found = parse(bytes(page))
    assert not found.damage
    merged = build(found.entries, 0x6000, version=version, kept=found.kept)
    before, after = (sorted((e.raw[0].key, e.raw[0].payload) for e in _all(image)) for image in (bytes(page), merged))
    assert after == before


def _all(image: bytes) -> Any:
    return idf_parse(image, strict=True).entries


@settings(max_examples=examples(150))
@given(st.binary(max_size=4096 - 64), st.binary(min_size=32, max_size=32))
def test_noise_behind_a_good_header_raises_nothing_and_forges_nothing(noise: bytes, bitmap: bytes) -> None:
    image = bytes(Page())[:32] + bitmap + noise
    assert parse(image.ljust(4096, b"\xff")).entries == ()
