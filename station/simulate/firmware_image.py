# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what a board's flash holds, from the file, without asking the board: the second opinion on every flash.

Written from the layout in `firmware_templates/agent/slot.h` and `identity.h`; shares no code with the firmware or with
the station's side of the protocol.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from station.model import Certificate, Secret

_MAGIC, _VERSION, _COMMIT = 0x52444953, 1, 0x54494D43
_KEY_AT, _COMMIT_AT = 20, 32
_APART = 16
"""Bytes that commit and lock have to themselves each, unless a unit of flash is longer."""
_SECTORS = {32 << 20: 256 << 10, 4 << 20: 64 << 10}
"""By the size of a chip that is much larger than two slots: of one sector each, at its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """The record in force. Certificates: the primary, then channels 1 … n."""

    seq: int
    locked: bool
    certificates: tuple[Certificate, ...]


def read_identity(flash_file: Path, *, unit: int = _APART) -> list[Certificate] | None:
    """The certificates a board holds, primary first; None without a valid record. `unit` as for `read_record`."""
    record = read_record(flash_file, unit=unit)
    return list(record.certificates) if record else None


def read_record(flash_file: Path, *, unit: int = _APART) -> ImageRecord | None:
    """The newest valid record of a flash or EEPROM file, whose two slots are its two halves, or its first sectors.

    The same one is in both slots as a rule; a lock in one of them counts. `unit`: what its flash programs at once.
    """
    size = flash_file.stat().st_size
    slot_size = _SECTORS.get(size, size // 2)
    with flash_file.open("rb") as file:
        image = file.read(2 * slot_size)
    newest: ImageRecord | None = None
    for slot in (image[:slot_size], image[slot_size:]):
        record = _parse(slot, max(unit, _APART))
        if record and newest and record.seq == newest.seq:
            newest = replace(newest, locked=newest.locked or record.locked)
        elif record and (newest is None or 0 < (record.seq - newest.seq) % 2**32 < 2**31):
            newest = record
    return newest


def _parse(slot: bytes, apart: int) -> ImageRecord | None:
    magic, version, seq, length, crc = struct.unpack_from("<5I", slot)
    commit, key_crc = struct.unpack_from("<II", slot, _COMMIT_AT)
    (lock,) = struct.unpack_from("<I", slot, _COMMIT_AT + apart)
    payload = slot[_COMMIT_AT + 2 * apart :][:length]
    sound = len(payload) == length and zlib.crc32(slot[:16] + payload) == crc
    key_is_sound = _is_erased(key_crc) or zlib.crc32(slot[_KEY_AT:_COMMIT_AT]) == key_crc
    if (magic, version, commit) != (_MAGIC, _VERSION, _COMMIT) or not (sound and key_is_sound):
        return None
    return ImageRecord(seq=seq, locked=not _is_erased(lock), certificates=_certificates(payload))


def _is_erased(word: int) -> bool:
    """All ones, or one bit of it flipped."""
    return word.bit_count() >= 31


def _certificates(payload: bytes) -> tuple[Certificate, ...]:
    texts: list[str] = []
    at = 1
    while at < len(payload):
        end = at + 1 + payload[at]
        texts.append(payload[at + 1 : end].decode())
        at = end
    if len(texts) != 4 * (payload[0] + 1):
        raise ValueError(f"a valid record of {payload[0]} channels holds {len(texts)} fields")
    return tuple(
        Certificate(
            product_key=product_key,
            device_name=device_name,
            device_secret=Secret(device_secret),
            product_secret=Secret(product_secret) if product_secret else None,
        )
        for product_key, device_name, device_secret, product_secret in zip(*[iter(texts)] * 4, strict=True)
    )
