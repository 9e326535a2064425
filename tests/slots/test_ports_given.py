# SPDX-License-Identifier: GPL-3.0-or-later
"""A port given with --port is a slot named after that port: a lock-out sticks to what failed, not to a position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.bench.setup import choose_slots, slots_of
from station.config.settings import Config, SlotLine
from station.errors import UsageError
from station.targets import usb
from station.targets.slots import SeenPort, SlotSpec

SOCKET = "pci-0000:00:14.0-usb-0:2"
BY_ID = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"


def names(*paths: str, configured: tuple[SlotSpec, ...] = ()) -> list[str]:
    return [slot.name for slot in slots_of(paths, configured)]


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("/dev/ttyS4", "ttyS4"),
        ("/dev/station/left", "station/left"),
        (f"{SOCKET}:1.0", f"{SOCKET}:1.0"),
        (SOCKET, f"{SOCKET}:1.0"),
        ("socket://jig:4000", "socket://jig:4000"),
        ("COM3", "COM3"),
        (BY_ID, "_A50285BI-if00-port0-177f32"),
        ("/a/ttyX", "ttyX-83c5f8"),
    ],
)
def test_a_name_is_short_and_follows_from_the_port_alone(port: str, name: str) -> None:
    assert names(port) == [name]
    assert names("/b/ttyX", port, "/dev/ttyX")[1] == name


@given(st.lists(st.sampled_from(["a", "tty", "ttyX", "dev", "x" * 30]), min_size=1, max_size=4))
def test_two_ports_have_two_names(parts: list[str]) -> None:
    path = "/".join(parts)
    ports = {f"/{path}", f"/dev/{path}", f"/other/{path}", f"/{'x' * 40}{path}", f"socket://{path}"}
    assert len(set(names(*ports))) == len(ports)


def test_what_a_port_was_called_before_is_remembered() -> None:
    assert slots_of(["/a/ttyX"], [])[0].formerly == ("ttyX", "/a/ttyX")
    taken = SlotSpec(name="ttyX", path=SOCKET)
    assert slots_of(["/a/ttyX"], [taken])[0].formerly == ("/a/ttyX",)


@pytest.mark.parametrize("ports", [["/dev/null", "/dev/null"], [SOCKET, f"{SOCKET}:1.0"]])
def test_a_port_is_given_once(ports: list[str]) -> None:
    with pytest.raises(UsageError, match="2 slots have the name"):
        choose_slots(Config({}, (), None), [], ports)


@pytest.mark.parametrize("link", ["/dev/station/left", f"/dev/serial/by-path/{SOCKET}:1.0-port0"])
def test_a_link_that_udev_gave_a_socket_is_its_slot_and_locked_with_it(
    link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = SeenPort(device="/dev/ttyUSB3", topology=f"{SOCKET}:1.0", links=(link,))
    monkeypatch.setattr(usb, "scan", lambda: [seen])
    left = SlotLine(name="left", path=SOCKET)
    [slot], [bare] = (choose_slots(Config({}, lines, None), [], [link]) for lines in ((left,), ()))
    assert (slot.name, bare.name) == ("left", f"{SOCKET}:1.0")
    assert f"{SOCKET}:1.0-port0" in bare.formerly


def test_a_link_to_what_is_not_plugged_in_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb, "scan", list)
    assert names("/dev/station/left") == [
        slot.name for slot in choose_slots(Config({}, (), None), [], ["/dev/station/left"])
    ]


def test_the_port_of_a_configured_slot_is_that_slot() -> None:
    left = SlotSpec(name="left", path=SOCKET)
    assert slots_of([f"{SOCKET}:1.0", "/dev/ttyS4"], [left]) == [left, SlotSpec(name="ttyS4", path="/dev/ttyS4")]
