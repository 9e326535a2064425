# SPDX-License-Identifier: GPL-3.0-or-later
"""A hall of slots on real ptys, where a test plugs boards in and takes them out by hand."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from station.bench import bench as bench_module
from station.bench.bench import Bench
from station.bench.setup import make_bench
from station.events import Event, SlotEvent, SlotState
from station.flow import flow
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Port, Provider, Secret
from station.profiles.profile import Profile
from station.secrets.vault import Vault
from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard, read_identity
from station.targets.slots import SlotSpec
from tests.bench.turns import at_each_turn
from tests.waiting import PATIENCE_S, until

PROFILE = Profile(name="t", target="agent", products=("a1Cam",), options={"answer_s": 2.0, "restart_s": 5.0})
"""Patient: on a busy machine an answer that comes too late is another end than the one that the test is about."""

HASTY = replace(PROFILE, options={"answer_s": 0.2, "restart_s": 1.0})
"""For boards that fall silent."""


@dataclass
class Hall:
    """Slots whose ports are links in a folder; boards are put in and taken out by hand."""

    folder: Path
    vault: Vault = field(default_factory=lambda: Vault(secrets.token_bytes(32)))
    profile: Profile = PROFILE
    seen: list[Event] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    stack: ExitStack = field(default_factory=ExitStack)
    turn: int = 0
    boards: dict[int, SimulatedAgentBoard] = field(default_factory=dict)
    """By their number, each from before it is put in: what acts in a worker may be there first."""

    def start(
        self, slots: int, *, stocked: int = 50, listen: Callable[[Event], None] | None = None, **how: object
    ) -> Bench:
        self.open_ledger(stocked)
        bench = self.made(slots, listen)
        self.run(bench, **how)
        return bench

    def made(self, slots: int, listen: Callable[[Event], None] | None = None) -> Bench:
        """Not yet running."""
        specs = [SlotSpec(name=str(n), path=str(self.folder / f"tty{n}")) for n in range(1, slots + 1)]
        return make_bench(self.ledger, self.profile, specs, listen or self.listen)

    def run(self, bench: Bench, **how: object) -> None:
        """In the background until the test ends."""
        self.bench = bench
        at_each_turn(bench, self._count_turn)
        thread = threading.Thread(target=lambda: bench.run(**how), daemon=True)  # type: ignore[arg-type]
        thread.start()
        self.stack.callback(thread.join, 10)
        self.stack.callback(bench.stop)

    def _count_turn(self) -> None:
        with self.changed:
            self.turn += 1
            self.changed.notify_all()

    def meanwhile(self, act: Callable[[Visit], None]) -> None:
        """In the worker, at each step of a visit after the bench was told of it: `act` may wait for the bench."""

        def flash(job: Job, port: Port, *, label: str | None = None, serial: str = "") -> Visit:
            def tell(visit: Visit) -> None:
                job.tell(visit)
                act(visit)

            return flow.flash(replace(job, tell=tell), port, label=label, serial=serial)

        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(bench_module, "flash", flash)

    def open_ledger(self, stocked: int = 50) -> None:
        self.ledger = self.stack.enter_context(Ledger(self.folder / "ledger.db", self.vault))
        self.receive(stocked)

    def receive(self, count: int) -> None:
        page = [
            Identity(primary=Certificate(product_key="a1Cam", device_name=f"cam{n}", device_secret=Secret(f"S{n}")))
            for n in range(count)
        ]
        self.ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="1", product_key="a1Cam"), page)

    def listen(self, event: Event) -> None:
        with self.changed:
            self.seen.append(event)
            self.changed.notify_all()

    def board(self, number: int, slot: int, **faults: object) -> SimulatedAgentBoard:
        misbehaviour = Misbehaviour(**faults)  # type: ignore[arg-type]
        store, link = self.folder / f"{number}.flash", self.folder / f"tty{slot}"
        board = SimulatedAgentBoard(f"ab{number:014x}", store, link, faults=misbehaviour)
        self.boards[number] = board
        board.plug()
        self.stack.callback(board.unplug)
        return board

    def wait(self, wanted: Callable[[Event], bool], *, seconds: float = PATIENCE_S) -> Event:
        """The first event from now or before that fits."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for event in self.seen:
                    if wanted(event):
                        return event
                if not self.changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"it never came; seen: {self.seen[-5:]}")

    def until(self, slot: int, state: SlotState) -> SlotEvent:
        event = self.wait(lambda e: isinstance(e, SlotEvent) and e.slot == str(slot) and e.state is state)
        assert isinstance(event, SlotEvent)
        return event

    def nothing_comes(self, turns: int = 4) -> None:
        """The bench has looked at each slot so many times from now on, whatever time that takes: what was to come of
        what happened until now has come."""
        with self.changed:
            last = self.turn + turns
            assert self.changed.wait_for(lambda: self.turn >= last, PATIENCE_S)

    def noticed(self, slot: int, *, there: bool) -> None:
        """The bench knows that a board is in this slot, or that it has gone, and has had its say."""
        until(lambda: (self.bench.slots[str(slot)].port is not None) is there)
        self.nothing_comes()

    def holds(self, number: int) -> list[str]:
        return [c.device_name for c in read_identity(self.folder / f"{number}.flash") or []]
