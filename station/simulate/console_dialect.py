# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated console board understands: the frame every dialect fills in, and the command lines (CLI) among them.

Written from the vendors' own sources and documents, not from the station's profiles, so that a profile that is wrong
fails here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import ClassVar

from station.model import Certificate, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Reboot:
    """The board starts anew after saying `text`."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBytes:
    """The board says `text` and takes exactly `count` raw bytes for `key`; then says `after`."""

    text: str
    count: int
    key: str
    after: str


Reply = str | Reboot | TakeBytes


class Dialect(ABC):
    """One firmware's console. `cells` is its key-value storage; `fields` says under which key it keeps which field."""

    echo: bool = True
    ends: bytes = b"\r\n"  # any one of these ends a line
    prompt: str = ""
    line_limit: int = 256
    overflow: str = "\r\nERROR\r\n"
    banner: ClassVar[str] = ""
    busy: ClassVar[str] = ""  # said to a line that comes before the last answer has ended; empty: it waits its turn
    fields: ClassVar[Mapping[str, str]] = {}

    def __init__(self, cells: MutableMapping[str, str], uid: str) -> None:
        self.cells = cells
        self.uid = uid

    @abstractmethod
    def obey(self, line: str) -> Reply:
        """What the board answers to a line."""

    def certificate(self) -> Certificate | None:
        """What the storage holds; None when it is not whole."""
        values = {name: self.get(name) for name in self.fields}
        if not all(values.values()):
            return None
        return Certificate(
            product_key=values["productKey"],
            device_name=values["deviceName"],
            device_secret=Secret(values["deviceSecret"]),
            product_secret=Secret(values["productSecret"]) if "productSecret" in values else None,
        )

    def get(self, field: str) -> str:
        return self.cells.get(self.fields[field], "")

    def put(self, **values: str) -> None:
        for field, value in values.items():
            self.cells[self.fields[field]] = value


class _Alios(Dialect):
    """AliOS Things' command line: echoes, ends a line at either \\r or \\n, splits at “;”."""

    prompt = "\r\n# "
    overflow = "Error: input buffer overflow\r\n"
    banner = "WELCOME TO ALIOS\r\n"
    line_limit = 128

    def obey(self, line: str) -> Reply:
        text = ""
        for command in line.replace('"', "").split(";"):
            words = command.split()
            if words == ["reboot"]:
                return Reboot(text="\r\n")
            if words and words[0] == "linkkey":
                text += self.linkkey(command, words[1:])
            elif words:
                text += f"command '{words[0]}' not found\r\n"
        return text

    @abstractmethod
    def linkkey(self, command: str, words: list[str], /) -> str: ...


class AliosA(_Alios):
    """`linkkey PK DN DS PS [productId]`, “Done” without a line end."""

    fields: ClassVar = {
        "productKey": "linkkit_product_key",
        "deviceName": "linkkit_device_name",
        "deviceSecret": "linkkit_device_secret",
        "productSecret": "linkkit_product_secret",
    }

    def linkkey(self, command: str, words: list[str]) -> str:
        if len(words) in (4, 5):
            self.put(productKey=words[0], deviceName=words[1], deviceSecret=words[2], productSecret=words[3])
            return "Done"
        if words:
            return f"Error: {command}\r\n"
        return (
            f"Product Key={self.get('productKey')}.\r\nDevice Name={self.get('deviceName')}.\r\n"
            f"Device Secret={self.get('deviceSecret')}.\r\nProduct Secret={self.get('productSecret')}.\r\n"
        )


class AliosB(_Alios):
    """`linkkey [devid] PK DN DS PS`, the optional number first; another order when read."""

    fields: ClassVar = {
        "productKey": "KV_KEY_PK_0",
        "deviceName": "KV_KEY_DN_0",
        "deviceSecret": "KV_KEY_DS_0",
        "productSecret": "KV_KEY_PS_0",
    }

    def linkkey(self, _command: str, words: list[str]) -> str:
        if len(words) == 5:
            number, *words = words
            if number != "0":
                return "Err:devid range[0-0]\r\n"
        if len(words) == 4:
            self.put(productKey=words[0], deviceName=words[1], deviceSecret=words[2], productSecret=words[3])
            return "Done\r\n"
        if words:
            return "Params Err\r\n"
        return "".join(
            f"{short}={self.get(field)}.\r\n"
            for short, field in zip(
                ("PK", "PS", "DN", "DS"), ("productKey", "productSecret", "deviceName", "deviceSecret"), strict=True
            )
        )


class Zephyr(Dialect):
    """Zephyr's shell with the settings, hwinfo and kernel commands; coloured prompt, hex dumps."""

    prompt = "\x1b[1;32muart:~$ \x1b[m"
    banner = "*** Booting Zephyr OS build v3.7.0 ***\r\n"
    line_limit = 255
    fields: ClassVar = {
        "productKey": "iot/productKey",
        "deviceName": "iot/deviceName",
        "deviceSecret": "iot/deviceSecret",
    }

    def obey(self, line: str) -> Reply:  # noqa: PLR0911 - one return a command, as in the vendor's table
        match line.split():
            case []:
                return ""
            case ["settings", "write", name, digits]:
                try:
                    self.cells[name] = bytes.fromhex(digits).decode("latin-1")
                except ValueError:
                    return "Failed to parse hex value\r\n"
                return ""
            case ["settings", "read", name]:
                return _hexdump(self.cells[name].encode("latin-1")) if name in self.cells else "Setting not found\r\n"
            case ["settings", *_]:
                return "settings: wrong parameter count\r\n"
            case ["hwinfo", "devid"]:
                return f"Length: {len(self.uid) // 2}\r\nID: 0x{self.uid}\r\n"
            case ["kernel", "reboot", "cold"]:
                return Reboot()
            case [word, *_]:
                return f"\x1b[1;31m{word}: command not found\x1b[m\r\n"
        raise AssertionError("a list matches one of these")


def _hexdump(data: bytes) -> str:
    """Sixteen bytes a line, a gap after eight, the characters beside them."""
    text = ""
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        left = "".join((" " if n == 8 else "") + (f"{row[n]:02x} " if n < len(row) else "   ") for n in range(16))
        right = "".join((" " if n == 8 else "") + (chr(row[n]) if n < len(row) else " ") for n in range(16))
        text += f"{start:08X}: {left}|{right}|\r\n"
    return text
