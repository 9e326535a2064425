# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PC is known by is its own: not what goes from PC to PC, and not what a maker writes on all of a series."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.ledger import machine

SYSTEM = {"etc/machine-id": "f" * 31 + "1"}
CARD = {"address": "a0:36:9f:00:00:01", "addr_assign_type": "0"}


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{text}\n")


def plug(root: Path, link: str, device: str, files: dict[str, str]) -> None:
    """`link` in /sys leads to where the bus has the device, as the kernel has it."""
    put(root / "sys/devices" / device, files)
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(root / "sys/devices" / device)


@pytest.fixture
def pc(tmp_path: Path) -> Path:
    put(tmp_path, SYSTEM)
    return tmp_path


def known_by(pc: Path) -> set[str]:
    return set(machine.machine_at(pc)) - {"root"}


def test_a_pc_is_known_by_its_board_its_cards_and_its_disks(pc: Path) -> None:
    put(pc / "sys/class/dmi/id", {"board_serial": "PF2ABCDE"})
    put(pc / "sys/class/net/eth0", CARD | {"device/uevent": ""})
    plug(pc, "sys/block/sda", "pci0000:00/ata1/sda", {"device/wwid": "naa.5000c50000000001", "removable": "0"})
    assert known_by(pc) == {"board", "cards", "disks", "machine-id"}


@pytest.mark.parametrize(
    "serial", ["To be filled by O.E.M.", "Default string", "None", "0", "00000000", "123456789", ""]
)
def test_what_makers_write_where_a_number_is_missing_says_nothing(pc: Path, serial: str) -> None:
    put(pc / "sys/class/dmi/id", {"board_serial": serial, "product_serial": serial})
    assert known_by(pc) == {"machine-id"}


@pytest.mark.parametrize(
    ("bus", "changed"),
    [
        ("pci0000:00/usb1/1-2", {}),
        ("pci0000:00/0000:00:1f.6", {"addr_assign_type": "1"}),
        ("pci0000:00/0000:00:1f.6", {"address": "00:00:00:00:00:00"}),
    ],
    ids=["on a cable", "made up", "none"],
)
def test_a_card_that_is_not_the_pcs_own_is_no_part_of_it(pc: Path, bus: str, changed: dict[str, str]) -> None:
    put(pc / "sys/class/net/eth0", CARD | changed)
    plug(pc, "sys/class/net/eth0/device", bus, {"uevent": ""})
    assert known_by(pc) == {"machine-id"}


@pytest.mark.parametrize(
    ("bus", "removable"),
    [("pci0000:00/usb1/1-3/sdb", "0"), ("pci0000:00/virtio2/vda", "0"), ("pci0000:00/ata2/sdb", "1")],
)
def test_a_disk_that_goes_from_pc_to_pc_is_no_part_of_one(pc: Path, bus: str, removable: str) -> None:
    plug(pc, "sys/block/sdb", bus, {"serial": "4C530001", "removable": removable})
    assert known_by(pc) == {"machine-id"}
