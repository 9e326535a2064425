# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the PC: permissions, ports, drivers, programs that get in the way, clock, disk.

`root` is where the system's own folders are: / but in tests.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from station.doctor import Finding, Level
from station.targets.ports import busy, is_held, not_permitted
from station.targets.slots import SeenPort
from station.targets.usb_rules import as_root

ROOT: Final = Path("/")
_DRIVERS: Final = {
    "0403": ("ftdi_sio", "FTDI"),
    "10c4": ("cp210x", "Silicon Labs"),
    "1a86": ("ch341", "WCH"),
    "067b": ("pl2303", "Prolific"),
}
"""USB vendor id → driver. Devices that speak CDC need none of these."""
_VENDOR_SPECIFIC: Final = "ff"
_TIME_ERROR: Final = 5  # adjtimex(2): the clock is not synchronised
_LOW_DISK_BYTES: Final = 1 << 30
_NO_DISK_BYTES: Final = 100 << 20
_RULES: Final = "etc/udev/rules.d/60-station.rules"


def permission(ports: Iterable[SeenPort]) -> Iterator[Finding]:
    """May this user open what is plugged in?"""
    for port in ports:
        if Path(port.device).exists() and not os.access(port.device, os.R_OK | os.W_OK):
            fault = not_permitted(port.device)
            yield Finding(check="permission", level=Level.WRONG, what=fault.what, do=fault.do)


def busy_ports(paths: Iterable[str]) -> Iterator[Finding]:
    """Is a port of a slot open in another program? Told by /proc, since opening a port resets some boards."""
    for path in paths:
        if is_held(path):
            fault = busy(path)
            yield Finding(check="busy", level=Level.WRONG, what=fault.what, do=fault.do)


def latency(root: Path = ROOT) -> Iterator[Finding]:
    """FTDI chips wait 16 ms for more bytes unless told otherwise."""
    for file in sorted((root / "sys/bus/usb-serial/devices").glob("*/latency_timer")):
        milliseconds = _text(file)
        if milliseconds.isdecimal() and int(milliseconds) > 1:
            yield Finding(
                check="latency",
                level=Level.WARNING,
                what=f"{file.parent.name} holds each answer back for {milliseconds} ms",
                do=f"{as_root()}   (now: echo 1 | sudo tee /{file.relative_to(root)})",
            )


def drivers(root: Path = ROOT) -> Iterator[Finding]:
    """An adapter whose interface no driver took has no port."""
    for device in sorted((root / "sys/bus/usb/devices").glob("*")):
        driver, maker = _DRIVERS.get(_text(device / "idVendor"), ("", ""))
        if not driver:
            continue
        interfaces = [i for i in device.glob("*:*") if _text(i / "bInterfaceClass") == _VENDOR_SPECIFIC]
        if interfaces and not any((interface / "driver").exists() for interface in interfaces):
            yield Finding(
                check="driver",
                level=Level.WRONG,
                what=f"the {maker} adapter at USB {device.name} has no driver and so no port",
                do=f"sudo modprobe {driver}   (missing? install linux-modules-extra of this kernel)",
            )


def intruders(root: Path = ROOT) -> Iterator[Finding]:
    """Programs that open or take away every serial port they see."""
    running = {_text(file) for file in (root / "proc").glob("[0-9]*/comm")}
    ignored = "ID_MM_DEVICE_IGNORE" in _text(root / _RULES)
    if "ModemManager" in running and not ignored:
        yield Finding(
            check="ModemManager",
            level=Level.WRONG,
            what="ModemManager talks AT to every board that is plugged in",
            do=f"{as_root()}   (or: sudo systemctl disable --now ModemManager)",
        )
    rules = [file for folder in ("usr/lib", "lib") for file in (root / folder / "udev/rules.d").glob("*brltty*")]
    if "brltty" in running or rules:
        yield Finding(
            check="brltty",
            level=Level.WRONG if "brltty" in running else Level.WARNING,
            what="brltty takes CH340 and CP210x adapters for Braille displays and their ports away",
            do="sudo systemctl mask --now brltty.service brltty-udev.service   (or: sudo apt-get remove brltty)",
        )


def clock(now: float, newest: float) -> Iterator[Finding]:
    """`newest`: when the ledger was last written; a clock that went back spoils the record and every signature."""
    if now < newest - 1.0:
        yield Finding(
            check="clock",
            level=Level.WRONG,
            what=f"the clock is {newest - now:.0f} s behind the ledger's last write",
            do="sudo timedatectl set-ntp true",
        )
    elif not _synchronised():
        yield Finding(
            check="clock",
            level=Level.WARNING,
            what="no time server keeps this clock right; the cloud refuses signatures that are minutes off",
            do="sudo timedatectl set-ntp true",
        )


def disk(folder: Path) -> Iterator[Finding]:
    """Room and right to write where the ledger lies. A full disk stops the line, it loses nothing."""
    present = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(present).free
    if free < _LOW_DISK_BYTES:
        yield Finding(
            check="disk",
            level=Level.WRONG if free < _NO_DISK_BYTES else Level.WARNING,
            what=f"{free >> 20} MiB are free at {present}",
            do=f"make room; what takes it: sudo du -xh / --max-depth 2 | sort -h | tail   (state: {folder})",
        )
    if not os.access(present, os.W_OK):
        yield Finding(
            check="disk",
            level=Level.WRONG,
            what=f"this user may not write to {present}",
            do=f'sudo chown -R "$USER" {present}',
        )


def _synchronised() -> bool:
    """The kernel's word; True where it cannot be asked."""
    with suppress(OSError, AttributeError):
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))) != _TIME_ERROR
    return True


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
