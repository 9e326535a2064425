# SPDX-License-Identifier: GPL-3.0-or-later
"""A native-USB board leaves and comes back when it is reset: the same board, as its port's serial number tells."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from station.bench.bench import Bench
from station.bench.stays import Stays
from station.events import Phase, SlotEvent, SlotState
from station.flow.visit import Visit
from station.model import Port
from station.rules import Outcome
from station.targets import get_target
from station.targets.hotplug import PortAppeared, PortEvent, PortVanished
from station.targets.slots import SlotSpec
from tests.bench.bench_hall import Hall
from tests.waiting import until

UID = f"ab{1:014x}"


class Script:
    """A watcher that tells what the test wants told."""

    def __init__(self) -> None:
        self.next: list[PortEvent] = []

    def events(self, timeout_s: float) -> list[PortEvent]:
        time.sleep(timeout_s / 10)
        told, self.next = self.next, []
        return told

    def present(self) -> dict[str, Port]:
        return {}

    def assign(self, slots: Sequence[SlotSpec]) -> None:
        """Nothing to watch."""

    def close(self) -> None:
        """Holds nothing."""


def scripted(hall: Hall) -> Script:
    hall.open_ledger()
    script = Script()
    bench = Bench(
        ledger=hall.ledger,
        target=get_target("agent"),
        profile=hall.profile,
        slots=["1"],
        watcher=script,
        listen=hall.listen,
    )
    hall.run(bench)
    return script


def port(hall: Hall, serial: str) -> Port:
    return Port(url=str(hall.folder / "tty1"), slot="1", serial=serial)


def states(hall: Hall) -> list[SlotState]:
    return [e.state for e in hall.seen if isinstance(e, SlotEvent)]


def test_a_board_back_from_its_own_reset_keeps_its_pass(hall: Hall) -> None:
    script = scripted(hall)
    hall.board(1, 1)
    mine = port(hall, UID.upper())
    script.next = [PortAppeared(port=mine)]
    hall.until(1, SlotState.PASS)
    hall.seen.clear()
    script.next = [PortVanished(port=mine), PortAppeared(port=mine)]
    hall.until(1, SlotState.PASS)
    hall.nothing_comes()
    assert states(hall) == [SlotState.EMPTY, SlotState.PASS]


def test_a_port_that_cannot_tell_is_looked_at_anew(hall: Hall) -> None:
    script = scripted(hall)
    hall.board(1, 1)
    bridge = port(hall, "A50285BI")
    script.next = [PortAppeared(port=bridge)]
    hall.until(1, SlotState.PASS)
    script.next = [PortVanished(port=bridge), PortAppeared(port=bridge)]
    hall.until(1, SlotState.ALREADY_DONE)


def replugged(script: Script, hall: Hall) -> None:
    """While the slot is busy."""
    bridge = port(hall, "A50285BI")
    script.next = [PortVanished(port=bridge), PortAppeared(port=bridge)]
    until(lambda: hall.bench.slots["1"].replugged)


@pytest.fixture
def done(hall: Hall) -> Script:
    """The first board has passed, at a port that cannot tell."""
    script = scripted(hall)
    hall.board(1, 1)
    bridge = port(hall, "A50285BI")
    script.next = [PortAppeared(port=bridge)]
    hall.until(1, SlotState.PASS)
    script.next = [PortVanished(port=bridge)]
    hall.until(1, SlotState.EMPTY)
    hall.seen.clear()
    return script


def test_a_board_put_in_for_a_done_one_before_its_tile_says_so_is_not_taken_for_it(
    hall: Hall, done: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger may take its time with the first one's stay; the second one would be shipped without an identity."""
    record = Stays.record

    def slowly(stays: Stays, visit: Visit, seconds: float) -> None:
        if visit.outcome is Outcome.ALREADY_DONE:
            hall.boards[1].unplug()
            hall.board(2, 1)
            replugged(done, hall)
        record(stays, visit, seconds)

    monkeypatch.setattr(Stays, "record", slowly)
    done.next = [PortAppeared(port=port(hall, "A50285BI"))]
    hall.until(1, SlotState.PASS)
    assert hall.holds(2) == ["cam1"]


def test_a_done_board_that_came_back_before_it_was_read_is_looked_at_once(hall: Hall, done: Script) -> None:
    """Its own reset took it away."""

    def reset(visit: Visit) -> None:
        if visit.board is not None and visit.phase is Phase.IDENTIFY:
            replugged(done, hall)

    hall.meanwhile(reset)
    done.next = [PortAppeared(port=port(hall, "A50285BI"))]
    hall.until(1, SlotState.ALREADY_DONE)
    hall.nothing_comes()
    assert [visit.outcome for visit in hall.ledger.visits.since(0)] == [Outcome.PASS, Outcome.ALREADY_DONE]
