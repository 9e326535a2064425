# SPDX-License-Identifier: GPL-3.0-or-later
"""A light tower or a relay board on a serial port: for each state of the bench the bytes that show it.

A state that its table does not name is shown as the next milder one that it does. What it shows is sent again now and
then, since it may have been away. Nothing is read from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from station.andon.light import Light, milder
from station.andon.line import AndonLine
from station.errors import PortFault
from station.model import Port
from station.targets import usb
from station.targets.ports import OpenPort, missing, open_port
from station.targets.slots import is_fixed

BAUD = 9600
_FULL_S = 2.0
"""How long its port may take no byte."""


class TowerOutput:
    on: frozenset[Light] | None = None
    only_latest = True
    again_s: float | None = 10.0

    def __init__(self, name: str, path: str, shown: Mapping[Light, bytes], baud: int = BAUD) -> None:
        self.name, self.path = name, path
        self._shown, self._baud = dict(shown), baud
        url, location = (path, "") if is_fixed(path) else ("", path)
        self._where = Port(url=url, slot=f"andon {name}", location=location)
        self._port: OpenPort | None = None

    def deliver(self, line: AndonLine) -> None:
        data = self.shows(line.bench)
        if self._port is None:
            self._port = open_port(self._where_now(), baud=self._baud, write_timeout_s=_FULL_S)
        try:
            self._port.write(data)
        except PortFault:
            self.close()
            raise

    def shows(self, light: Light) -> bytes:
        """Empty where nothing as mild is in its table."""
        return next((self._shown[one] for one in milder(light) if one in self._shown), b"")

    def _where_now(self) -> Port:
        device = usb.device_of(self._where)
        if device is None:
            raise missing(self._where.location, "no light tower is plugged in there")
        return Port(url=device, slot=self._where.slot, location=self._where.location)

    def look(self) -> None:
        """Whether it is there; it is not opened."""
        self._where_now()

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()
