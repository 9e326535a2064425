# SPDX-License-Identifier: GPL-3.0-or-later
"""NVS encryption: AES-XTS, each 32-byte entry on its own, tweak = the entry's offset in the partition.

Page headers and bitmaps stay plain. Keys are ours (`secrets`): the generator's own come from Python's `random` and can
be computed again by whoever guesses the seed. Source: ESP-IDF, "NVS Encryption".
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from station.targets.esp.nvs.page import PAGE_SIZE, crc, is_blank

KEY_BYTES = 64
HMAC_KEY_BYTES = 32
_DATA_KEY_SEED = bytes.fromhex("5a5abeae") * 8
_TWEAK_KEY_SEED = bytes.fromhex("a5a5dece") * 8


def new_key() -> bytes:
    """32 bytes for data and 32 for the tweak, for one board."""
    return secrets.token_bytes(KEY_BYTES)


def key_from_hmac(hmac_key: bytes) -> bytes:
    """The key that firmware derives with a chip's HMAC_UP eFuse key. ValueError when that is not 32 bytes."""
    if len(hmac_key) != HMAC_KEY_BYTES:
        raise ValueError(f"an HMAC key is {HMAC_KEY_BYTES} bytes, not {len(hmac_key)}")
    return b"".join(hmac.digest(hmac_key, seed, "sha256") for seed in (_DATA_KEY_SEED, _TWEAK_KEY_SEED))


def keys_partition(key: bytes) -> bytes:
    """The 4096 bytes of an nvs_keys partition: key, its CRC-32, FF."""
    return (key + crc(key).to_bytes(4, "little")).ljust(PAGE_SIZE, b"\xff")


def parse_keys_partition(page: bytes) -> bytes | None:
    """The key in an nvs_keys partition, None when it is blank. ValueError when it is neither."""
    if is_blank(page):
        return None
    key = page[:KEY_BYTES]
    if len(page) < PAGE_SIZE or keys_partition(key) != page[:PAGE_SIZE]:
        raise ValueError("not a plain nvs_keys partition")
    return key


def decryptor(key: bytes) -> Callable[[bytes, int], bytes]:
    """A function (entry, its offset in the partition) → plain entry."""
    algorithm = algorithms.AES(key)

    def decrypt(entry: bytes, offset: int) -> bytes:
        return Cipher(algorithm, modes.XTS(offset.to_bytes(16, "little"))).decryptor().update(entry)

    return decrypt
