# SPDX-License-Identifier: GPL-3.0-or-later
"""A loader's change of baud rate, with no longer a wait than chips and adapters need."""

from __future__ import annotations

import struct
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

RETUNED_S = 0.018
"""From a chip's answer until what its change of baud rate put on the line is dropped; esptool waits 50 ms. A ROM and
today's stub change at once: Espressif's own esp-serial-flasher waits for nothing. But an FTDI adapter keeps a single
byte for 16 ms, where no drop of what has come reaches it.
"""
ESP8266_RETUNES_S = 0.011
"""Its stub waits 10 ms before the change and 1 ms after."""
_CHANGE_BAUD_BY_CRYSTAL = ("esp32", "esp32c2", "esp32c5")
"""Their ROMs are told another rate than they shall have; esptool waits for that in their modules, and for no more."""


def install(loader: Any) -> None:
    """Into esptool's class of all loaders, and the modules that have a change of their own."""
    loader.change_baud = _change_baud
    for name in _CHANGE_BAUD_BY_CRYSTAL:
        module: Any = import_module(f"esptool.targets.{name}")
        module.time = SimpleNamespace(sleep=_retuned)


def _change_baud(esp: Any, baud: int) -> None:
    """Both ends, as esptool does it, but for its wait."""
    known_to_stub = esp._port.baudrate if esp.IS_STUB else 0
    esp.command(esp.ESP_CMDS["CHANGE_BAUDRATE"], struct.pack("<II", baud, known_to_stub))
    esp._set_port_baudrate(baud)
    time.sleep(RETUNED_S + (ESP8266_RETUNES_S if esp.CHIP_NAME == "ESP8266" else 0.0))
    esp.flush_input()


def _retuned(_esptools_wait_s: float = 0.0) -> None:
    time.sleep(RETUNED_S)
