# SPDX-License-Identifier: GPL-3.0-or-later
"""A board as a process of its own with a serial port (a pty) of its own: power it, cut it, hang it, power it again.

What the board stores is in its file; the process holds nothing that a power cut would not take. SIGKILL is the power
cut, SIGSTOP the hang. The process's standard input and output are the board's side of the pty.
"""

from __future__ import annotations

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from station.simulate.plug import lead, open_pty


class FirmwareBoard(ABC):
    """`uid`: 16 hex digits. `link`: a symlink that leads to the port while the board has power, so that the name stays
    when the pty changes; without it `url` changes with each power-on.
    """

    def __init__(self, uid: str, flash_file: Path, *, link: Path | None = None) -> None:
        int(uid, 16)
        if len(uid) != 16:
            raise ValueError("the uid of a simulated MCU is 16 hex digits")
        self.uid = uid.lower()
        self.flash_file = flash_file
        self._link = link
        self._port = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None

    @abstractmethod
    def _command(self, lifeline: int) -> Sequence[str]:
        """What to run. `lifeline` is a file descriptor that reads end-of-file when we are gone."""

    @property
    def url(self) -> str:
        """What a station opens. Without a link: the pty of the present or last power-on."""
        return str(self._link) if self._link else self._port

    @property
    def pid(self) -> int | None:
        """None without power."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> Self:
        """`power_on`, to write `board = McuBoard(…).start()`."""
        self.power_on()
        return self

    def power_on(self) -> None:
        """Returns at once; the board answers some 100 ms later. What is sent before waits in the pty."""
        if self.pid is not None:
            return
        self.power_off()
        board_side, station_side, self._port = open_pty(blocking=True)
        lifeline, self._lifeline = os.pipe()
        try:
            # The child keeps the station's side open too: a pty nobody else holds would end its reads.
            self._process = subprocess.Popen(  # noqa: S603
                self._command(lifeline),
                stdin=board_side,
                stdout=board_side,
                pass_fds=(station_side, lifeline),
                start_new_session=True,
            )
        finally:
            for descriptor in (board_side, station_side, lifeline):
                os.close(descriptor)
        if self._link:
            lead(self._link, self._port)

    def kill(self) -> None:
        """Power is gone, now; whatever the board was doing."""
        if self._process:
            self._process.kill()  # which may have ended this very moment

    def power_off(self) -> None:
        """Power is gone, and the port with it. Nothing happens when it was off."""
        self.kill()
        if self._process:
            self._process.wait()
            self._process = None
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        if self._link:
            self._link.unlink(missing_ok=True)

    def wait_dead(self, timeout_s: float) -> None:
        """Until the board has ended by itself (a cut inside a flash operation). subprocess.TimeoutExpired if not."""
        if self._process:
            self._process.wait(timeout_s)

    def pause(self) -> None:
        """The board hangs; what is sent to it waits."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on, and answers late."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.power_off()
