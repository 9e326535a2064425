# SPDX-License-Identifier: GPL-3.0-or-later
"""esptool as a library: imported when first used (0.2 to 0.4 s), with settings, log and retries pinned by us."""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from station.targets.esp import ask as esp_ask
from station.targets.esp import log as esp_log
from station.targets.esp import slip as esp_slip

SETTINGS = Path(__file__).with_name("esptool.cfg")
ROM_BAUD = 115200
RETUNED_S = 0.018
"""From a chip's answer until what its change of baud rate put on the line is dropped; esptool waits 50 ms. A ROM and
today's stub change at once: Espressif's own esp-serial-flasher waits for nothing. But an FTDI adapter keeps a single
byte for 16 ms, where no drop of what has come reaches it.
"""
ESP8266_RETUNES_S = 0.011
"""Its stub waits 10 ms before the change and 1 ms after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Esptool:
    """The parts we call. esptool gives no types that help here."""

    loader: Any  # module esptool.loader
    cmds: Any  # module esptool.cmds
    chips: dict[str, Any]  # "esp32c3" → class
    fatal: type[Exception]
    unsupported: type[Exception]
    flash_size_bytes: Any  # "4MB" → 4194304
    stub: Callable[[Any], Any]  # what `run_stub` uploads to this chip


_CHANGE_BAUD_BY_CRYSTAL = ("esp32", "esp32c2", "esp32c5")
"""Their ROMs are told another rate than they shall have; esptool waits for that in their modules, and for no more."""


class _Unsaid:
    """In place of bytes that would be quoted."""

    def __init__(self, *_data: object) -> None:
        pass

    def __str__(self) -> str:
        return ""


UsbIds = tuple[int | None, int | None]
_ASKED = "usb_ids"


def _asked_once(ask_esptool: Callable[[Any], UsbIds]) -> Callable[[Any], UsbIds]:
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


def _read_once(stub_flasher: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """esptool reads and decodes the stub's file for each upload, two a board."""
    known: dict[str, Any] = {}

    def stub(esp: Any) -> Any:
        name = esp.STUB_CLASS.stub_json_name(esp)
        if name not in known:
            known[name] = stub_flasher(esp)
        return known[name]

    return stub


def checksum(data: bytes, state: int = 0xEF) -> int:
    """XOR of `state` and all bytes: as one number, folded in half until one byte is left."""
    folded, bits = int.from_bytes(data, "little"), 8 * len(data)
    while bits > 8:
        bits = -(-bits // 16) * 8
        folded = folded >> bits ^ folded & (1 << bits) - 1
    return folded ^ state


def _change_baud(esp: Any, baud: int) -> None:
    """Both ends, as esptool does it, but for its wait."""
    known_to_stub = esp._port.baudrate if esp.IS_STUB else 0
    esp.command(esp.ESP_CMDS["CHANGE_BAUDRATE"], struct.pack("<II", baud, known_to_stub))
    esp._set_port_baudrate(baud)
    time.sleep(retuned_s(esp.CHIP_NAME))
    esp.flush_input()


def retuned_s(chip_name: str) -> float:
    return RETUNED_S + (ESP8266_RETUNES_S if chip_key(chip_name) == "esp8266" else 0.0)


def _retuned(_esptools_wait_s: float = 0.0) -> None:
    time.sleep(RETUNED_S)


@cache
def esptool() -> Esptool:
    """Its settings are read at import, so they are pinned before; its log is replaced before it says a word."""
    os.environ["ESPTOOL_CFGFILE"] = str(SETTINGS)
    loader = import_module("esptool.loader")
    targets = import_module("esptool.targets")
    util = import_module("esptool.util")
    cmds = import_module("esptool.cmds")
    reset = import_module("esptool.reset")
    esp_log.install()
    # This one was bound to the logger before ours.
    reset.ResetStrategy.print_once = util.PrintOnce(loader.log.warn)
    # Its default of two opens the port again by name and goes on writing, to whatever board is there then.
    loader.ESPLoader.WRITE_FLASH_ATTEMPTS = 1
    # Every byte is put in hexadecimal for a trace that is off: CPU that sixteen slots share. On, it would tell secrets.
    setattr(loader, "HexFormatter", _Unsaid)  # noqa: B010 - its stubs know no such name
    # An object a byte, and three calls of the kernel a packet, likewise.
    setattr(loader, "slip_reader", esp_slip.reader(loader.slip_reader, util.FatalError))  # noqa: B010 - likewise
    loader.ESPLoader.write = esp_ask.write
    loader.ESPLoader.command = esp_ask.asker(util.FatalError, util.UnsupportedCommandError)
    # A turn of the interpreter for each of the stub's 6 to 9 KB.
    setattr(loader.ESPLoader, "checksum", staticmethod(checksum))  # noqa: B010 - likewise
    loader.ESPLoader.change_baud = _change_baud
    for name in _CHANGE_BAUD_BY_CRYSTAL:
        setattr(import_module(f"esptool.targets.{name}"), "time", SimpleNamespace(sleep=_retuned))  # noqa: B010 - likewise
    # It lists all ports of the PC for the ids of one, six times a board: a third of a board's CPU.
    loader.ESPLoader.get_usb_vid_pid = _asked_once(loader.ESPLoader.get_usb_vid_pid)
    return Esptool(
        loader=loader,
        cmds=cmds,
        chips=targets.CHIP_DEFS,
        fatal=util.FatalError,
        unsupported=util.UnsupportedCommandError,
        flash_size_bytes=util.flash_size_bytes,
        stub=_read_once(loader.StubFlasher),
    )


def chip_key(chip_name: str) -> str:
    """ "ESP32-C3" → "esp32c3", as profiles name chips."""
    return chip_name.lower().replace("-", "")
