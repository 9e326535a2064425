# SPDX-License-Identifier: GPL-3.0-or-later
"""A floor of boards under several stations: people who take boards out when they are told to, put them back, and now
and then move one too early.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from station.demo.kinds import DemoBoard
from station.demo.setting import Demo
from station.errors import StationError

_DONE = {"PASS", "ALREADY_DONE"}
_OUT = {"FAIL", "IN_DOUBT"}


class Floor:
    """Every method may be called from any thread."""

    def __init__(self, demo: Demo) -> None:
        self._demo, self._guard = demo, threading.RLock()
        self._waiting = deque(demo.boards)
        self._in: dict[str, DemoBoard] = {}
        self.done: set[str] = set()
        self.moved = 0

    @property
    def over(self) -> bool:
        return len(self.done) == len(self._demo.boards)

    def fill(self) -> None:
        """A board into each slot that is free."""
        with self._guard:
            for slot, link in self._demo.fixtures.items():
                if slot not in self._in and self._waiting:
                    self._in[slot] = self._waiting.popleft()
                    self._in[slot].plug(link)

    def see(self, line: str) -> None:
        """What a station says of a slot."""
        with suppress(ValueError):
            event = json.loads(line)
            slot, state = str(event.get("slot", "")), event.get("state")
            if state == "LOCKED":
                self._unlock()
            elif state in _DONE | _OUT:
                self._take_out(slot, str(event.get("uid", "")), done=state in _DONE)

    def move(self, dice: random.Random) -> None:
        """Two boards change places, whatever is being done to them."""
        with self._guard:
            if len(self._in) < 2:
                return
            one, other = dice.sample(sorted(self._in), 2)
            for slot in (one, other):
                self._in[slot].unplug()
            self._in[one], self._in[other] = self._in[other], self._in[one]
            for slot in (one, other):
                self._in[slot].plug(self._demo.fixtures[slot])
            self.moved += 1

    def rest(self) -> None:
        """No board comes any more; those that are in are finished."""
        with self._guard:
            self._waiting.clear()

    def clear(self) -> None:
        with self._guard:
            for board in self._in.values():
                board.unplug()
            self._in.clear()

    def _take_out(self, slot: str, uid: str, *, done: bool) -> None:
        with self._guard:
            board = self._in.get(slot)
            if board is None or (uid and board.uid != uid):
                return
            del self._in[slot]
            board.unplug()
            if done:
                self.done.add(board.uid)
            else:
                self._waiting.append(board)
            self.fill()

    def _unlock(self) -> None:
        """A supervisor who always says that it was the fixture."""
        with suppress(StationError):
            for scope in self._demo.ledger.locks.held():
                self._demo.ledger.locks.unlock(scope, "soak", by="soak")


class Bench:
    """A station's process on some of the slots; it may be ended in any way, and is begun anew."""

    def __init__(self, config: Path, slots: Sequence[str], floor: Floor) -> None:
        chosen = [word for slot in slots for word in ("--slot", slot)]
        self._command = [
            sys.executable,
            "-m",
            "station",
            "--config",
            str(config),
            "flash",
            "--watch",
            "--json",
            *chosen,
        ]
        self._floor = floor
        self.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._floor.see(line)

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: signal.Signals, *, within_s: float = 120) -> int:
        """Tells it, and waits for its end."""
        self.tell(number)
        code = self._process.wait(timeout=within_s)
        self._reader.join(10)
        return code

    @property
    def alive(self) -> bool:
        return self._process.poll() is None
