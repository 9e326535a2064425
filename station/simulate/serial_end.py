# SPDX-License-Identifier: GPL-3.0-or-later
"""The far end of a serial port: a pty with a stable link, served by one thread that sleeps until bytes come.

Unplugging closes the master, so a station blocked in a read gets the error a pulled adapter gives. Input that comes
faster than it is read is lost, as on a UART. Waits are counted from the moment that something was heard: what Python
takes meanwhile is in them, so that a line is not slower than it says.
"""

from __future__ import annotations

import os
import select
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from station.simulate.agent_store import PowerCutError
from station.simulate.plug import lead, open_pty

_BAUD = {
    getattr(termios, name): int(name[1:]) for name in dir(termios) if name.startswith("B") and name[1:].isdecimal()
}


class SerialEnd:
    """`hear(data)` is called from the thread; it answers with `say` and waits with `pause`."""

    def __init__(self, hear: Callable[[bytes], None], *, link: Path | None = None, pacing: bool = False) -> None:
        self._hear = hear
        self._link = link
        self._pacing = pacing
        self._master = self._slave = -1
        self._wake: tuple[int, int] = (-1, -1)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._until = 0.0  # monotonic: the end of the last wait
        self.url = str(link) if link else ""

    def plug(self) -> None:
        """A new pty behind the same link. Nothing when plugged in already."""
        if self._thread:
            return
        self._master, self._slave, name = open_pty()
        self._wake = os.pipe()
        self._ended.clear()
        if self._link:
            lead(self._link, name)
        else:
            self.url = name
        self._thread = threading.Thread(target=self._serve, name=f"board at {self.url}", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """The port is gone when this returns. Nothing when it was unplugged already."""
        if not self._thread:
            return
        self._ended.set()
        os.write(self._wake[1], b"\0")
        self._thread.join()
        self._thread = None
        for fd in self._wake:
            os.close(fd)

    def say(self, data: bytes) -> None:
        self._pace(data)
        with suppress(BlockingIOError):
            os.write(self._master, data)

    def pause(self, seconds: float) -> None:
        """Ends early when the plug is pulled."""
        heard_it = threading.current_thread() is self._thread
        self._until = (self._until if heard_it else time.monotonic()) + seconds
        if (left := self._until - time.monotonic()) > 0:
            self._ended.wait(left)

    def _serve(self) -> None:
        try:
            while not self._ended.is_set():
                ready, _, _ = select.select([self._master, self._wake[0]], [], [])
                if self._master in ready:
                    data = os.read(self._master, 4096)
                    self._until = time.monotonic()
                    self._pace(data)
                    self._hear(data)
        except PowerCutError:
            pass
        finally:
            if self._link:
                self._link.unlink(missing_ok=True)
            os.close(self._master)
            os.close(self._slave)

    def _pace(self, data: bytes) -> None:
        if self._pacing:
            self.pause(len(data) * 10 / _BAUD[termios.tcgetattr(self._master)[5]])
