# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted partitions and their keys."""

from __future__ import annotations

import hmac

import pytest

from station.targets.esp.nvs import crypt


def test_keys_are_new_each_time() -> None:
    assert len({crypt.new_key() for _ in range(100)}) == 100


def test_the_hmac_scheme_is_the_documented_one() -> None:
    chip_key = bytes(range(32))
    key = crypt.key_from_hmac(chip_key)
    assert key[:32] == hmac.new(chip_key, bytes.fromhex("5a5abeae" * 8), "sha256").digest()
    assert key[32:] == hmac.new(chip_key, bytes.fromhex("a5a5dece" * 8), "sha256").digest()


def test_an_hmac_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        crypt.key_from_hmac(bytes(31))


def test_a_keys_partition_is_read_back() -> None:
    key = crypt.new_key()
    assert crypt.parse_keys_partition(crypt.keys_partition(key)) == key


def test_a_blank_keys_partition_has_no_key() -> None:
    assert crypt.parse_keys_partition(b"\xff" * 4096) is None


@pytest.mark.parametrize("at", [0, 63, 64, 67, 68, 4095])
def test_a_changed_keys_partition_is_refused(at: int) -> None:
    page = bytearray(crypt.keys_partition(bytes(range(64))))
    page[at] ^= 1
    with pytest.raises(ValueError, match="not a plain"):
        crypt.parse_keys_partition(bytes(page))
