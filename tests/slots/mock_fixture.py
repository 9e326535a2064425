# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixture with USB sockets in a umockdev testbed; run under umockdev-wrapper, prints what the watcher told as JSON.

Each adapter is a sysfs tree as the kernel lays it and a node in /dev that leads to a pty, so that pyserial's
list_ports, pyudev's monitor and an opened port all see it. A program of its own, since the testbed is preloaded.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import select
import sys
import tty
from dataclasses import asdict
from pathlib import Path

import serial

from station.targets import usb
from station.targets.hotplug import PortAppeared, UdevWatcher
from station.targets.slots import SlotSpec, skipped

PCI = "/devices/pci0000:00/0000:00:14.0"


class Testbed:
    """umockdev's C library, as far as it is needed."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libumockdev.so.0")
        self._lib.umockdev_testbed_new.restype = ctypes.c_void_p
        self._lib.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._bed = ctypes.c_void_p(self._lib.umockdev_testbed_new())
        self.root = Path(self._lib.umockdev_testbed_get_root_dir(self._bed).decode())

    def add(self, description: str) -> None:
        error = ctypes.c_void_p()
        if not self._lib.umockdev_testbed_add_from_string(self._bed, description.encode(), ctypes.byref(error)):
            raise RuntimeError("umockdev refuses the description")

    def remove(self, path: str) -> None:
        self._lib.umockdev_testbed_uevent(self._bed, f"/sys{path}".encode(), b"remove")
        self._lib.umockdev_testbed_remove_device(self._bed, f"/sys{path}".encode())


class Adapter:
    """A USB serial adapter: a bridge with one or more ports on its one interface, or a CDC device."""

    def __init__(self, bed: Testbed, serial_number: str, *, cdc: bool = False) -> None:
        self.bed, self.serial, self.cdc = bed, serial_number, cdc
        self.numbers: list[int] = []
        self.ends: dict[str, int] = {}  # node → our end
        self._devices: list[str] = []
        self.heard: list[str] = []

    def plug(self, socket: str, numbers: list[int]) -> None:
        """Into the socket with this port path (“2.4”); the kernel gave the nodes these numbers."""
        self.numbers = numbers
        device = f"{PCI}/usb1/1-{socket}"
        interface = f"{device}/1-{socket}:1.0"
        common = f"E: ID_BUS=usb\nE: ID_SERIAL_SHORT={self.serial}\nE: ID_VENDOR_ID=10c4\nE: ID_MODEL_ID=ea60\n"
        text = (
            f"P: {device}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: idVendor=10c4\\n\nA: idProduct=ea60\\n\n"
            f"A: serial={self.serial}\\n\nA: product=Bridge\\n\nA: bNumInterfaces= 1\\n\n"
            "A: devnum=5\\n\nA: busnum=1\\n\n\n"
            f"P: {interface}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: bInterfaceNumber=00\\n\n\n"
        )
        ends = []
        for place, number in enumerate(numbers):
            name = f"ttyACM{number}" if self.cdc else f"ttyUSB{number}"
            parent = interface if self.cdc else f"{interface}/{name}"
            if not self.cdc:
                text += f"P: {parent}\nE: SUBSYSTEM=usb-serial\nA: port_number={place}\\n\n\n"
                ends.append(parent)
            text += (
                f"P: {parent}/tty/{name}\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/{name}\n"
                f"E: MAJOR=188\nE: MINOR={number}\n"
                f"E: ID_PATH=pci-0000:00:14.0-usb-0:{socket}:1.0\n{common}L: device=../../../{Path(parent).name}\n\n"
            )
            ends.append(f"{parent}/tty/{name}")
        self._devices = [device, interface, *ends]
        self.bed.add(text)
        for number in numbers:
            self._wire(f"ttyACM{number}" if self.cdc else f"ttyUSB{number}")

    def unplug(self) -> None:
        for device in reversed(self._devices):
            self.bed.remove(device)
        for name, end in self.ends.items():
            self._listen(end)
            (self.bed.root / "dev" / name).unlink()
            os.close(end)
        self.ends.clear()
        self._devices.clear()

    def listen(self) -> None:
        for end in self.ends.values():
            self._listen(end)

    def _listen(self, end: int) -> None:
        while select.select([end], [], [], 0.02)[0]:
            try:
                self.heard.append(os.read(end, 100).decode())
            except OSError:  # nobody holds the other end
                return

    def _wire(self, name: str) -> None:
        """The node leads to a pty. (umockdev's own nodes cannot come back under a name that was there before.)"""
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        node = self.bed.root / "dev" / name
        node.parent.mkdir(exist_ok=True)
        node.symlink_to(os.ttyname(theirs))
        self.ends[name] = ours
        _KEPT.append(theirs)


_KEPT: list[int] = []


class Bench:
    """Looks after each step, since umockdev holds ten events, and writes the slot's name to each port it is given."""

    def __init__(self, slots: list[SlotSpec]) -> None:
        self.watcher = UdevWatcher(slots)
        self._told: list[dict[str, str]] = []

    def look(self) -> None:
        for event in self.watcher.events(0.0):
            appeared = isinstance(event, PortAppeared)
            if appeared:
                with serial.Serial(event.port.url, exclusive=True) as port:
                    port.write(event.port.slot.encode())
            self._told.append({"event": "appeared" if appeared else "vanished", **asdict(event.port)})

    def told(self) -> list[dict[str, str]]:
        """What was told since the last time."""
        self.look()
        told, self._told = self._told, []
        return told


def main() -> dict[str, object]:
    bed, shuffle = Testbed(), random.Random(5)
    sockets = [f"2.{hub}.{port}" for hub in range(1, 5) for port in range(1, 5)]
    slots = [SlotSpec(name=str(n), path=f"pci-0000:00:14.0-usb-0:{s}:1.0") for n, s in enumerate(sockets, 1)]
    slots.append(SlotSpec(name="bridge", path="pci-0000:00:14.0-usb-0:3:1.0-port2"))
    boards = [Adapter(bed, f"SN{n}") for n in range(1, 17)]
    strangers = [Adapter(bed, "STRANGER1"), Adapter(bed, "STRANGER2")]
    native, bridge = Adapter(bed, "SN5", cdc=True), Adapter(bed, "BRIDGE")
    report: dict[str, object] = {}

    bed.add(f"P: {PCI}/usb1\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n")
    bench = Bench(slots)
    report["empty"] = bench.told()

    strangers[0].plug("4", [0])
    for number, place in enumerate(shuffle.sample(range(16), 16), 1):
        boards[place].plug(sockets[place], [number])
        bench.look()
    strangers[1].plug("2.1.4.1", [30])
    report["plugged"] = bench.told()
    report["skipped"] = sorted(port.serial for port in skipped(list(usb.scan_udev()), slots))
    report["list_ports"] = sorted(port.serial for port in usb.scan_list())

    for place in (3, 6, 9, 12):
        boards[place].unplug()
        bench.look()
    report["unplugged"] = bench.told()

    boards[3].plug(sockets[6], [40])  # crosswise, as an operator in a hurry does
    bench.look()
    boards[6].plug(sockets[3], [41])
    report["swapped"] = bench.told()

    boards[0].unplug()  # away and back between two looks; another board would look the same
    boards[0].plug(sockets[0], boards[0].numbers)
    report["quick"] = bench.told()

    boards[4].unplug()  # its reset turns it into another device at the same socket
    bench.look()
    native.plug(sockets[4], [0])
    report["enumerated_again"] = bench.told()

    bridge.plug("3", [60, 61, 62])
    report["bridge"] = bench.told()
    report["bridge_by_list"] = sorted(port.topology for port in usb.scan_list() if port.serial == "BRIDGE")

    everybody = [*boards, *strangers, native, bridge]
    for adapter in everybody:
        adapter.listen()
    report["heard"] = [[adapter.serial, adapter.heard] for adapter in everybody]
    bench.watcher.close()
    return report


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
