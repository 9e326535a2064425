# SPDX-License-Identifier: GPL-3.0-or-later
"""The speed a slot's adapter and cable carry: the profile's, or the next lower one at which the board is heard.

A slot that failed at one speed begins with the next for the rest of the process: each attempt costs a reset and a stub.
The stub is 6 to 9 KB, most of what goes over the wire: a ROM that can go up before does, and the stub keeps its speed.
"""

from __future__ import annotations

from station.errors import BoardFault
from station.targets.esp.link import EspLink
from station.targets.esp.tool import ROM_BAUD

_BAUDS = (921600, 460800, 230400, ROM_BAUD)
_carries: dict[str, int] = {}
_stub_first: set[str] = set()
"""Slots where a ROM, or the stub after it, was not heard at a higher speed."""


def start_stub(link: EspLink, slot: str, baud: int) -> bytes:
    """Start the stub, at `baud` or slower, and return the MAC that the board then answers with."""
    fastest = min(baud, _carries.get(slot, baud))
    if link.rom_can_speed_up and slot not in _stub_first:
        try:
            link.change_baud(fastest)
            link.start_stub()
            return link.mac()
        except BoardFault:
            _stub_first.add(slot)
            link.connect_again()
    link.start_stub()
    bauds = [lower for lower in _BAUDS if lower <= fastest]
    for tried in bauds:
        try:
            link.change_baud(tried)
            return link.mac()
        except BoardFault:
            if tried == ROM_BAUD or not link.can_reset:
                raise
            _carries[slot] = _BAUDS[_BAUDS.index(tried) + 1]
            link.connect_again()
            link.start_stub()
    raise AssertionError("the lowest speed either answers or raises")
