# SPDX-License-Identifier: GPL-3.0-or-later
"""The speed a slot's adapter and cable carry: the profile's, or the next lower one at which the board is heard.

A slot that failed at one speed begins with the next for the rest of the process: each attempt costs a reset and a stub.
"""

from __future__ import annotations

from station.errors import BoardFault
from station.targets.esp.link import EspLink
from station.targets.esp.tool import ROM_BAUD

_BAUDS = (921600, 460800, 230400, ROM_BAUD)
_carries: dict[str, int] = {}


def start_stub(link: EspLink, slot: str, baud: int) -> bytes:
    """Start the stub, at `baud` or slower, and return the MAC that the board then answers with."""
    link.start_stub()
    bauds = [lower for lower in _BAUDS if lower <= min(baud, _carries.get(slot, baud))]
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
