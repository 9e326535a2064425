# SPDX-License-Identifier: GPL-3.0-or-later
"""The cable between a port and a board, served by one thread: time, faults, and bytes at the wrong rate.

Paced, every byte takes ten bit times each way, the board answers no earlier than it could, and the host sees an
answer `latency_s` later (the USB adapter's timer). Time is reckoned, and slept only before bytes are handed to the
host, so a late wake-up is never carried into what follows.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from station.simulate.cable_words import CableTrouble, Toward
from station.simulate.esp.faults import Fault, Faults
from station.simulate.esp.ports import HostGone, HostPort
from station.simulate.esp.silicon import ROM_BAUD, Silicon
from station.simulate.esp.slip import Decoder, encode

_BITS_PER_BYTE = 10
_BAUD_TOLERANCE = 0.03
_PIECE = 512
"""A long answer reaches the host in pieces of this many bytes, so that it can decode while the rest is on its way."""


class _Vanished(Exception):
    """The port goes away because of `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__("vanished")
        self.fault = fault


class EspCable:
    """From the opening of the port to its end, which comes by `stop` or by a fault; `silicon` hangs on the far end.

    After a fault has taken the port away, `on_vanish` is called on the cable's own thread, unless `stop` came first.
    """

    def __init__(
        self,
        silicon: Silicon,
        port: HostPort,
        faults: Faults,
        *,
        paced: bool,
        latency_s: float,
        reset_when_host_leaves: bool,
        on_vanish: Callable[[Fault], None],
    ) -> None:
        self.silicon = silicon
        self.turnarounds = 0
        self.has_vanished = False
        self._port = port
        self._faults = faults
        self._paced = paced
        self._latency_s = latency_s
        self._reset_when_host_leaves = reset_when_host_leaves
        self._on_vanish = on_vanish
        self._decoder = Decoder()
        self._wire_free = dict.fromkeys(Toward, 0.0)
        self._busy_until = 0.0
        self._stopping = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="esp-board", daemon=True)

    def start(self) -> str:
        """The port's address."""
        url = self._port.open()
        self._thread.start()
        return url

    def stop(self) -> None:
        """Returns when the port is closed and the thread has ended."""
        self._stopping.set()
        with suppress(OSError):  # closed: it has ended by itself
            self._waker.send(b"\0")
        self._thread.join()

    def _serve(self) -> None:
        vanished = None
        try:
            self._listen()
        except _Vanished as gone:
            vanished = gone.fault
            self.has_vanished = True
        finally:
            for end in (self._port, self._wake, self._waker):
                end.close()
        if vanished is not None and not self._stopping.is_set():
            self._on_vanish(vanished)

    def _listen(self) -> None:
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        while not self._stopping.is_set():
            watched = self._port.filenos()
            for fd in watched:
                poller.register(fd, select.POLLIN)
            poller.poll()
            for fd in watched:
                poller.unregister(fd)
            if not self._stopping.is_set():
                self._hear()

    def _hear(self) -> None:
        while not self._stopping.is_set():
            try:
                data = self._port.read()
                if not data:
                    return
                self._pass_to_board(data, time.monotonic())
            except HostGone:
                self._decoder = Decoder()
                if self._reset_when_host_leaves:
                    self.silicon.reset()
                    self._busy_until = 0.0

    def _pass_to_board(self, data: bytes, now: float) -> None:
        while data:
            arrived, fault, data = self._faults.pass_on(Toward.BOARD, data)
            self._take(arrived, now)
            if fault is not None:
                self._happen(fault)

    def _take(self, data: bytes, now: float) -> None:
        if not data:
            return
        host_baud = self._port.baud()
        self.silicon.listen_at(host_baud or ROM_BAUD)
        data = self._as_heard(data, host_baud)
        byte_s = self._byte_s()
        begin = max(now, self._wire_free[Toward.BOARD])
        self._wire_free[Toward.BOARD] = begin + len(data) * byte_s
        for last, packet in self._decoder.feed(data):
            self._answer(packet, begin + (last + 1) * byte_s)

    def _answer(self, packet: bytes, arrived: float) -> None:
        silicon = self.silicon
        reply = silicon.packet(packet)
        ready = max(arrived, self._busy_until) + reply.before_s
        if reply.packets:
            self.turnarounds += 1
            self._say(b"".join(map(encode, reply.packets)), ready)
        # A board that was taken off its cable while it answered has no power to go on with.
        goes_on = reply.then if self.silicon is silicon else None
        self._busy_until = ready + (goes_on() if goes_on else 0.0)

    def _say(self, data: bytes, ready: float) -> None:
        byte_s = self._byte_s()
        sent = max(ready, self._wire_free[Toward.STATION])
        self._wire_free[Toward.STATION] = sent + len(data) * byte_s
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            sent += len(piece) * byte_s
            self._wait_until(sent + self._latency_s)
            arrived, fault, _ = self._faults.pass_on(Toward.STATION, piece)
            if arrived:
                self._port.write(self._as_heard(arrived, self._port.baud()))
            if fault is not None:
                self._happen(fault)
                return

    def _happen(self, fault: Fault) -> None:
        if fault.trouble is CableTrouble.UNPLUG:
            raise _Vanished(fault)
        self.silicon = fault.other.silicon
        self._decoder = Decoder()

    def _byte_s(self) -> float:
        return _BITS_PER_BYTE / self.silicon.baud if self._paced else 0.0

    def _as_heard(self, data: bytes, host_baud: int | None) -> bytes:
        """Bytes sent at one rate and sampled at another are noise."""
        if host_baud is None or abs(host_baud - self.silicon.baud) <= _BAUD_TOLERANCE * self.silicon.baud:
            return data
        return bytes((byte ^ 0x55) | 0x80 for byte in data)

    def _wait_until(self, moment: float) -> None:
        left = moment - time.monotonic()
        if left > 0:
            self._stopping.wait(left)
