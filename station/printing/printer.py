# SPDX-License-Identifier: GPL-3.0-or-later
"""A label printer: `tcp://HOST[:9100]`, a device file, or `cups:NAME`. It is asked how it is where it can answer; one
that says nothing is printed to all the same. Never waits longer than `PATIENCE_S` for one step, or for the next bytes
of a label to be taken, nor than `WHOLE_S` for all of it.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import stat
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError, StationFault
from station.printing.wire import ASK, trouble_in
from station.profiles.sticker import PrinterLanguage

PATIENCE_S = 5.0
WHOLE_S = 25.0
_ANSWERS_S = 1.5
_LONGEST_ANSWER = 4096
_LOOK_S = 0.01
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
    with _reached(where):
        if where.startswith("cups:"):
            _by_cups(where.removeprefix("cups:"), data, leaves)
        elif where.startswith("tcp://"):
            _by_tcp(where, language, data, leaves)
        else:
            _by_device(where, data, leaves)


def require_ready(where: str, language: PrinterLanguage | None) -> None:
    """Asked how it is, and nothing is printed. StationFault E317 as `send`, as far as it can be known; where no
    `language` is known it is only reached."""
    with _reached(where):
        if where.startswith("cups:"):
            _require_taking(where.removeprefix("cups:"))
        elif where.startswith("tcp://"):
            with _connected(where) as printer:
                if language and (trouble := _ask(printer, language)):
                    raise _fault(where, trouble)
        else:
            os.close(_opened(where))


@contextmanager
def _reached(where: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise _fault(where, f"it cannot be reached: {why}") from error


def _connected(where: str) -> socket.socket:
    parts = urlsplit(where)
    return socket.create_connection((parts.hostname or "", parts.port or _PORT), PATIENCE_S)


def _by_tcp(where: str, language: PrinterLanguage, data: bytes, leaves: Callable[[], None]) -> None:
    with _connected(where) as printer:
        if trouble := _ask(printer, language):
            raise _fault(where, trouble)
        leaves()
        printer.settimeout(PATIENCE_S)
        printer.sendall(data)
        _require_taken(printer)
        _hear_out(printer)


def _ask(printer: socket.socket, language: PrinterLanguage) -> str:
    """ "" for nothing in the way, or no answer."""
    printer.sendall(ASK[language])
    until, answer = time.monotonic() + _ANSWERS_S, b""
    try:
        while (trouble := trouble_in(language, answer)) is None and len(answer) < _LONGEST_ANSWER:
            chunk = _heard(printer, until)
            if not chunk:
                return "it hangs up; it may be printing for somebody else"
            answer += chunk
    except TimeoutError:
        return ""
    return trouble or ""


def _heard(printer: socket.socket, until: float) -> bytes:
    """ "" where it has hung up. TimeoutError at `until`, however little at a time it says."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    printer.settimeout(left)
    return printer.recv(1024)


def _require_taken(printer: socket.socket) -> None:
    """A whole label has room in this PC, whatever becomes of its printer: what the other side has acknowledged has
    left. OSError where that goes, TimeoutError where it takes no more."""
    now = time.monotonic()
    least, until, over = _not_taken(printer), now + PATIENCE_S, now + WHOLE_S
    while left := _not_taken(printer):
        if broken := printer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(broken, os.strerror(broken))
        now = time.monotonic()
        if left < least:
            least, until = left, now + PATIENCE_S
        if now >= min(until, over):
            raise TimeoutError
        time.sleep(_LOOK_S)


def _not_taken(printer: socket.socket) -> int:
    """Bytes that were sent and not yet acknowledged (tcp(7), SIOCOUTQ)."""
    (left,) = struct.unpack("i", fcntl.ioctl(printer, termios.TIOCOUTQ, bytes(4)))
    return int(left)


def _hear_out(printer: socket.socket) -> None:
    """A connection closed over an answer that was not read is reset, and the label in it lost."""
    until = time.monotonic() + _ANSWERS_S
    with suppress(OSError):
        printer.shutdown(socket.SHUT_WR)
        while _heard(printer, until):
            pass


def _by_device(path: str, data: bytes, leaves: Callable[[], None]) -> None:
    """A file is never made in its place or written over, and one without paper takes nothing for hours."""
    device = _opened(path)
    try:
        leaves()
        until, room = time.monotonic() + PATIENCE_S, select.poll()
        room.register(device, select.POLLOUT)
        while data:
            left = until - time.monotonic()
            if left <= 0 or not room.poll(left * 1000):
                raise TimeoutError
            with suppress(BlockingIOError):
                data = data[os.write(device, data) :]
    finally:
        os.close(device)


def _opened(path: str) -> int:
    device = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    kind = os.fstat(device).st_mode
    if not (stat.S_ISCHR(kind) or stat.S_ISFIFO(kind)):
        os.close(device)
        raise _fault(path, "it is no printer's device file")
    return device


def _by_cups(name: str, data: bytes, leaves: Callable[[], None]) -> None:
    """Asked first whether it takes anything: what lp refuses would stand there as printed."""
    _require_taking(name)
    leaves()
    _run(["lp", "-d", name, "-o", "raw", "-s", "--", "-"], data)


def _require_taking(name: str) -> None:
    if b"not accepting" in _run(["lpstat", "-a", name]):
        raise _fault(f"cups:{name}", "it takes no orders")


def _run(command: list[str], data: bytes = b"") -> bytes:
    done = subprocess.run(  # noqa: S603 - its name is the configuration's
        command,
        input=data,
        capture_output=True,
        check=True,
        timeout=PATIENCE_S,
        env={**os.environ, "LC_ALL": "C"},
    )
    return done.stdout


def _fault(where: str, why: str) -> StationFault:
    return StationFault(
        f"the label printer {where} does not print: {why}",
        means="the board is as it is; its label is not printed",
        do="look at the printer, then: station label print NAME",
        code=Code.E317,
    )
