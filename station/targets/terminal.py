# SPDX-License-Identifier: GPL-3.0-or-later
"""pyserial's port of a POSIX terminal, with the fewest calls of the kernel that a byte can have.

pyserial asks for one byte, then how many more there are, then for those; waits after each write whatever was written;
and sets the whole terminal anew for each change of a timeout. Sixteen slots share one interpreter, which each call
gives away and has to get back.
"""

from __future__ import annotations

import os
import select
import time
from typing import Any

import serial

_AT_ONCE = 4096
"""Bytes: what a terminal holds."""


class Terminal(serial.Serial):
    """Raises OSError as pyserial does, and SerialTimeoutException when nothing more can be written."""

    def open(self) -> None:
        super().open()
        self._to_read, self._to_write = select.poll(), select.poll()
        self._to_read.register(self.fileno(), select.POLLIN)
        self._to_write.register(self.fileno(), select.POLLOUT)

    def take(self, seconds: float) -> bytes:
        """What has come, at least one byte, once there is one; nothing when `seconds` have passed."""
        if not self.is_open:
            raise serial.PortNotOpenError
        if not self._to_read.poll(max(0.0, seconds) * 1000):
            return b""
        heard = os.read(self.fileno(), _AT_ONCE)
        if not heard:
            raise serial.SerialException("readable without a byte: disconnected, or multiple access on port")
        return heard

    def write(self, data: Any, /) -> int:
        if not self.is_open:
            raise serial.PortNotOpenError
        left = memoryview(data)
        until = time.monotonic() + (self._write_timeout or 0.0)
        while left:
            try:
                left = left[os.write(self.fileno(), left) :]
            except BlockingIOError:
                seconds = until - time.monotonic()
                if seconds <= 0 or not self._to_write.poll(seconds * 1000):
                    raise serial.SerialTimeoutException("Write timeout") from None
        return len(data)

    @property
    def timeout(self) -> float | None:
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    @property
    def write_timeout(self) -> float | None:
        return self._write_timeout

    @write_timeout.setter
    def write_timeout(self, seconds: float | None) -> None:
        self._write_timeout = seconds
