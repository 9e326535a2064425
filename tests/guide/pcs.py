# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare PC with a terminal, and what a person there types."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tui.test_terminal import Terminal


class Pc:
    """A bare one: a home with nothing in it."""

    def __init__(self, home: Path, gateway: str) -> None:
        self.home, self.port, self.gateway = home, home / "ttyB", gateway
        self._opened: list[Terminal] = []

    def run(self, *command: str, **more: str) -> Terminal:
        places = {"HOME": "", "XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": "d", "XDG_STATE_HOME": "s"}
        env = [f"{name}={self.home / folder}" for name, folder in places.items()]
        env += [f"{name}={value}" for name, value in more.items()]
        env.append(f"STATION_CLOUD_LIVING_URL={self.gateway}")  # stands in the form, as the vendor's does elsewhere
        folder = self.home / f"tmux{len(self._opened)}"  # a server that is just ending is in the other one
        folder.mkdir()
        terminal = Terminal(
            folder, "-u", "STATION_CONFIG", *env, sys.executable, "-m", "station", *command, size=(80, 24)
        )
        self._opened.append(terminal)
        return terminal

    def leave(self) -> None:
        for terminal in self._opened:
            terminal.close()


def typed(terminal: Terminal, *lines: str) -> None:
    """Each with Enter; the first of a form."""
    for line in lines:
        if line:
            terminal.keys("-l", line)
        terminal.keys("Enter")
