# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns fixture positions: whoever sets up a bench plugs in one board at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

from station.codes import Code
from station.errors import PortFault
from station.targets import usb
from station.targets.slots import topology_key

WAIT_S = 60.0
_LOOK_S = 0.2


def learn_port(*, wait_s: float = WAIT_S, stop: Callable[[], bool] = lambda: False) -> str:
    """The topology of the one port that appears from now on; "" once `stop` says that nobody wants to know any more.
    PortFault E313 when none or more than one does.

    A board with several ports of its own counts by its first: it appears with all of them at once.
    """
    before = {topology_key(seen.topology) for seen in usb.scan()}
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline and not stop():
        new = [seen.topology for seen in usb.scan() if seen.topology and topology_key(seen.topology) not in before]
        if len({_socket(topology) for topology in new}) > 1:
            raise PortFault("more than one board was plugged in", do="take them out and plug in one", code=Code.E313)
        if new:
            return min(new, key=topology_key)
        time.sleep(_LOOK_S)
    if stop():
        return ""
    raise PortFault(
        f"no board was plugged in for {wait_s:.0f} s",
        do="plug it out and in again; if nothing changes: station doctor",
        code=Code.E313,
    )


def _socket(topology: str) -> str:
    """Without the interface: the socket that the plug is in."""
    return topology_key(topology).rpartition(":")[0]
