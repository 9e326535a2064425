# SPDX-License-Identifier: GPL-3.0-or-later
"""One bench of the demo's line: a `station flash` of its own, and whoever plugs its boards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from station.demo.kinds import DemoBoard
from station.events import SlotState

_GOOD = {SlotState.PASS, SlotState.ALREADY_DONE}
_LEAVES = _GOOD | {SlotState.FAIL}
_MOST_TRIES = 8


class LineBench:
    """`start`, and `end` once it is `done`: no board is left, or its process has ended."""

    def __init__(self, name: str, folder: Path, fixtures: Mapping[str, Path], boards: Sequence[DemoBoard]) -> None:
        self.name, self.folder = name, folder
        self.passed = 0
        self.red_bin: list[DemoBoard] = []
        self.summary: dict[str, Any] = {}
        self.done = threading.Event()
        self._fixtures, self._waiting = fixtures, deque(boards)
        self._plugged: dict[str, DemoBoard] = {}

    def configure(self, *, url: str, profile: Path, key: Path) -> None:
        """Its station.toml, its state folder, its copy of the line's key."""
        state = self.folder / "state"
        state.mkdir(mode=0o700, parents=True)
        shutil.copy(key, state / "station.key")
        slots = "".join(f'[[slot]]\nname = "{name}"\npath = "{link}"\n' for name, link in self._fixtures.items())
        bench = f'[bench]\nname = "{self.name}"\nstate_dir = "{state}"\nprofile = "{profile}"\n'
        (self.folder / "station.toml").write_text(f'{bench}[ledger]\nurl = "{url}"\n{slots}', "utf-8")

    def start(self, told: Callable[[LineBench, dict[str, Any]], None]) -> None:
        """`told`: hears each event of its process, from a thread of its own."""
        for slot in self._fixtures:
            self._plug_next(slot)
        command = [sys.executable, "-m", "station", "--config", str(self.folder / "station.toml")]
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [*command, "flash", "--json", "--watch"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "XDG_STATE_HOME": str(self.folder / "home")},  # its witness is the demo's, not yours
            start_new_session=True,
            text=True,
        )
        self._thread = threading.Thread(target=self._listen, args=(told,), name=self.name, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """After the boards in hand; its exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait()
        self._thread.join()
        for board in self._plugged.values():
            board.unplug()
        return code

    def _listen(self, told: Callable[[LineBench, dict[str, Any]], None]) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                event = json.loads(line)
                if event["event"] == "summary":
                    self.summary = event
                elif event["event"] == "slot":
                    self._see(event)
                told(self, event)
        finally:
            self.done.set()

    def _see(self, event: dict[str, Any]) -> None:
        slot = event["slot"]
        board = self._plugged.get(slot)
        if event["state"] not in _LEAVES or board is None or event["uid"] != board.uid:
            return
        del self._plugged[slot]
        board.unplug()
        if event["state"] in _GOOD:
            self.passed += 1
        else:
            (self.red_bin if board.tries >= _MOST_TRIES else self._waiting).append(board)
        self._plug_next(slot)

    def _plug_next(self, slot: str) -> None:
        if self._waiting:
            board = self._plugged[slot] = self._waiting.popleft()
            board.tries += 1
            board.plug(self._fixtures[slot])
        elif not self._plugged:
            self.done.set()
