# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets off the wire, in place of esptool's `slip_reader`: the same packets and the same refusals, over what has come
as a whole, where esptool makes an object of each byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

END = b"\xc0"
_LONGEST = 1 << 16
"""Bytes on the wire; the largest packet is a block of 4 KiB, whose bytes may each be two."""
_ESCAPE = b"\xdb"
_ESCAPED = {0xDC: END, 0xDD: _ESCAPE}
_CRASH = re.compile(rb"Guru Meditation Error|Fatal exception")


Reader = Callable[[Any, Callable[[str], None]], Iterator[bytes]]
"""Called with a port and a function that traces."""


def reader(of_esptool: Reader, fatal: type[Exception]) -> Reader:
    """What stands in for `of_esptool`, to which ports without a `take` are left: they are not ours."""

    def chosen(port: Any, trace: Callable[[str], None]) -> Iterator[bytes]:
        return packets(port, fatal) if hasattr(port, "take") else of_esptool(port, trace)

    return chosen


def packets(port: Any, fatal: type[Exception]) -> Iterator[bytes]:
    """As they come; `fatal` is raised for silence longer than the port's timeout and for what is no packet."""
    heard = b""
    while True:
        heard = heard or _more(port, fatal)
        if heard[:1] != END:
            raise fatal(_not_a_packet(heard + port.take(0)))
        whole, looked_at = bytearray(heard[1:]), 0
        while (end := whole.find(END, looked_at)) < 0:
            looked_at = len(whole)
            if looked_at > _LONGEST:
                raise fatal("A packet that does not end.")
            whole += _more(port, fatal)
        heard = bytes(whole[end + 1 :])
        yield _unescaped(bytes(whole[:end]), fatal)


def _more(port: Any, fatal: type[Exception]) -> bytes:
    heard: bytes = port.take(port.timeout)
    if not heard:
        raise fatal("No serial data received, or not to the end of a packet.")
    return heard


def _not_a_packet(heard: bytes) -> str:
    if crash := _CRASH.search(heard):
        return f"{crash[0].decode()} detected."
    return f"Invalid head of packet ({heard[0]:#04x}): Possible serial noise or corruption."


def _unescaped(packet: bytes, fatal: type[Exception]) -> bytes:
    first, *parts = packet.split(_ESCAPE)
    if any(not part or part[0] not in _ESCAPED for part in parts):
        raise fatal("Invalid SLIP escape.")
    return first + b"".join(_ESCAPED[part[0]] + part[1:] for part in parts)
