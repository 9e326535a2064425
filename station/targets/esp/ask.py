# SPDX-License-Identifier: GPL-3.0-or-later
"""A packet to a loader, and its answer, in place of esptool's `write` and `command`: the same bytes and refusals,
without the words that esptool makes for a trace that is off, a third of what a question costs.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Any

_HEADER = struct.Struct("<BBHI")
_RESPONSE = 1
_UNKNOWN = b"\x05"
"""What a loader says of an order that it does not know (invalid message)."""
_ANSWERS = 100
"""After so many packets that are no answer to this question none is waited for: as esptool has it."""
_LONGEST_S = 240.0
_UNKNOWN_IS_REPEATED_S = 0.2
_USUAL_S = 3.0

Answer = tuple[int, bytes]
"""The value, and what follows the header."""
Unsupported = Callable[[Any, int], Exception]
"""Made of a loader and its order."""


def write(esp: Any, packet: bytes) -> None:
    body = bytes(packet).replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    esp._port.write(b"\xc0" + body + b"\xc0")


def checksum(data: bytes, state: int = 0xEF) -> int:
    """XOR of `state` and all bytes: as one number, folded in half until one byte is left."""
    folded, bits = int.from_bytes(data, "little"), 8 * len(data)
    while bits > 8:
        bits = -(-bits // 16) * 8
        folded = folded >> bits ^ folded & (1 << bits) - 1
    return folded ^ state


def asker(fatal: type[Exception], unsupported: Unsupported) -> Callable[..., Answer | None]:
    """A method for esptool's loaders. It raises `fatal` for what is no answer, and what `unsupported` makes."""

    def command(
        esp: Any,
        op: int | None = None,
        data: bytes = b"",
        chk: int = 0,
        wait_response: bool = True,  # noqa: FBT001, FBT002 - as esptool calls it
        timeout: float = _USUAL_S,
    ) -> Answer | None:
        port, timeout_s = esp._port, min(timeout, _LONGEST_S)
        usual_s = port.timeout
        if timeout_s != usual_s:  # over RFC 2217 that costs
            port.timeout = timeout_s
        try:
            if op is not None:
                esp.write(_HEADER.pack(0, op, len(data), chk) + data)
            return _answer(esp, op, fatal, unsupported) if wait_response else None
        finally:
            if timeout_s != usual_s:
                port.timeout = usual_s

    return command


def _answer(esp: Any, op: int | None, fatal: type[Exception], unsupported: Unsupported) -> Answer:
    for _ in range(_ANSWERS):
        packet = esp.read()
        if len(packet) < _HEADER.size:
            continue
        kind, answered, _size, value = _HEADER.unpack_from(packet)
        if kind != _RESPONSE:
            continue
        rest = packet[_HEADER.size :]
        if op is None or answered == op:
            return value, rest
        if rest[:1] > b"\0" and rest[1:2] == _UNKNOWN:
            time.sleep(_UNKNOWN_IS_REPEATED_S)
            esp.flush_input()
            raise unsupported(esp, op)
    raise fatal("Response doesn't match request.")
