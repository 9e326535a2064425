# SPDX-License-Identifier: GPL-3.0-or-later
"""Which USB serial ports are plugged in, and where. By udev where it runs, else by pyserial's list.

Reads the system's tables only; opens no port.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from serial.tools import list_ports

from station.model import Port
from station.targets.slots import SeenPort, topology_key

if TYPE_CHECKING:
    import pyudev

_UDEV_RUNS = Path("/run/udev/control")
_COMES_BACK_EVERY_S = 0.05


def udev_runs() -> bool:
    """Without a running udev daemon nobody gives devices an ID_PATH, and no event ever comes."""
    if not _UDEV_RUNS.exists():
        return False
    try:
        import pyudev  # noqa: F401, PLC0415 - needs libudev, which a container or Windows has not
    except ImportError:
        return False
    return True


def scan() -> list[SeenPort]:
    """All USB serial ports, in the order of their topology."""
    ports = scan_udev() if udev_runs() else scan_list()
    return sorted(ports, key=lambda port: (port.topology, port.device))


def scan_udev() -> Iterator[SeenPort]:
    """As udev's data base has them."""
    import pyudev  # noqa: PLC0415

    for device in pyudev.Context().list_devices(subsystem="tty"):
        port = from_udev(device)
        if port:
            yield port


def from_udev(device: pyudev.Device) -> SeenPort | None:
    """None for a tty that is not on USB."""
    values = device.properties
    if device.device_node is None or device.find_parent("usb", "usb_device") is None:
        return None
    path = values.get("ID_PATH", "")
    return SeenPort(
        device=device.device_node,
        topology=path + port_suffix(device.sys_name) if path else "",
        serial=values.get("ID_SERIAL_SHORT", ""),
        product=values.get("ID_MODEL_FROM_DATABASE") or values.get("ID_MODEL", ""),
        usb_id=f"{values.get('ID_VENDOR_ID', '')}:{values.get('ID_MODEL_ID', '')}",
        driver=values.get("ID_USB_DRIVER", ""),
        links=tuple(link for link in device.device_links if Path(link).exists()),
    )


def scan_list() -> Iterator[SeenPort]:
    """As pyserial finds them; also on Windows and macOS."""
    for port in list_ports.comports():
        if port.vid is not None:
            yield SeenPort(
                device=port.device,
                topology=f"usb-{port.location}{port_suffix(port.name)}" if port.location else "",
                serial=port.serial_number or "",
                product=port.product or port.description or "",
                usb_id=f"{port.vid:04x}:{port.pid:04x}",
            )


def port_suffix(tty: str) -> str:
    """`-port2` for the third port on one USB interface; empty for the first or only one."""
    try:
        number = Path(f"/sys/class/tty/{tty}/device/port_number").read_text("ascii").strip()
    except OSError:
        return ""
    return f"-port{number}" if number.isdecimal() and number != "0" else ""


def device_of(port: Port) -> str | None:
    """Where the board of this slot is reached now; None while it is away. A URL stays what it is."""
    if not port.location:
        return port.url
    key = topology_key(port.location)
    there = [seen.device for seen in scan() if topology_key(seen.topology) == key]
    return there[0] if len(there) == 1 else None


def wait_for(port: Port, timeout_s: float) -> str | None:
    """`device_of`, after a reset that takes the USB device away: None when it is not back within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        device = device_of(port)
        if device is not None or time.monotonic() >= deadline:
            return device
        time.sleep(_COMES_BACK_EVERY_S)
