# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ESP board whose NVS is encrypted holds, as a reader that others wrote decrypts its flash's file."""

from __future__ import annotations

from pathlib import Path

from idftool.nvs import crypto, parse

TABLE = """# Name, Type, SubType, Offset, Size
nvs,     data, nvs,      0x9000,   0x6000
factory, app,  factory,  0x10000,  0x100000
fctry,   data, nvs,      0x110000, 0x6000
nvs_key, data, nvs_keys, 0x120000, 0x1000
"""
"""The `partitions.csv` of these boards."""
_FCTRY = slice(0x110000, 0x116000)
_KEY = slice(0x120000, 0x120040)
BLANK = b"\xff"


def key_of(flash: Path) -> bytes:
    return flash.read_bytes()[_KEY]


def held(flash: Path) -> list[dict[str, str]]:
    """Each certificate: the board's own, then by channel. Empty where nothing was written."""
    image, key = flash.read_bytes()[_FCTRY], key_of(flash)
    if not image.strip(BLANK):
        return []
    plain = crypto.decrypt(image, crypto.NvsKeys(key[:32], key[32:]))
    values = {entry.key: entry.value for entry in parse(plain, strict=True).entries if entry.namespace == "iotda"}
    numbers = ["", *range(1, int(values.get("Channels", 0)) + 1)]
    certificates = [{name: values.pop(f"{name}{n}") for name in ("product_id", "device_id", "secret")} for n in numbers]
    assert values.keys() <= {"Channels"}, values
    return certificates
