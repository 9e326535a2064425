# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated module of an invented vendor, as its one-page manual has it: a password before anything else, a serial
number in two lines, values in base64 with a CRC, a secret that it never shows whole.
"""

from __future__ import annotations

import base64
import binascii
from typing import ClassVar

from station.simulate.console_dialect import Dialect, Reboot, Reply

_OK = "+OK\r\n"
_SECRET = "DS"
PASSWORD = "lumen-4711"


class Masked(Dialect):
    """What is written is kept in memory until AT+SAVE."""

    ends = b"\r"
    banner = "BOOT v2.1\r\nmodule M2\r\nREADY\r\n"
    fields: ClassVar = {"productKey": "PK", "deviceName": "DN", "deviceSecret": "DS"}

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._open = False
        self._asking = False
        self.wrong = 0
        self._unsaved: dict[str, str] = {}

    def obey(self, line: str) -> Reply:
        if self._asking:
            return self._password(line)
        if line == "CFG":
            self._asking = True
            return "Password:"
        if not self._open:
            return "" if not line else "+ERR=1\r\n"
        command, _, value = line.partition("=")
        if command == "AT+SN?":
            return f"+SN1:{self.uid[:8]}\r\n# temp 41\r\n+SN2:{self.uid[8:]}\r\n{_OK}"
        if command == "AT+KEY":
            return self._write(value)
        if command.startswith("AT+KEY?"):
            return self._read(command.removeprefix("AT+KEY?"))
        if command == "AT+SAVE":
            self.cells.update(self._unsaved)
            return _OK
        if command == "AT+REBOOT":
            return Reboot(text=_OK)
        return _OK if command == "AT" else "+ERR=1\r\n" if line else ""

    def _password(self, given: str) -> str:
        self._asking = False
        if given != PASSWORD:
            self.wrong += 1
            return "+ERR=9\r\n"
        self._open = True
        return _OK

    def _write(self, value: str) -> str:
        name, coded, check = (*value.split(","), "", "")[:3]
        try:
            data = base64.b64decode(coded, validate=True)
        except binascii.Error:
            return "+ERR=1\r\n"
        if name not in self.fields.values() or not 0 < len(data) <= 64:
            return "+ERR=2\r\n"
        if check != _check(data):
            return "+ERR=3\r\n"
        self._unsaved[name] = data.decode()
        return _OK

    def _read(self, name: str) -> str:
        value = self._unsaved.get(name) or self.cells.get(name, "")
        if name == _SECRET and value:
            masked = "*" * (len(value) - 4) + value[-4:]
            return f"+KEY:DS,{masked},{len(value)},{_check(value.encode())}\r\n# rssi -61\r\n{_OK}"
        return f"+KEY:{name},{value}\r\n{_OK}"


def _check(data: bytes) -> str:
    """binascii's is the same polynomial; it begins where one is told to."""
    return f"{binascii.crc_hqx(data, 0xFFFF):04X}"
