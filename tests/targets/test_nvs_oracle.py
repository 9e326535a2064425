# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVS reader, writer and decryptor that others wrote (idftool) agrees with ours in both directions."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from esp_idf_nvs_partition_gen import nvs_partition_gen
from hypothesis import given, settings
from hypothesis import strategies as st
from idftool.nvs import crypto, edit
from idftool.nvs import parse as idf_parse

from station.targets.esp.nvs import Entry, EntryKind, build, crypt, parse
from tests.sampled import examples

SIZE = 0x8000
ENTRIES = [
    Entry(namespace="aliyun-key", key="DeviceName", kind=EntryKind.STRING, value="摄像头-1"),
    Entry(namespace="aliyun-key", key="DeviceSecret", kind=EntryKind.STRING, value="0123456789abcdef" * 2),
    Entry(namespace="aliyun-key", key="count", kind=EntryKind.U8, value=255),
    Entry(namespace="other", key="signed", kind=EntryKind.I64, value=-(2**63)),
    Entry(namespace="other", key="set", kind=EntryKind.BLOB, value=bytes(range(256)) * 40),
    Entry(namespace="other", key="empty", kind=EntryKind.BLOB, value=b""),
]


def as_idf(image: bytes) -> set[tuple[str, str, str, object]]:
    return {(e.namespace, e.key, e.type, e.value) for e in idf_parse(image, strict=True).entries}


def as_ours(entries: list[Entry] | tuple[Entry, ...]) -> set[tuple[str, str, str, object]]:
    return {(e.namespace, e.key, str(e.kind), e.value) for e in entries}


@pytest.mark.parametrize("version", [1, 2])
def test_it_reads_what_we_build(version: int) -> None:
    entries = [entry for entry in ENTRIES if version == 2 or entry.key != "set"]
    assert as_idf(build(entries, SIZE, version=version)) == as_ours(entries)


def test_it_decrypts_what_we_encrypt_to_exactly_the_plain_image() -> None:
    chip_key = bytes(range(32))
    image = build(ENTRIES, SIZE, key=crypt.key_from_hmac(chip_key))
    plain = crypto.decrypt(image, crypto.NvsKeys.from_hmac_key(chip_key))
    assert plain == build(ENTRIES, SIZE)


def test_it_decrypts_with_the_key_of_the_keys_partition() -> None:
    page = crypt.keys_partition(crypt.new_key())
    key = crypt.parse_keys_partition(page)
    assert key
    plain = crypto.decrypt(build(ENTRIES, SIZE, key=key), crypto.NvsKeys(key[:32], key[32:]))
    assert as_idf(plain) == as_ours(ENTRIES)


def test_we_read_the_keys_partition_that_the_generator_writes(tmp_path: Path) -> None:
    made = nvs_partition_gen.generate_key(Namespace(keyfile="k.bin", outdir=str(tmp_path), key_protect_hmac=False))
    page = (tmp_path / "keys" / "k.bin").read_bytes()
    assert crypt.parse_keys_partition(page) == bytes.fromhex(made)
    assert crypt.keys_partition(bytes.fromhex(made)) == page


values = st.integers(0, 255) | st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=40)


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(st.sampled_from("abcd"), values), min_size=1, max_size=60))
def test_we_read_what_it_leaves_after_many_changes(changes: list[tuple[str, int | str]]) -> None:
    """It appends and erases as firmware does, so pages fill, and entries and pages come out of order."""
    image = build(ENTRIES, SIZE)
    expected = {str(entry): entry.value for entry in ENTRIES}
    for key, value in changes:
        kind = "u8" if isinstance(value, int) else "string"
        image = bytes(edit.apply(image, [edit.Edit("aliyun-key", key + kind[0], kind, value)])[0])
        expected[f"aliyun-key/{key + kind[0]}"] = value
    assert {str(entry): entry.value for entry in parse(image).entries} == expected
