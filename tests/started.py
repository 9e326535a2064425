# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that goes on by itself, where all is imported already: what `Popen` is to `run`, of tests/forked.py."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from tests import forked
from tests.waiting import PATIENCE_S


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    terminal: int | None = None,
) -> subprocess.Popen[str]:
    """What it says is read line by line, and it has nothing to read; or a terminal, for all three.
    `stdout`: a file that it writes to instead."""
    environment = dict(os.environ if env is None else env)
    how = _Started if forked.is_forkable(command, environment) else subprocess.Popen
    return how(
        command,
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL if terminal is None else terminal,
        stdout=stdout if terminal is None else terminal,
        stderr=stderr if terminal is None else terminal,
        start_new_session=terminal is not None,
        text=True,
        bufsize=1,
    )


def rest_of(process: subprocess.Popen[str], *, seconds: float = PATIENCE_S) -> tuple[str, str]:
    """All that it still says and complains, until its end. After a `readline`, `communicate` would lose what came with
    that line; one that does not end is killed.
    """
    killer = threading.Timer(seconds, process.kill)
    killer.start()
    try:
        with ThreadPoolExecutor(1) as pool:
            complained = pool.submit(process.stderr.read) if process.stderr else None
            said = process.stdout.read() if process.stdout else ""
            process.wait()
            return said, complained.result() if complained else ""
    finally:
        killer.cancel()


class _Started(subprocess.Popen[str]):
    """Asks for a fork instead of starting a program; it is the forking process that waits for it, and tells."""

    _answer: socket.socket

    def _execute_child(self, *given: Any) -> None:
        command, folder, environment, pipes = given[0], given[5], given[6], given[10:16]
        read, _, _, said, _, complained = pipes
        try:
            self._answer = forked.ask(command, environment, folder, (read, said, complained))
            self.pid = int(self._answer.recv(32))
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """As `os.waitpid`: its number, or 0 while it goes on; and its status."""
        if flags & os.WNOHANG and not select.select([self._answer], [], [], 0)[0]:
            return 0, 0
        with self._answer:
            code = int(self._answer.recv(32))
        return self.pid, -code if code < 0 else code << 8

    def _internal_poll(self, *_: object) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(blocking=False):  # type: ignore[attr-defined]
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid:
                        self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode
