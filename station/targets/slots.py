# SPDX-License-Identifier: GPL-3.0-or-later
"""Slots: fixture positions known by where their USB socket is, never by a ttyUSB number, which follows plugging order.

A slot's `path` is one of
- a USB topology, as `station slots` prints it: `pci-0000:00:14.0-usb-0:2:1.0` (udev's ID_PATH; what
  /dev/serial/by-path shows), with `-port2` behind it for the third port of a bridge that has several ports on one
  interface. Without an interface (`…-usb-0:2`) it means the first one. Where there is no udev: `usb-1-2:1.0`;
- a fixed port: a device path (`/dev/ttyS4`, a symlink) or a pyserial URL (`socket://…`).

This list is the allow-list: a port that no slot names, or that two slots or two ports could mean, is skipped and never
opened. No I/O here; `usb` looks and `hotplug` waits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from station.model import Port

_TOPOLOGY = re.compile(
    r"(?P<socket>(?:\S*-)?usb(?:v\d)?-\d+[:-]\d+(?:\.\d+)*)(?P<interface>:[0-9x]+\.[0-9]+)?(?:-port(?P<port>\d+))?"
)
_WHOLE, _END = 40, 20
"""Characters of a port that are its slot's name, and of the end of one that is longer."""
SOCKET_LINKS = ("/dev/station/", "/dev/serial/by-path/")
"""Where udev puts names of sockets, whatever is plugged into them."""
_NUMBERED = re.compile(r"/dev/tty(?:USB|ACM)\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpec:
    """One position of the fixture. `name` is short, as painted on it; `path` as in the module's text."""

    name: str
    path: str
    formerly: tuple[str, ...] = field(default=(), compare=False)
    """What it was called by earlier versions, whose lock-outs still are its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPort:
    """A USB serial port that is plugged in now. `topology` is empty when it cannot be told."""

    device: str  # /dev/ttyUSB0
    topology: str
    serial: str = ""
    product: str = ""  # what the adapter calls itself
    usb_id: str = ""  # "10c4:ea60"
    driver: str = ""
    links: tuple[str, ...] = ()  # stable names udev gave it


def is_fixed(path: str) -> bool:
    """A device path or a URL rather than a topology."""
    return "://" in path or path.startswith(("/", "COM", "\\\\.\\"))


def is_numbered(path: str) -> bool:
    """A device name that only says in which order things were plugged in."""
    return bool(_NUMBERED.fullmatch(path))


def is_url(path: str) -> bool:
    """A port that no device node stands for, so that nobody can see it come or go."""
    return "://" in path


def topology_key(path: str) -> str:
    """The one spelling of a topology: with interface, without `-port0`. Empty when `path` is not a topology.

    `-port0` goes, because a board whose reset turns a bridge into a CDC device stays where it is.
    """
    found = _TOPOLOGY.fullmatch(path)
    if not found:
        return ""
    number = found["port"] or "0"
    return found["socket"] + (found["interface"] or ":1.0") + (f"-port{number}" if number != "0" else "")


def same_port(one: str, other: str) -> bool:
    """Whether two spellings, topologies or paths, are one port."""
    return one == other or topology_key(one) == topology_key(other) != ""


def slot_of_port(path: str) -> SlotSpec:
    """The slot of a port that no configuration names. Its name is short, and follows from the port alone, whatever else
    is given or plugged in: a lock-out sticks to what failed. A file outside /dev, and what is long, has a digest of the
    whole path in it.
    """
    whole = topology_key(path) or path
    last = whole.rsplit("/", 1)[-1] if whole.startswith("/") else whole
    in_dev = whole.removeprefix("/dev/")
    if in_dev.startswith("/") or len(in_dev) > _WHOLE:
        name = f"{last[-_END:]}-{sha256(whole.encode()).hexdigest()[:6]}"
    else:
        name = in_dev
    before = (last, path, *([f"{whole}-port0"] if topology_key(path) else []))  # the last as a link's name has it
    return SlotSpec(name=name, path=path, formerly=tuple(dict.fromkeys(one for one in before if one != name)))


def slot_faults(slots: Sequence[SlotSpec]) -> list[str]:
    """What makes this list of slots unsafe to work with; empty when nothing does."""
    faults = []
    for slot in slots:
        if is_numbered(slot.path):
            faults.append(
                f"slot {slot.name}: {slot.path} is numbered in the order of plugging in; use the topology that "
                "`station slots` prints"
            )
        elif not is_fixed(slot.path) and not topology_key(slot.path):
            faults.append(f"slot {slot.name}: “{slot.path}” is neither a USB topology nor a port")
    for what, counted in (
        ("name", Counter(slot.name for slot in slots)),
        ("path", Counter(topology_key(slot.path) or slot.path for slot in slots)),
    ):
        faults += [f"{number} slots have the {what} {value}" for value, number in counted.items() if number > 1]
    return faults


def match(seen: Iterable[SeenPort], slots: Iterable[SlotSpec]) -> dict[str, SeenPort]:
    """Slot name → the port in it. A topology that two ports or two slots claim belongs to none of them."""
    ports: dict[str, list[SeenPort]] = {}
    for port in seen:
        ports.setdefault(topology_key(port.topology), []).append(port)
    claims = Counter(topology_key(slot.path) for slot in slots)
    found = {}
    for slot in slots:
        key = topology_key(slot.path)
        there = ports.get(key, [])
        if key and claims[key] == 1 and len(there) == 1:
            found[slot.name] = there[0]
    return found


def skipped(seen: Sequence[SeenPort], slots: Sequence[SlotSpec]) -> list[SeenPort]:
    """Ports outside the allow-list: not failed, not touched."""
    taken = {port.device for port in match(seen, slots).values()}
    return [port for port in seen if port.device not in taken]


def port_of(slot: SlotSpec, seen: SeenPort) -> Port:
    """The stable name is preferred: it still is the slot's after the board came back under another number."""
    links = [link for start in SOCKET_LINKS for link in sorted(seen.links) if link.startswith(start)]
    url = next(iter(links), seen.device)
    return Port(url=url, slot=slot.name, location=seen.topology, serial=seen.serial)


def fixed_port(slot: SlotSpec) -> Port:
    """For a path that `is_fixed`."""
    return Port(url=slot.path, slot=slot.name)
