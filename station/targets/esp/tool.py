# SPDX-License-Identifier: GPL-3.0-or-later
"""esptool as a library: imported when first used (0.2 to 0.4 s), with settings, log and retries pinned by us."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from station.targets.esp import ask as esp_ask
from station.targets.esp import log as esp_log
from station.targets.esp import retuning as esp_retuning
from station.targets.esp import slip as esp_slip
from station.targets.esp import usb_ids as esp_usb_ids

SETTINGS = Path(__file__).with_name("esptool.cfg")
ROM_BAUD = 115200


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


class _Unsaid:
    """In place of bytes that would be quoted."""

    def __init__(self, *_data: object) -> None:
        pass

    def __str__(self) -> str:
        return ""


def _read_once(stub_flasher: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """esptool reads and decodes the stub's file for each upload, two a board."""
    known: dict[str, Any] = {}

    def stub(esp: Any) -> Any:
        name = esp.STUB_CLASS.stub_json_name(esp)
        if name not in known:
            known[name] = stub_flasher(esp)
        return known[name]

    return stub


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
    setattr(loader.ESPLoader, "checksum", staticmethod(esp_ask.checksum))  # noqa: B010 - likewise
    esp_retuning.install(loader.ESPLoader)
    # It lists all ports of the PC for the ids of one, six times a board: a third of a board's CPU.
    loader.ESPLoader.get_usb_vid_pid = esp_usb_ids.asked_once(loader.ESPLoader.get_usb_vid_pid)
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
