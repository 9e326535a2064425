# SPDX-License-Identifier: GPL-3.0-or-later
"""Open ports, for every target: a device path, `socket://host:port` or `rfc2217://host:port`.

The one place where the many ways a port dies (SerialException, bare OSError, termios.error; pyserial 3.5 raises each of
them) become a `PortFault`: E311 lost · E312 busy · E313 missing · E314 not permitted. Nothing here knows a protocol.
"""

from __future__ import annotations

import errno
import grp
import os
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import serial

from station.codes import Code
from station.errors import PortFault
from station.held import FLOCK, lockers, named
from station.model import Port
from station.targets.terminal import Terminal
from station.targets.wire import Wire, wire_of

POLL_S = 0.05
"""Longest wait inside pyserial; a deadline is kept to this. Changing pyserial's timeout while a port is open would cost
a renegotiation on rfc2217, so it is set once."""

_SCHEMES = ("socket", "rfc2217")
"""pyserial knows more, among them spy://, which would copy deviceSecrets to a file."""

_MISSING = (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.ENOTDIR, errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EIO)
_NOT_PERMITTED = (errno.EACCES, errno.EPERM)
_BUSY = (errno.EBUSY, errno.EAGAIN)
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_NO_MODEM_LINES = (errno.ENOTTY, errno.EINVAL)


class Deadline:
    """A monotonic moment, handed down so that nested waits share one limit."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        return max(0.0, self._at - time.monotonic())

    @property
    def expired(self) -> bool:
        return self.left_s <= 0.0


class OpenPort:
    """A port held by this process. Every method may raise PortFault, `close` never does."""

    def __init__(self, url: str, line: serial.Serial, wire: Wire) -> None:
        self.url = url
        self.wire = wire
        self._line = line
        self._take = _tap(line, wire)

    @property
    def line(self) -> serial.SerialBase:
        """The port itself, for a library that talks on it (esptool); whoever uses it does so inside `faults`."""
        return self._line

    def write(self, data: bytes) -> None:
        """All of `data`, or PortFault: then any part of it may have left."""
        with self.faults():
            self._line.write(data)

    def read(self, until: Deadline) -> bytes:
        """What has come, at least one byte; empty only when `until` has passed."""
        with self.faults():
            return self._take(until.left_s)

    def drop_input(self) -> None:
        """Forget what has come so far."""
        with self.faults():
            self._line.reset_input_buffer()

    def set_modem_lines(self, *, dtr: bool | None = None, rts: bool | None = None) -> bool:
        """Drive DTR and RTS; False when this port has no such lines (a pty, some adapters)."""
        with self.faults():
            try:
                if dtr is not None:
                    self._line.dtr = dtr
                if rts is not None:
                    self._line.rts = rts
            except OSError as error:
                if error.errno in _NO_MODEM_LINES:
                    return False
                raise
            return True

    def set_baud(self, baud: int) -> None:
        """Both ends are to change; what was sent has left before."""
        with self.faults():
            self._line.flush()
            self._line.baudrate = baud

    def send_break(self, seconds: float) -> None:
        with self.faults():
            self._line.send_break(seconds)

    def close(self) -> None:
        with suppress(OSError, termios.error):
            self._line.close()
        _untap(self._line)

    def __enter__(self) -> OpenPort:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Inside, any way the port dies is a PortFault."""
        try:
            yield
        except serial.SerialTimeoutException as error:
            raise PortFault(
                f"port {self.url} takes no more bytes",
                means="the adapter or the board hangs; what was sent may have arrived in part",
                do="unplug the adapter and plug it in again",
                code=Code.E311,
            ) from error
        except (OSError, termios.error) as error:  # SerialException is an OSError
            raise self._lost(error) from error

    def _lost(self, error: BaseException) -> PortFault:
        if "multiple access" in str(error) and self._still_a_terminal():
            return busy(self.url)
        return PortFault(
            f"port {self.url} was lost",
            means="the cable, the adapter or the board went away; what was sent may have arrived in part",
            do="plug the board in again, in any slot",
            code=Code.E311,
        )

    def _still_a_terminal(self) -> bool:
        """pyserial cannot tell a pulled plug from a second reader that was faster; the terminal itself can."""
        try:
            termios.tcgetattr(self._line.fileno())
        except (OSError, termios.error, ValueError):
            return False
        return True


def open_port(port: Port, *, baud: int, write_timeout_s: float = 5.0) -> OpenPort:
    """Open `port` for this process alone (where the system can: not for sockets). PortFault says why not."""
    scheme, separator, _rest = port.url.partition("://")
    if separator and scheme not in _SCHEMES:
        raise missing(port.url, f"“{scheme}://” is not a kind of port we open")
    exclusive = None if separator else True
    limit_s = None if scheme == "rfc2217" else write_timeout_s  # pyserial has none there
    try:
        kind = serial.serial_for_url if separator else Terminal
        line = kind(port.url, baudrate=baud, timeout=POLL_S, write_timeout=limit_s, exclusive=exclusive)
    except (OSError, termios.error, ValueError) as error:
        raise _cannot_open(port.url, baud, error) from error
    wire = wire_of(port.slot)
    wire.begin(port.url)
    return OpenPort(port.url, line, wire)


