# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value is written into a console's line: {deviceSecret:base64}, {deviceName:crc16}. All of its UTF-8 bytes.

A check (length, CRC, sum, hash) does not carry the value; every other form does. Check values of the digits
“123456789”, from the catalogue of parametrised CRC algorithms, are in the tests.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from functools import reduce
from operator import xor
from types import MappingProxyType
from urllib.parse import quote

CARRYING: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "": lambda data: data.decode(),
        "hex": lambda data: data.hex(),
        "HEX": lambda data: data.hex().upper(),
        "base64": lambda data: base64.b64encode(data).decode(),
        "url": lambda data: quote(data, safe=""),
        "escaped": lambda data: re.sub(r'([\\,"])', r"\\\1", data.decode()),
        "quoted": lambda data: '"' + data.decode().replace('"', '""') + '"',
        "upper": lambda data: data.decode().upper(),
        "lower": lambda data: data.decode().lower(),
    }
)
CHECKING: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {
        "length": lambda data: str(len(data)),
        "last4": lambda data: data.decode()[-4:],
        "crc16": lambda data: f"{_crc16(data, 0xFFFF):04X}",  # CRC-16/IBM-3740, mostly called CCITT or CCITT-FALSE
        "crc16_xmodem": lambda data: f"{_crc16(data, 0):04X}",
        "crc16_kermit": lambda data: f"{_crc16_reflected(data, 0x8408, 0):04X}",
        "crc16_modbus": lambda data: f"{_crc16_reflected(data, 0xA001, 0xFFFF):04X}",
        "crc32": lambda data: f"{zlib.crc32(data):08X}",
        "sum8": lambda data: f"{sum(data) & 0xFF:02X}",
        "xor8": lambda data: f"{reduce(xor, data, 0):02X}",  # as NMEA 0183 has it
        "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    }
)
FORMS: Mapping[str, Callable[[bytes], str]] = MappingProxyType({**CARRYING, **CHECKING})


def _crc16(data: bytes, crc: int) -> int:
    """Polynomial 0x1021, most significant bit first."""
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = crc << 1 ^ (0x1021 if crc & 0x8000 else 0)
        crc &= 0xFFFF
    return crc


def _crc16_reflected(data: bytes, polynomial: int, crc: int) -> int:
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc
