# SPDX-License-Identifier: GPL-3.0-or-later
"""A label printer: `tcp://HOST[:9100]`, a device file, or `cups:NAME`. It is asked how it is where it can answer; one
that says nothing is printed to all the same. Never waits longer than `PATIENCE_S` for one step.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError, StationFault
from station.printing.wire import ASK, trouble_in
from station.profiles.sticker import PrinterLanguage

PATIENCE_S = 5.0
_ANSWERS_S = 1.5
_PORT = 9100


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """As station.toml has it; `font` "" for one of this PC."""

    where: str
    font: str = ""


def printer_of(config: Config) -> Printer | None:
    """None where none is named."""
    where = config.text("printer.where")
    return Printer(where=where, font=config.text("printer.font")) if where else None


def send(where: str, language: PrinterLanguage, data: bytes, *, leaves: Callable[[], None] = lambda: None) -> None:
    """All of it has left when it returns. `leaves` is called before the first byte does, once nothing is known to be in
    the way; what it raises keeps the label here. StationFault E317 when the printer is not there, says that it cannot
    print, or does not take it; ConfigError E113 where none is named."""
    if not where:
        raise ConfigError(
            "no label printer is named", do="set [printer] where, for example tcp://192.168.1.50", code=Code.E113
        )
    try:
        if where.startswith("cups:"):
            leaves()
            _by_cups(where.removeprefix("cups:"), data)
        elif where.startswith("tcp://"):
            _by_tcp(where, language, data, leaves)
        else:
            with Path(where).open("wb") as device:
                leaves()
                device.write(data)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise _fault(where, f"it cannot be reached: {why}") from error


def _by_tcp(where: str, language: PrinterLanguage, data: bytes, leaves: Callable[[], None]) -> None:
    parts = urlsplit(where)
    with socket.create_connection((parts.hostname or "", parts.port or _PORT), PATIENCE_S) as printer:
        if trouble := _ask(printer, language):
            raise _fault(where, trouble)
        leaves()
        printer.settimeout(PATIENCE_S)
        printer.sendall(data)


def _ask(printer: socket.socket, language: PrinterLanguage) -> str:
    """ "" for nothing in the way, or no answer."""
    printer.settimeout(_ANSWERS_S)
    printer.sendall(ASK[language])
    answer = b""
    try:
        while (trouble := trouble_in(language, answer)) is None:
            chunk = printer.recv(1024)
            if not chunk:
                return ""
            answer += chunk
    except TimeoutError:
        return ""
    return trouble


def _by_cups(name: str, data: bytes) -> None:
    command = ["lp", "-d", name, "-o", "raw", "-s", "--", "-"]
    subprocess.run(  # noqa: S603 - its name is the configuration's
        command, input=data, capture_output=True, check=True, timeout=PATIENCE_S
    )


def _fault(where: str, why: str) -> StationFault:
    return StationFault(
        f"the label printer {where} does not print: {why}",
        means="the board is as it is; its label is not printed",
        do="look at the printer, then: station label print NAME",
        code=Code.E317,
    )
