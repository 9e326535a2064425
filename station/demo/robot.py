# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugs and unplugs boards like a quick operator: a free slot gets the next board, a finished board leaves, a board
that failed or is in doubt comes back later, and after too many tries goes to the red bin. Locks are lifted, except
those that a person set by hand."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from station.bench.bench import Bench
from station.bench.tile import HELD
from station.demo.kinds import DemoBoard
from station.events import Asks, Event, SlotEvent, SlotState
from station.ledger.locks import BY_HAND, STATION

_FINAL = {SlotState.PASS, SlotState.ALREADY_DONE, SlotState.FAIL, SlotState.IN_DOUBT}
_WAITS = {SlotState.WAITING, SlotState.NO_STOCK}
_GOOD = {SlotState.PASS, SlotState.ALREADY_DONE}
_MOST_TRIES = 8
_SEEN_WITHIN_S = 5.0


class Robot:
    """Give `see` to the bench as its listener, then `start`. `done` is set when no board is left."""

    def __init__(self, fixtures: dict[str, Path], boards: list[DemoBoard], *, dwell_s: float = 0.0) -> None:
        self.red_bin: list[DemoBoard] = []
        self.done = threading.Event()
        self._fixtures = fixtures
        self._waiting = deque(boards)
        self._plugged: dict[str, DemoBoard] = {}
        self._dwell_s = dwell_s
        self._events: queue.SimpleQueue[SlotEvent | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="robot", daemon=True)

    def see(self, event: Event) -> None:
        """From any thread."""
        if isinstance(event, SlotEvent) and event.state is not SlotState.BUSY:
            self._events.put(event)

    def start(self, bench: Bench) -> None:
        self._bench = bench
        self._thread.start()

    def stop(self) -> None:
        """Take all boards out and end."""
        self._events.put(None)
        self._thread.join()
        for board in self._plugged.values():
            board.unplug()

    def _work(self) -> None:
        try:
            while (event := self._events.get()) is not None:
                self._react(event)
        finally:
            self._bench.stop()  # also when this thread fails: nobody would ever plug another board

    def _react(self, event: SlotEvent) -> None:
        if event.state is SlotState.EMPTY:
            self._fill(event.slot)
        elif event.code == HELD:
            return  # a supervisor is at work
        elif event.state in _FINAL | _WAITS or (event.state is SlotState.READY and event.code):
            self._take_out(event)
        elif event.asks and event.slot in self._plugged:
            uid = self._plugged[event.slot].uid
            self._bench.slots.scan(uid if event.asks is Asks.LABEL else f"SN{uid}")
        elif event.state is SlotState.LOCKED:
            self._lift_locks(event.slot)

    def _lift_locks(self, slot: str) -> None:
        """Never one that a person set by hand: who set it lifts it."""
        for scope, lock in self._bench.ledger.locks.held().items():
            if scope in (slot, STATION) and lock.code != BY_HAND:
                self._bench.slots.unlock(scope, f"the demo goes on after {lock.code}", by="the demo's robot")

    def _fill(self, slot: str) -> None:
        if slot in self._plugged:
            return
        if self._waiting:
            board = self._plugged[slot] = self._waiting.popleft()
            board.tries += 1
            board.plug(self._fixtures[slot])
        elif not self._plugged:
            self.done.set()
            self._bench.stop()

    def _take_out(self, event: SlotEvent) -> None:
        board = self._plugged.pop(event.slot, None)
        if board is None:
            return
        time.sleep(self._dwell_s)
        board.unplug()
        if event.state is SlotState.IN_DOUBT:  # its tile goes on saying so
            self._wait_until_seen(event.slot)
            self._events.put(replace(event, state=SlotState.EMPTY))
        if event.state not in _GOOD:
            (self.red_bin if board.tries >= _MOST_TRIES else self._waiting).append(board)

    def _wait_until_seen(self, slot: str) -> None:
        """That it is empty: the next board may be at a port of the same name."""
        deadline = time.monotonic() + _SEEN_WITHIN_S
        while time.monotonic() < deadline and any(port.slot == slot for port in self._bench.slots.boards()):
            time.sleep(0.01)
