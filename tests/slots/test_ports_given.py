# SPDX-License-Identifier: GPL-3.0-or-later
"""A port given with --port is a slot named after that port: a lock-out sticks to what failed, not to a position."""

from __future__ import annotations

from station.bench.setup import slots_of
from station.targets.slots import SlotSpec

SOCKET = "pci-0000:00:14.0-usb-0:2"


def names(*paths: str, configured: tuple[SlotSpec, ...] = ()) -> list[str]:
    return [slot.name for slot in slots_of(paths, configured)]


def test_the_order_of_the_ports_changes_no_name() -> None:
    ports = ["/dev/ttyS4", "/run/user/ttyBOARD", "socket://jig:4000", f"{SOCKET}:1.0"]
    assert names(*ports) == ["ttyS4", "ttyBOARD", "socket://jig:4000", f"{SOCKET}:1.0"]
    assert names(*reversed(ports)) == list(reversed(names(*ports)))
    assert names(ports[1]) == ["ttyBOARD"]


def test_two_ports_of_one_name_keep_their_folders() -> None:
    assert names("/a/ttyX", "/b/ttyX", "/b/ttyY") == ["/a/ttyX", "/b/ttyX", "ttyY"]


def test_the_port_of_a_configured_slot_is_that_slot() -> None:
    left = SlotSpec(name="left", path=SOCKET)
    assert slots_of([f"{SOCKET}:1.0", "/dev/ttyS4"], [left]) == [left, SlotSpec(name="ttyS4", path="/dev/ttyS4")]
