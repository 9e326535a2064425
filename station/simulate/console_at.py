# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated boards that speak AT commands, each as its vendor documents it."""

from __future__ import annotations

import hashlib
import re
from typing import ClassVar

from station.model import Certificate, Secret
from station.simulate.console_dialect import Dialect, Reboot, Reply, TakeBytes

OK = "\r\nOK\r\n"
ERROR = "\r\nERROR\r\n"


class _At(Dialect):
    ends = b"\r"  # a line feed behind it is not part of the next line
    fields: ClassVar = {name: name for name in ("productKey", "deviceName", "deviceSecret", "productSecret")}

    def shown(self, *names: str) -> str:
        return ",".join(self.get(name) for name in names)


class Idmau(_At):
    """Alibaba's direct AT firmware: AT+IDMAU="PK","DN","DS","PS"."""

    count = 4

    def obey(self, line: str) -> Reply:
        if line == "AT":
            return OK
        if line == "AT+REBOOT":
            return Reboot(text=OK)
        if line == "AT+IDMAU?":
            return self.read()
        if line.startswith("AT+IDMAU="):
            values = re.findall(r'"([^",]*)"', line)
            if len(values) != self.count or line != "AT+IDMAU=" + ",".join(f'"{value}"' for value in values):
                return "\r\n+CME ERROR:50\r\n"
            self.put(productKey=values[0], deviceName=values[1], deviceSecret=values[2], productSecret=values[3])
            self.cells["productId"] = values[4] if self.count == 5 else ""
            return OK
        return ERROR if line else ""

    def read(self) -> str:
        shown = self.shown("productKey", "deviceName", "deviceSecret", "productSecret")
        return f"\r\n+IDMAU:{shown}{OK}"


class IdmauW800(Idmau):
    """The W800 combo variant: a fifth value, and a read answer in one line."""

    count = 5

    def read(self) -> str:
        shown = self.shown("productKey", "deviceName", "deviceSecret", "productSecret")
        return f"OK+IDMAU:{shown},{self.cells.get('productId', '')}\r\n"


class Mxchip(_At):
    """EMW modules: PK,PS,DS,DN; echo until AT+UARTE=OFF, which does not survive a restart."""

    def obey(self, line: str) -> Reply:
        if line in ("AT", "AT+UARTE=OFF"):
            self.echo = self.echo and line == "AT"
            return OK
        if line == "AT+REBOOT":
            return Reboot(text=OK)
        if line == "AT+ILOPSET?":
            return f"\r\n+ILOPSET:{self.shown('productKey', 'productSecret', 'deviceSecret', 'deviceName')}{OK}"
        if line.startswith("AT+ILOPSET="):
            values = line.partition("=")[2].split(",")
            if len(values) != 4:
                return ERROR
            self.put(productKey=values[0], productSecret=values[1], deviceSecret=values[2], deviceName=values[3])
            return OK
        return ERROR if line else ""


class HiFlying(_At):
    """Hi-Flying modules: +ok and +error; a deviceName that was never set reads back as the MAC."""

    def obey(self, line: str) -> Reply:  # noqa: PLR0911 - one return a command, as in the vendor's table
        command, given, value = line.partition("=")
        values = value.split(",")
        match command, bool(given), len(values):
            case "AT", False, _:
                return "+ok\r\n\r\n"
            case "AT+WSMAC", False, _:
                return f"+ok={self.uid.upper()}\r\n\r\n"
            case "AT+Z", False, _:
                return Reboot(text="+ok\r\n\r\n")
            case "AT+PRODEVICE", False, _:
                name = self.get("deviceName") or self.uid.upper()
                return f"+ok={self.get('productKey')},{name},{self.get('deviceSecret')}\r\n\r\n"
            case "AT+PRODEVICE", True, 3:
                self.put(productKey=values[0], deviceName=values[1], deviceSecret=values[2])
                return "+ok\r\n\r\n"
            case "AT+PROSECRET", False, _:
                return f"+ok={self.get('productSecret')}\r\n\r\n"
            case "AT+PROSECRET", True, 1:
                self.put(productSecret=value)
                return "+ok\r\n\r\n"
            case "AT+PRODEVICE" | "AT+PROSECRET", True, _:
                return "+error=-3\r\n\r\n"
        return "+error\r\n\r\n" if line else ""