def _tap(line: Any, wire: Wire) -> Callable[[float], bytes]:
    """What a library sends and hears on the port itself is on the wire, too. Gives every kind of port a `take`."""
    write, read = line.write, line.read
    take = line.take if isinstance(line, Terminal) else partial(_take_off, line, read)

    def tapped_write(data: Any) -> int | None:
        wire.sent(bytes(data))
        sent: int | None = write(data)
        return sent

    def tapped_read(size: int = 1) -> bytes:
        data = bytes(read(size))
        wire.heard(data)
        return data

    def tapped_take(seconds: float) -> bytes:
        data = take(seconds)
        wire.heard(data)
        return data

    line.write, line.read, line.take = tapped_write, tapped_read, tapped_take
    return tapped_take


def _untap(line: Any) -> None:
    """A port that holds what holds it would be garbage, which only a collection takes away."""
    for name in ("write", "read", "take"):
        vars(line).pop(name, None)


def _take_off(line: serial.Serial, read: Callable[[int], Any], seconds: float) -> bytes:
    """`Terminal.take` for a URL, within the port's own timeout."""
    until = Deadline(seconds)
    while not (first := bytes(read(1) if seconds else read(min(1, line.in_waiting)))) and not until.expired:
        pass
    return first + bytes(read(line.in_waiting)) if first else b""


def _cannot_open(url: str, baud: int, error: Exception) -> PortFault:
    number, reason = _cause(error)
    if number in _NOT_PERMITTED:
        return not_permitted(url)
    if number in _BUSY:
        return _twice(url) if os.getpid() in _keepers(url) else busy(url)
    if number in _MISSING or "://" in url:
        return missing(url, reason)
    if number in _EXHAUSTED:
        return PortFault(
            f"port {url} cannot be opened: {os.strerror(number)}",
            do="end the station and start it again; if that is always so, allow it more open files: ulimit -n",
            code=Code.E313,
        )
    return PortFault(
        f"port {url} cannot be set to {baud} baud",
        do="use a speed this adapter has, for example 115200, in the profile",
        code=Code.E313,
    )


def _cause(error: BaseException) -> tuple[int, str]:
    """The system's number and text. pyserial often quotes them in its own text and leaves the OSError as context."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, OSError) and at.errno and at.strerror:
            return at.errno, at.strerror
        if isinstance(at, termios.error) and len(at.args) == 2:
            return int(at.args[0]), str(at.args[1])
        at = at.__context__
    return 0, str(error)


def missing(url: str, why: str) -> PortFault:
    return PortFault(
        f"there is no port {url}: {why}",
        do="check that the adapter is plugged in, and the slot's port in the station's configuration",
        code=Code.E313,
    )


def busy(url: str) -> PortFault:
    """E312; names the processes that hold the port, those that /proc lets us see."""
    holders = _holders(url)
    who = ", ".join(map(named, holders)) or "another program"
    them = " ".join(map(str, holders))
    return PortFault(
        f"port {url} is in use by {who}",
        means="two programs on one port read each other's answers",
        do=f"end that program: kill {them}" if holders else f"find that program with: sudo fuser -v {url}",
        code=Code.E312,
    )


def _twice(url: str) -> PortFault:
    """E312 as well, and nothing to be ended: two names lead to one port."""
    return PortFault(
        f"port {url} is in use by another slot of this station",
        means="two names lead to one port",
        do="give each slot a port of its own: station slots",
        code=Code.E312,
    )


def not_permitted(url: str) -> PortFault:
    """E314; names the group that may open the port and the command that lets this user in."""
    try:
        group = grp.getgrgid(Path(url).stat().st_gid).gr_name
    except (OSError, KeyError):
        group = "dialout"
    return PortFault(
        f"port {url} may not be opened by this user; it belongs to group {group}",
        do=f'sudo usermod -aG {group} "$USER"   and log in again',
        code=Code.E314,
    )


def is_held(url: str) -> bool:
    """Whether a process has this port open, as far as this user may see."""
    return bool(_holders(url))


def _holders(url: str) -> list[int]:
    """Besides this one those that keep it for themselves; where none does, all that have it open."""
    node = os.path.realpath(url)
    if keepers := _keepers(url) - {os.getpid()}:
        return sorted(keepers)
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's process, or one that has just ended
            if any(_points_to(fd, node) for fd in (process / "fd").iterdir()):
                found.add(int(process.name))
    return sorted(found - {os.getpid()})


def _keepers(url: str) -> set[int]:
    return lockers(FLOCK, [Path(os.path.realpath(url))])


def _points_to(fd: Path, node: str) -> bool:
    with suppress(OSError):
        return str(fd.readlink()) == node
    return False
