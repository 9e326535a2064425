# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine a ledger belongs to: parts of its hardware and of its system, kept as keyed marks.

A disk image that is cloned to another PC brings machine-id and root file system along, its hardware stays behind; a PC
whose network card was exchanged keeps everything else. So each part has a weight, and it is the same machine when more
than half of the weight known on both sides agrees. What is not known on both sides says nothing: in a container or a
virtual machine without DMI, cards and disks of its own only its system is left, and a copy of that is not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from station.secrets.vault import Vault

Parts = Mapping[str, frozenset[str]]
"""Part → what is known of it: several network cards, several disks; a part that is not known is not there."""

_WEIGHTS = {"board": 3, "cards": 3, "disks": 3, "machine-id": 1, "root": 1}
"""One exchanged part of the hardware leaves more than half; a cloned image has none of it."""
_MEANINGLESS = re.compile(
    r"(?i)[\s0f.-]*|none|default.*|to be filled.*|not .*|system serial.*|123456.*|x+|n/?a|unknown"
)
"""What makers write where a serial number is missing. The same on another PC of the series: it would speak for it."""
ROOT = Path("/")
"""Where /sys, /etc and /dev are. Tests put another PC's there; no setting and no environment can."""


def read_machine() -> Parts:
    """What can be read without privileges."""
    return machine_at(ROOT)


def machine_at(root: Path) -> Parts:
    found = {
        "board": _serials(root / "sys/class/dmi/id", "product_uuid", "product_serial", "board_serial"),
        "cards": frozenset(filter(None, map(_card, _entries(root / "sys/class/net")))),
        "disks": frozenset().union(*map(_disk, _entries(root / "sys/block"))),
        "machine-id": _serials(root / "etc", "machine-id"),
        "root": _root_file_system(root),
    }
    return {part: values for part, values in found.items() if values}


def marks(vault: Vault, parts: Parts) -> dict[str, list[str]]:
    """As it is kept: without the key nobody can tell which machine it is."""
    return {part: sorted(vault.witness_mark(f"{part} {v}")[:16] for v in values) for part, values in parts.items()}


def same(kept: Mapping[str, list[str]], here: Mapping[str, list[str]]) -> bool:
    """Of two `marks`. A part with several values agrees when one of them does."""
    both = kept.keys() & here.keys() & _WEIGHTS.keys()
    agreeing = sum(_WEIGHTS[part] for part in both if not set(kept[part]).isdisjoint(here[part]))
    return not both or 2 * agreeing > sum(_WEIGHTS[part] for part in both)


def _card(card: Path) -> str:
    """The address of a network card that is built in and has it from its maker; else empty."""
    device = card / "device"
    if not device.exists() or "/usb" in str(device.resolve()) or _text(card / "addr_assign_type") != "0":
        return ""
    address = _text(card / "address")
    return "" if _MEANINGLESS.fullmatch(address.replace(":", "")) else address


def _disk(disk: Path) -> frozenset[str]:
    """Its own number; a stick goes from PC to PC, and a virtual machine's disk has what its host calls it."""
    if re.search("/(usb|virtio)", str(disk.resolve())) or _text(disk / "removable") == "1":
        return frozenset()
    return _serials(disk, "serial", "wwid", "device/serial", "device/wwid", "device/cid")


def _root_file_system(root: Path) -> frozenset[str]:
    """The UUID of the file system at /, by what udev calls its device."""
    with suppress(OSError, ValueError):
        number = root.stat().st_dev
        return frozenset(
            link.name for link in _entries(root / "dev/disk/by-uuid") if link.resolve().stat().st_rdev == number
        )
    return frozenset()


def _serials(folder: Path, *names: str) -> frozenset[str]:
    texts = (_text(folder / name) for name in names)
    return frozenset(text for text in texts if not _MEANINGLESS.fullmatch(text))


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip("\0 \n\t")
    except OSError:
        return ""
