# SPDX-License-Identifier: GPL-3.0-or-later
"""A program started for each event, which it reads as one JSON line. Ended by 0: it has it; by 65: refused (EX_DATAERR
of sysexits.h); by anything else, or too late: the same event again.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field

from station.andon.command import end, require_program, started
from station.outbox.event import Event
from station.outbox.receiver import TAKES_S, EventRefused, as_ours, deaf

_DO = "see why: start it by hand"


@dataclass(slots=True, kw_only=True)
class CommandReceiver:
    name: str
    command: tuple[str, ...]
    since: float | None = None
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def deliver(self, event: Event) -> None:
        with as_ours():
            process = self._running = started(self.command, stdin=subprocess.PIPE)
        try:
            process.communicate(event.encoded() + b"\n", TAKES_S)
        except subprocess.TimeoutExpired as error:
            raise deaf(f"{self.command[0]} takes longer than {TAKES_S:.0f} s", _DO) from error
        finally:
            end(process)
            self._running = None
        if process.returncode == os.EX_DATAERR:
            raise EventRefused(f"{self.command[0]} refused it")
        if process.returncode:
            raise deaf(f"{self.command[0]} ended with {process.returncode}", _DO)

    def look(self) -> None:
        with as_ours():
            require_program(self.command)

    def close(self) -> None:
        """One that has its event in hand does not outlive the station: the next one would send beside it."""
        if (process := self._running) is not None:
            end(process)
