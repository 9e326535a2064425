# SPDX-License-Identifier: GPL-3.0-or-later
"""Which USB adapter a loader's port is, for esptool, which lists all ports of the PC to know it, six times a board."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

UsbIds = tuple[int | None, int | None]
_ASKED = "usb_ids"


def asked_once(ask_esptool: Callable[[Any], UsbIds]) -> Callable[[Any], UsbIds]:
    """The USB ids of a loader's port, asked once a conversation; on Linux of this port alone, not of all there are."""

    def ids(esp: Any) -> UsbIds:
        known = esp.cache  # the same one from the first byte to the stub
        if _ASKED not in known:
            known[_ASKED] = port_ids(str(esp._port.port)) if sys.platform == "linux" else ask_esptool(esp)
        return cast(UsbIds, known[_ASKED])

    return ids


def port_ids(device: str) -> UsbIds:
    """(vid, pid) as the kernel has them; (None, None) for what is not on USB, a URL, or a port that is gone."""
    from serial.tools.list_ports_linux import SysFS  # noqa: PLC0415 - other systems have no such module

    try:
        found = SysFS(device)
    except (TypeError, ValueError):  # unplugged between two of its files
        return None, None
    return found.vid, found.pid
