# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated agent board's flash: a file with two slots and a lock, which survives SIGKILL and can be looked into.

Layout: slot 0 and slot 1, `SLOT_BYTES` each, then one lock byte. Erased is 0xFF. A slot is a header {magic, seq,
length, crc32 of seq, length and payload} and the payload, JSON: the certificates and the key that came with them. The
payload is synced before the header, so a slot is whole or worthless.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from station.model import Certificate, Secret

SLOT_BYTES = 64 * 1024
_HEADER = struct.Struct("<4sIII")
_MAGIC = b"AgSt"
_LOCK_AT = 2 * SLOT_BYTES
_ERASED = b"\xff"

Fields = dict[str, str]
"""One certificate as stored: pk, dn, ds, ps."""


class PowerCutError(Exception):
    """The power went in the middle of a flash operation; only the file is left."""


@dataclass(frozen=True, slots=True)
class AgentRecord:
    seq: int
    slot: int
    certificates: list[Fields]
    key: str = ""


class AgentStore:
    """`cut_at`: let the power go in the middle of the n-th flash operation from now, counted from 1."""

    def __init__(self, path: Path, *, cut_at: int | None = None) -> None:
        self.path = path
        self._cut_at = cut_at
        self._operations = 0
        if not path.exists():
            path.touch(mode=0o600)  # it will hold a secret
            path.write_bytes(_ERASED * (_LOCK_AT + 1))

    def record(self) -> AgentRecord | None:
        return _newest(self.path.read_bytes())

    @property
    def torn(self) -> bool:
        image = self.path.read_bytes()
        return _newest(image) is None and image[:_LOCK_AT].strip(_ERASED) != b""

    @property
    def locked(self) -> bool:
        return self.path.read_bytes()[_LOCK_AT:] == b"\0"

    def lock(self) -> None:
        self._program(_LOCK_AT, b"\0")

    def replace(self, certificates: list[Fields], key: str = "") -> AgentRecord:
        """Write the other slot, make it valid in one last step, then erase the old one."""
        old = self.record()
        slot = 1 - old.slot if old else 0
        seq = old.seq + 1 if old else 1
        payload = json.dumps({"certificates": certificates, "key": key}).encode()
        at = slot * SLOT_BYTES
        self._program(at, _ERASED * SLOT_BYTES)
        self._program(at + _HEADER.size, payload)
        check = zlib.crc32(struct.pack("<II", seq, len(payload)) + payload)
        self._program(at, _HEADER.pack(_MAGIC, seq, len(payload), check))
        self._program((1 - slot) * SLOT_BYTES, _ERASED * SLOT_BYTES)
        return AgentRecord(seq, slot, certificates, key)

    def _program(self, at: int, data: bytes) -> None:
        self._operations += 1
        cut = self._operations == self._cut_at
        with self.path.open("r+b", buffering=0) as flash:
            flash.seek(at)
            flash.write(data[: len(data) // 2] if cut else data)
            os.fsync(flash.fileno())
        if cut:
            raise PowerCutError


def read_identity(path: Path) -> list[Certificate] | None:
    """The certificates in the flash file, primary first; None when it holds no whole identity. Asks no board."""
    record = _newest(path.read_bytes()) if path.exists() else None
    if not record:
        return None
    return [
        Certificate(
            product_key=stored["pk"],
            device_name=stored["dn"],
            device_secret=Secret(stored["ds"]),
            product_secret=Secret(stored["ps"]) if stored["ps"] else None,
        )
        for stored in record.certificates
    ]


def _newest(image: bytes) -> AgentRecord | None:
    found = [record for slot in (0, 1) if (record := _slot(image, slot))]
    return max(found, key=lambda record: record.seq, default=None)


def _slot(image: bytes, slot: int) -> AgentRecord | None:
    start = slot * SLOT_BYTES
    magic, seq, length, check = _HEADER.unpack_from(image, start)
    payload = image[start + _HEADER.size :][:length]
    if magic != _MAGIC or check != zlib.crc32(struct.pack("<II", seq, length) + payload):
        return None
    return AgentRecord(seq, slot, **json.loads(payload))