class EspAt(Dialect):
    """Espressif's ESP-AT: AT+SYSMFG takes the value as raw bytes behind “>”."""

    banner = "\r\nready\r\n"
    busy = "busy p...\r\n"
    ends = b"\n"  # and a carriage return must come before it
    fields: ClassVar = {
        "productKey": "aliyun-key/ProductKey",
        "deviceName": "aliyun-key/DeviceName",
        "deviceSecret": "aliyun-key/DeviceSecret",
    }

    def obey(self, line: str) -> Reply:
        if line in ("AT", "ATE0"):
            self.echo = self.echo and line == "AT"
            return OK
        if line == "AT+RST":
            return Reboot(text=OK)
        if line == "AT+CIPSTAMAC?":
            mac = ":".join(self.uid[n : n + 2] for n in range(0, 12, 2))
            return f'+CIPSTAMAC:"{mac}"\r\n{OK}'
        if write := re.fullmatch(r'AT\+SYSMFG=2,"([^"]+)","([^"]+)",7,(\d+)', line):
            return TakeBytes(text="\r\n>", count=int(write[3]), key=f"{write[1]}/{write[2]}", after=OK)
        if read := re.fullmatch(r'AT\+SYSMFG=1,"([^"]+)","([^"]+)"', line):
            value = self.cells.get(f"{read[1]}/{read[2]}")
            if value is not None:
                return f'+SYSMFG:"{read[1]}","{read[2]}",7,{len(value)},{value}\r\n{OK}'
        return ERROR if line else ""


class Nordic(Dialect):
    """An nRF91 modem behind Nordic's serial modem application: AT%CMNG, secrets never come back."""

    echo = False
    ends = b"\n"
    banner = "Ready\r\n"
    fields: ClassVar = {"identity": "16842753/4", "psk": "16842753/3"}

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._active = True

    def obey(self, line: str) -> Reply:  # noqa: PLR0911 - one return a command, as in the vendor's table
        if line == "AT+CFUN=4":
            self._active = False
        if line in ("AT", "AT+CFUN=4"):
            return OK
        if line == "AT#XRESET":
            return Reboot(text=OK)
        if line == "AT+CGSN=1":
            return f'\r\n+CGSN: "{self.uid}"{OK}'
        if write := re.fullmatch(r'AT%CMNG=0,(\d+),(\d),"([^"]*)"', line):
            if self._active:
                return "\r\n+CME ERROR: 518\r\n"
            self.cells[f"{write[1]}/{write[2]}"] = write[3]
            return OK
        if read := re.fullmatch(r"AT%CMNG=([12]),(\d+),(\d)", line):
            return self._tell(read[1], read[2], read[3])
        return ERROR if line else ""

    def certificate(self) -> Certificate | None:
        name, _, product_key = self.get("identity").partition("&")
        secret = bytes.fromhex(self.get("psk")).decode()
        if not (name and product_key and secret):
            return None
        return Certificate(product_key=product_key, device_name=name, device_secret=Secret(secret))

    def _tell(self, opcode: str, tag: str, kind: str) -> str:
        value = self.cells.get(f"{tag}/{kind}")
        if value is None:
            return OK if opcode == "1" else "\r\n+CME ERROR: 513\r\n"
        line = f'%CMNG: {tag},{kind},"{hashlib.sha256(value.encode()).hexdigest().upper()}"'
        if opcode == "2" and kind != "4":
            return "\r\n+CME ERROR: 514\r\n"
        return f"\r\n{line}" + (f',"{value}"' if opcode == "2" else "") + OK
