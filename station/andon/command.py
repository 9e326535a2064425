# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON lines to a program that the station starts and keeps running: one that ended is started again.

It gets no terminal and none of the station's open files, and is ended with its children when the station ends. Where
the station is killed, it reads the end of its input.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress

from station.andon.light import Light
from station.andon.line import AndonLine
from station.andon.output import dead
from station.andon.pipe import put

_ENDS_S = 1.0
"""After the end of its input, and again after SIGTERM."""


class CommandOutput:
    only_latest = False
    again_s: float | None = None

    def __init__(self, name: str, command: Sequence[str], on: frozenset[Light] | None = None) -> None:
        self.name, self.command, self.on = name, tuple(command), on
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Lock()

    def deliver(self, line: AndonLine) -> None:
        process = self._running()
        assert process.stdin is not None
        try:
            put(process.stdin.fileno(), line.encoded(), self.command[0])
        except OSError as error:
            self.close()
            raise dead(f"{self.command[0]} has ended", "see why: start it by hand") from error

    def _running(self) -> subprocess.Popen[bytes]:
        ended = self._process.poll() if self._process is not None else None
        if ended is not None:
            self.close()
            raise dead(f"{self.command[0]} has ended with {ended}", "see why: start it by hand")
        if self._process is None:
            self._process = started(self.command, stdin=subprocess.PIPE)
            assert self._process.stdin is not None
            os.set_blocking(self._process.stdin.fileno(), False)
        return self._process

    def look(self) -> None:
        require_program(self.command)

    def close(self) -> None:
        with self._ending:
            process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
            end(process, patience_s=_ENDS_S)


def started(command: Sequence[str], *, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for the station."""
    nowhere = subprocess.DEVNULL
    try:
        return subprocess.Popen(command, stdin=stdin, stdout=nowhere, stderr=nowhere, start_new_session=True, bufsize=0)  # noqa: S603 - the configuration's own words, no shell
    except OSError as error:
        raise dead(f"{command[0]} cannot be started: {error.strerror}", "correct it in station.toml") from error


def require_program(command: Sequence[str]) -> None:
    if shutil.which(command[0]) is None:
        raise dead(f"there is no program {command[0]}", "install it, or write its whole path in station.toml")


def end(process: subprocess.Popen[bytes], *, patience_s: float = 0.0) -> None:
    """It and its children: asked by SIGTERM, then not asked."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        patience_s = max(patience_s, _ENDS_S)
        if process.poll() is not None and number == signal.SIGTERM:
            break
    process.wait()
