# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain station's end for tests: pyserial on the board's port, one line out, one frame back."""

from __future__ import annotations

import time
from typing import Protocol, Self

import serial

from tests.firmware.firmware_bench import line
from tests.waiting import PATIENCE_S


class HasPort(Protocol):
    @property
    def url(self) -> str: ...


class Wire:
    """Raises TimeoutError when the board does not answer in time."""

    def __init__(self, board: HasPort, timeout_s: float = PATIENCE_S) -> None:
        self.serial = serial.Serial(board.url, 115200, timeout=0.05, exclusive=True)
        self._timeout_s = timeout_s
        self.serial.write(b"\n")

    def send(self, raw: bytes) -> None:
        self.serial.write(raw)

    def frame(self, timeout_s: float | None = None) -> str:
        """The next frame without its newline; noise and late answers to polls are dropped."""
        while (text := self._any_frame(timeout_s)).startswith("@up "):
            pass
        return text

    def _any_frame(self, timeout_s: float | None) -> str:
        deadline = time.monotonic() + (timeout_s or self._timeout_s)
        text = b""
        while time.monotonic() < deadline:
            text += self.serial.readline()
            if text.endswith(b"\n"):
                if text.startswith(b"@"):
                    return text.decode("ascii").rstrip("\n")
                text = b""
        raise TimeoutError("no answer")

    def ask(self, body: str) -> str:
        """`body` with its tag, e.g. "@1 ID"; the answer without its CRC."""
        return self.exchange(line(body))

    def exchange(self, whole_line: bytes) -> str:
        """As `ask`. A late answer to an earlier poll has another tag and is dropped."""
        self.send(whole_line)
        tag = whole_line.split(b" ")[0].decode()
        while (answer := self.frame()).split(" ")[0] not in {tag, "@?"}:
            pass
        return answer.rsplit("*", 1)[0]

    def wait_until_up(self) -> str:
        """Polls ID as the protocol says, since what is sent while a board starts may be lost; the answer."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            self.send(b"\n" + line("@up ID"))
            try:
                while not (answer := self._any_frame(timeout_s=0.3)).startswith("@up OK"):
                    pass
            except TimeoutError:
                if time.monotonic() > deadline:
                    raise
            else:
                return answer.rsplit("*", 1)[0]

    def close(self) -> None:
        self.serial.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
