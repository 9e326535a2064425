# SPDX-License-Identifier: GPL-3.0-or-later
"""NVS pages written by hand, entry by entry, to show what a generator never makes and a device does."""

from __future__ import annotations

import struct
import zlib


class Page:
    """A page written by hand, entry by entry, to show what the generator never makes."""

    def __init__(self, state: int = 0xFFFFFFFE, number: int = 0, version: int = 0xFE) -> None:
        header = struct.pack("<IB", number, version) + b"\xff" * 19
        self.head = struct.pack("<I", state) + header + struct.pack("<I", zlib.crc32(header, 0xFFFFFFFF))
        self.bits = (1 << 256) - 1
        self.entries = b""

    def add(self, ns: int, kind: int, key: bytes, data: bytes, payload: bytes = b"", chunk: int = 0xFF) -> Page:
        span = 1 + -(-len(payload) // 32)
        if payload:
            data = struct.pack("<HHI", len(payload), 0xFFFF, zlib.crc32(payload, 0xFFFFFFFF))
        rest = key.ljust(16, b"\0") + data.ljust(8, b"\xff")
        first = bytes([ns, kind, span, chunk])
        whole = first + struct.pack("<I", zlib.crc32(first + rest, 0xFFFFFFFF)) + rest
        self._append(whole + payload.ljust((span - 1) * 32, b"\xff"), 0b10)
        return self

    def erased(self, junk: bytes) -> Page:
        self._append(junk.ljust(32, b"\0"), 0b00)
        return self

    def _append(self, data: bytes, bits: int) -> None:
        for index in range(len(self.entries) // 32, (len(self.entries) + len(data)) // 32):
            self.bits &= ~((0b11 ^ bits) << 2 * index)
        self.entries += data

    def __bytes__(self) -> bytes:
        return (self.head + self.bits.to_bytes(32, "little") + self.entries).ljust(4096, b"\xff")


def named(page: Page | None = None) -> Page:
    return (page or Page()).add(0, 0x01, b"a", b"\x01")
