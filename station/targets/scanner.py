# SPDX-License-Identifier: GPL-3.0-or-later
"""A barcode scanner on a serial port (USB CDC): lines in, scans out, from a thread of its own.

A line ends with CR, LF or both and is taken whole or not at all: printable ASCII, at most MAX_LENGTH characters;
full-width characters in UTF-8, as some labels have them, count as the ASCII they stand for. A garbled label must not
become another board's label, and no byte of a scan may steer a terminal. The scanner may be unplugged and plugged in at
any time, in the same socket. Nothing is ever written to it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence

from station.errors import PortFault
from station.model import Port, half_width
from station.targets import usb
from station.targets.ports import Deadline, OpenPort, missing, open_port
from station.targets.slots import SlotSpec, is_fixed, is_numbered, topology_key

MAX_LENGTH = 512
STALE_S = 3.0
"""The head of a scan whose end has not come by then was cut off, and is not the head of the next one."""
_BAUD = 9600  # what scanners are shipped with; means nothing over USB
_READ_S = 0.2
_AGAIN_S = 0.5
_END = re.compile(rb"[\r\n]")
_PRINTABLE = re.compile(r"[\x20-\x7e]+")


class Lines:
    """Bytes as they come → whole scans."""

    def __init__(self) -> None:
        self._head = b""
        self._at = 0.0

    def take(self, data: bytes, now: float) -> list[str]:
        """The scans that `data` completes. `now` is monotonic, seconds."""
        if data and now - self._at > STALE_S:
            self._head = b""
        self._at = now if data else self._at
        *whole, head = _END.split(self._head + data)
        self._head = head[: MAX_LENGTH + 1]  # one too many is remembered, so that the rest is not taken for a scan
        return [scan for scan in map(_scan, whole) if scan]


def _scan(line: bytes) -> str:
    """Empty when it is none."""
    text = half_width(line.decode("utf-8", "replace"))
    return text.strip() if len(line) <= MAX_LENGTH and _PRINTABLE.fullmatch(text) else ""


class SerialScanner:
    """Reads until `close`. `heard` and `lost` are called from its thread and must return soon; `lost` once a loss."""

    def __init__(self, path: str, heard: Callable[[str], None], lost: Callable[[PortFault], None]) -> None:
        self._port = _port(path)
        self._heard, self._lost = heard, lost
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        told = False
        while not self._ending.is_set():
            try:
                with self._open() as port:
                    told = False
                    self._listen(port)
            except PortFault as fault:
                if not told:
                    self._lost(fault)
                told = True
                self._ending.wait(_AGAIN_S)

    def _open(self) -> OpenPort:
        device = usb.device_of(self._port)
        if device is None:
            raise missing(self._port.location, "no scanner is plugged in there")
        return open_port(Port(url=device, slot=self._port.slot, location=self._port.location), baud=_BAUD)

    def _listen(self, port: OpenPort) -> None:
        lines = Lines()
        while not self._ending.is_set():
            for scan in lines.take(port.read(Deadline(_READ_S)), time.monotonic()):
                self._heard(scan)


def _port(path: str) -> Port:
    if is_fixed(path):
        return Port(url=path, slot="scanner")
    return Port(url="", slot="scanner", location=path)


def scanner_fault(path: str, slots: Sequence[SlotSpec]) -> str:
    """Why a scanner must not be looked for there; empty when it may."""
    key = topology_key(path)
    if not is_fixed(path) and not key:
        return f"bench.scanner: “{path}” is neither a USB topology nor a port"
    if is_numbered(path):
        return f"bench.scanner: {path} is numbered in the order of plugging in, and may be a board's next time"
    for slot in slots:
        if slot.path == path or (key and topology_key(slot.path) == key):
            return f"bench.scanner: {path} is slot {slot.name}"
    return ""
