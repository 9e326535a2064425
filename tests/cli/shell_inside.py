# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell whose commands run in the tests' own process: for tests whose matter is no process (tests/inside.py)."""

from __future__ import annotations

import threading
from pathlib import Path

from tests import inside
from tests.cli.cli_shell import Done, Shell


class ShellInside(Shell):
    """One at a time. What another thread asks for meanwhile is a process."""

    def __call__(self, *arguments: str, timeout: float = 60) -> Done:
        if threading.current_thread() is not threading.main_thread():
            return super().__call__(*arguments, timeout=timeout)
        environment = self.environment if self.config.exists() else {**self.environment, "STATION_CONFIG": ""}
        done = inside.run(arguments, env=environment, cwd=Path.cwd())
        return Done(done.returncode, done.stdout, done.stderr)
