# SPDX-License-Identifier: GPL-3.0-or-later
"""The allow-list: which port is in which slot, and when nobody may say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.targets.slots import SeenPort, SlotSpec, match, port_of, same_port, skipped, slot_faults, topology_key

HUB = "pci-0000:00:14.0-usb-0:2"


def slot(name: str, path: str) -> SlotSpec:
    return SlotSpec(name=name, path=path)


def seen(device: str, topology: str, **more: Any) -> SeenPort:
    return SeenPort(device=device, topology=topology, **more)


def test_a_port_is_in_the_slot_of_its_socket_whatever_its_number() -> None:
    slots = [slot("1", f"{HUB}.1:1.0"), slot("2", f"{HUB}.2:1.0")]
    found = match([seen("/dev/ttyUSB7", f"{HUB}.2:1.0"), seen("/dev/ttyUSB3", f"{HUB}.1:1.0")], slots)
    assert {name: port.device for name, port in found.items()} == {"1": "/dev/ttyUSB3", "2": "/dev/ttyUSB7"}


@pytest.mark.parametrize("spelled", [f"{HUB}.1", f"{HUB}.1:1.0", f"{HUB}.1:1.0-port0"])
@pytest.mark.parametrize("reported", [f"{HUB}.1:1.0", f"{HUB}.1:1.0-port0"])
def test_a_socket_may_be_named_as_udev_shows_it_or_short(spelled: str, reported: str) -> None:
    assert "1" in match([seen("/dev/ttyACM0", reported)], [slot("1", spelled)])


def test_the_ports_of_a_bridge_are_told_apart_by_interface_and_by_port_number() -> None:
    slots = [slot("a", f"{HUB}:1.0"), slot("b", f"{HUB}:1.1"), slot("c", f"{HUB}:1.1-port1")]
    ports = [seen("/dev/x", f"{HUB}:1.1-port1"), seen("/dev/y", f"{HUB}:1.1"), seen("/dev/z", f"{HUB}:1.0")]
    assert {n: p.device for n, p in match(ports, slots).items()} == {"a": "/dev/z", "b": "/dev/y", "c": "/dev/x"}


@pytest.mark.parametrize("topology", ["", f"{HUB}.3:1.0", f"{HUB}.1:1.1", f"{HUB}.1:1.0-port1", f"{HUB}.11:1.0", HUB])
@pytest.mark.parametrize("path", [f"{HUB}.1", "/dev/ttyS4", "socket://a:1"])
def test_a_port_elsewhere_or_of_unknown_place_is_skipped(topology: str, path: str) -> None:
    port = seen("/dev/ttyUSB0", topology)
    assert match([port], [slot("1", path)]) == {}
    assert skipped([port], [slot("1", path)]) == [port]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (f"{HUB}.1", f"{HUB}.1:1.0-port0", True),
        (f"{HUB}.1", f"{HUB}.1:1.1", False),
        ("/dev/ttyS4", "/dev/ttyS4", True),
        ("/dev/ttyS4", "/dev/ttyS5", False),
        ("socket://a:1", "socket://a:1", True),
    ],
)
def test_two_spellings_are_one_port_where_they_mean_it(one: str, other: str, same: bool) -> None:
    assert same_port(one, other) is same


def test_a_place_that_two_ports_claim_is_nobodys() -> None:
    ports = [seen("/dev/ttyUSB0", f"{HUB}:1.0"), seen("/dev/ttyUSB1", f"{HUB}:1.0")]
    assert match(ports, [slot("1", HUB)]) == {}


def test_a_place_that_two_slots_claim_is_nobodys() -> None:
    assert match([seen("/dev/ttyUSB0", f"{HUB}:1.0")], [slot("1", HUB), slot("2", f"{HUB}:1.0")]) == {}


@pytest.mark.parametrize(
    ("slots", "word"),
    [
        ([slot("1", "/dev/ttyUSB0")], "plugging"),
        ([slot("1", "/dev/ttyACM12")], "plugging"),
        ([slot("1", "ttyUSB0")], "neither"),
        ([slot("1", "")], "neither"),
        ([slot("1", HUB), slot("2", f"{HUB}:1.0-port0")], "2 slots have the path"),
        ([slot("1", "socket://a:1"), slot("1", "socket://a:2")], "2 slots have the name"),
    ],
)
def test_a_list_that_could_mean_the_wrong_board_is_refused(slots: list[SlotSpec], word: str) -> None:
    assert word in "; ".join(slot_faults(slots))


def test_usable_paths_have_no_fault() -> None:
    paths = [HUB, f"{HUB}.4:1.3", "usb-1-2.1:1.0", "socket://127.0.0.1:9", "/dev/ttyS0", "/dev/station/slot1", "COM3"]
    assert slot_faults([slot(str(n), path) for n, path in enumerate(paths)]) == []


def test_the_stable_name_is_used_so_that_a_new_number_does_not_matter() -> None:
    links = ("/dev/serial/by-id/x", f"/dev/serial/by-path/{HUB}", "/dev/station/slot1")
    port = seen("/dev/ttyUSB0", f"{HUB}:1.0", links=links, serial="A1")
    assert port_of(slot("1", HUB), port).url == "/dev/station/slot1"
    assert port_of(slot("1", HUB), seen("/dev/ttyUSB0", f"{HUB}:1.0")).url == "/dev/ttyUSB0"


_topologies = st.builds(
    "pci-0000:00:14.0-usb-0:{}:1.{}{}".format,
    st.integers(1, 4),
    st.integers(0, 1),
    st.sampled_from(["", "-port0", "-port1"]),
)


@given(st.lists(_topologies, max_size=12), st.lists(_topologies, max_size=6))
def test_a_matched_port_always_has_the_slots_own_topology_and_no_rival(ports: list[str], paths: list[str]) -> None:
    slots = [slot(f"s{n}", path) for n, path in enumerate(paths)]
    there = [seen(f"/dev/t{n}", topology) for n, topology in enumerate(ports)]
    for name, port in match(there, slots).items():
        key = topology_key(port.topology)
        assert [s.name for s in slots if topology_key(s.path) == key] == [name]
        assert [p for p in there if topology_key(p.topology) == key] == [port]
