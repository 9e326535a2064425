# SPDX-License-Identifier: GPL-3.0-or-later
"""SLIP framing as the boot loaders speak it: 0xC0 before and after each packet, 0xC0 and 0xDB escaped within.

Bytes between packets and packets with a broken escape are dropped without a word, as the ROM does.
"""

from __future__ import annotations

END = 0xC0
_ESCAPE = 0xDB
_ESCAPED = {0xDC: 0xC0, 0xDD: 0xDB}


def encode(packet: bytes) -> bytes:
    body = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + body + b"\xc0"


class Decoder:
    """Feed bytes as they come; get each finished packet with the index of its last byte in what was fed."""

    def __init__(self) -> None:
        self._packet: bytearray | None = None
        self._escaping = False

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        done: list[tuple[int, bytes]] = []
        start = 0
        while (end := data.find(END, start)) >= 0:
            self._take(data[start:end])
            if self._packet:
                done.append((end, bytes(self._packet)))
                self._packet = None
            else:
                self._packet = bytearray()
            self._escaping = False
            start = end + 1
        self._take(data[start:])
        return done

    def _take(self, data: bytes) -> None:
        if self._packet is None or not data:
            return
        if not self._escaping and _ESCAPE not in data:
            self._packet += data
            return
        for byte in data:
            if self._escaping:
                self._escaping = False
                plain = _ESCAPED.get(byte)
                if plain is None:
                    self._packet = None
                    return
                self._packet.append(plain)
            elif byte == _ESCAPE:
                self._escaping = True
            else:
                self._packet.append(byte)
