# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound for what somebody has to come for: the terminal's bell, or a program. Several at once are one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from station.andon.command import end, require_program, started
from station.andon.light import WORRIES, Light
from station.andon.line import AndonLine
from station.andon.output import TAKES_S, dead

_TERMINAL = "/dev/tty"


@dataclass(frozen=True, slots=True, kw_only=True)
class BellOutput:
    name: str
    on: frozenset[Light] | None = frozenset(WORRIES)
    only_latest: bool = True
    again_s: float | None = None

    def deliver(self, line: AndonLine) -> None:  # noqa: ARG002 - one bell for all
        self._ring(b"\a")

    def look(self) -> None:
        self._ring(b"")

    def _ring(self, what: bytes) -> None:
        try:
            terminal = os.open(_TERMINAL, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            try:
                os.write(terminal, what)
            finally:
                os.close(terminal)
        except OSError as error:
            raise dead("this station has no terminal to ring", "use sound = […] there") from error

    def close(self) -> None:
        """Nothing is kept open."""


class SoundOutput:
    only_latest = True
    again_s: float | None = None

    def __init__(self, name: str, command: Sequence[str], on: frozenset[Light] | None = frozenset(WORRIES)) -> None:
        self.name, self.command, self.on = name, tuple(command), on

    def deliver(self, line: AndonLine) -> None:  # noqa: ARG002 - which sound is chosen by `on`
        process = started(self.command)
        try:
            code = process.wait(TAKES_S)
        except subprocess.TimeoutExpired as error:
            raise dead(f"{self.command[0]} plays longer than {TAKES_S:.0f} s", "choose a shorter sound") from error
        finally:
            end(process)
        if code:
            raise dead(f"{self.command[0]} ended with {code}", "see why: start it by hand")

    def look(self) -> None:
        require_program(self.command)

    def close(self) -> None:
        """It ends by itself, or with its time."""
