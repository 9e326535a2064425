# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be written into an NVS partition, and that the image is what was meant."""

from __future__ import annotations

import pytest

from station.errors import BoardFault
from station.targets.esp.nvs import Entry, EntryKind, build, faults, parse, used_extents

SIZE = 0x6000


def text(
    key: str, value: int | str | bytes = "v", *, namespace: str = "id", kind: EntryKind = EntryKind.STRING
) -> Entry:
    return Entry(namespace=namespace, key=key, kind=kind, value=value)


def triple(suffix: str = "") -> list[Entry]:
    return [
        text("ProductKey" + suffix, "a1B2c3D4e5F"),
        text("DeviceName" + suffix, "camera-000001"),
        text("DeviceSecret"[: 15 - len(suffix)] + suffix, "0123456789abcdef0123456789abcdef"),
    ]


BAD = {
    "key of 16 bytes": [text("DeviceSecretKey0")],
    "key of 6 characters and 18 bytes": [text("设备密钥设备")],
    "empty key": [text("")],
    "blank in a key": [text("device name")],
    "no namespace": [text("k", namespace="")],
    "namespace of 16 bytes": [text("k", namespace="n" * 16)],
    "key twice": [text("k", "one"), text("k", "two")],
    "NUL in a text": [text("k", "abc\0def")],
    "text that is not Unicode": [text("k", "\ud800")],
    "number as a text": [text("k", 5)],
    "bytes as a text": [text("k", b"abc")],
    "u8 of 300": [text("k", 300, kind=EntryKind.U8)],
    "u8 of -1": [text("k", -1, kind=EntryKind.U8)],
    "i16 of 32768": [text("k", 32768, kind=EntryKind.I16)],
    "abc as a number": [text("k", "abc", kind=EntryKind.U32)],
    "nothing as a number": [text("k", None, kind=EntryKind.U32)],
    "yes as a number": [text("k", True, kind=EntryKind.U8)],
    "text of 3968 bytes": [text("k", "x" * 3968)],
    "text of 3968 bytes in 1323 characters": [text("k", "密" * 1322 + "xx")],
    "text of 4001 bytes": [text("k", "x" * 4001)],
    "blob that is a text": [text("k", "abc", kind=EntryKind.BLOB)],
    "blob larger than the partition": [text("k", b"x" * 20_000, kind=EntryKind.BLOB)],
    "blob larger than firmware allows": [text("k", b"x" * 508_001, kind=EntryKind.BLOB)],
    "255 namespaces": [text("k", namespace=f"n{i}") for i in range(255)],
    "more than the pages hold": [text(f"k{i}", "x" * 300) for i in range(70)],
}


@pytest.mark.parametrize("entries", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_in_words_that_show_no_value(
    entries: list[Entry], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BoardFault) as caught:
        build(entries, SIZE)
    assert caught.value.code == "E205"
    assert caught.value.means == "nothing was written"
    for entry in entries:
        if isinstance(entry.value, str) and len(entry.value) > 2:
            assert entry.value not in caught.value.lines()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("size", [0, 0x1000, 0x2000, 0x3001, 0x6010])
def test_a_partition_firmware_could_not_mount_is_refused(size: int) -> None:
    with pytest.raises(BoardFault, match="whole pages"):
        build(triple(), size)


def test_the_refusal_says_how_many_pages_are_needed() -> None:
    with pytest.raises(BoardFault, match="4 pages of 0x1000 bytes are needed, the partition has 3 and one"):
        build([entry for n in range(64) for entry in triple(str(n))], 0x4000)


def test_an_nvr_with_32_channels_takes_three_pages_at_most() -> None:
    entries = [entry for n in range(33) for entry in triple(str(n))]
    assert parse(build(entries, SIZE)).pages_used <= 3


def test_many_faults_are_counted_not_listed() -> None:
    with pytest.raises(BoardFault, match="and 96 more"):
        build([text("")] * 100, SIZE)


@pytest.mark.parametrize("size", [0x3000, 0x4000, 0x5000, 0x6000, 0x10000])
def test_the_image_is_exactly_as_long_as_the_partition(size: int) -> None:
    image = build(triple(), size)
    assert len(image) == size
    assert parse(image).entries == tuple(triple())
    assert used_extents(image) == [(0, 64 + 8 * 32)]  # a namespace, two short texts, one of 33 bytes with its NUL


def test_the_same_input_gives_the_same_bytes() -> None:
    assert build(triple(), SIZE) == build(triple(), SIZE)


@pytest.mark.parametrize("limit", ["x" * 3967, "", "密钥"])
def test_texts_at_the_limits_come_back(limit: str) -> None:
    assert parse(build([text("k", limit)], SIZE)).entries[0].value == limit


@pytest.mark.parametrize("kind", [kind for kind in EntryKind if kind.int_bytes])
def test_integers_come_back_at_both_ends_of_their_range(kind: EntryKind) -> None:
    ends = [text(f"k{i}", kind.int_range()[i], kind=kind) for i in (0, -1)]
    assert parse(build(ends, SIZE)).entries == tuple(ends)


def test_keys_the_generator_knows_better_stay_alone() -> None:
    """Its module function adds sta.apinfo and others to these, and computes an access point's key."""
    wifi = [text(key, "x") for key in ("sta.ssid", "sta.pswd", "ap.ssid", "ap.passwd", "ap.authmode")]
    assert parse(build(wifi, SIZE)).entries == tuple(wifi)


def test_entries_of_a_namespace_may_be_given_apart() -> None:
    mixed = [text("a", namespace="x"), text("b", namespace="y"), text("c", namespace="x")]
    assert set(parse(build(mixed, SIZE)).entries) == set(mixed)


def test_version_1_has_blobs_in_one_page_only() -> None:
    small = [text("k", b"x" * 1984, kind=EntryKind.BLOB)]
    assert parse(build(small, SIZE, version=1)).entries == tuple(small)
    assert faults([text("k", b"x" * 1985, kind=EntryKind.BLOB)], version=1)


def test_254_namespaces_fit() -> None:
    many = [text("k", 1, namespace=f"n{i}", kind=EntryKind.U8) for i in range(254)]
    assert len(parse(build(many, 0x10000)).entries) == 254


def test_values_are_not_in_the_repr() -> None:
    assert "0123456789abcdef" not in repr(triple())
    assert "0123456789abcdef" not in repr(parse(build(triple(), SIZE)))
