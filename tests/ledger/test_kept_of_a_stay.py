# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a board's stay: its steps, and the wire's last lines where they are this stay's and no other's."""

from __future__ import annotations

import os
import time

from station.bench.outcome import record
from station.codes import Code
from station.desk.stays import last_in, past_stay
from station.errors import BoardFault, StationError
from station.events import Phase
from station.flow.visit import Visit
from station.ledger.store import Ledger
from station.rules import Outcome
from station.targets.wire import keep, wire_file, wire_of

E203 = BoardFault("no answer", code=Code.E203)


def stay(ledger: Ledger, slot: str, error: StationError | None = E203, seconds: float = 2.0) -> None:
    visit = Visit(slot=slot, outcome=Outcome.FAIL if error else Outcome.PASS, error=error)
    visit.steps = [(Phase.IDENTIFY, 0.0), (Phase.RESERVE, 1.25), (Phase.IDENTIFY, 1.5)]
    record(ledger, visit, seconds)


def test_a_board_that_never_said_who_it_is_leaves_its_steps_and_its_wire(ledger: Ledger) -> None:
    wire_of("told").sent(b"who are you?\r\n")
    stay(ledger, "told")
    (line,) = last_in(ledger, "told")
    assert (line.uid, line.certificate) == ("", "")
    assert line.steps == ((Phase.IDENTIFY, 0.0), (Phase.RESERVE, 1.25), (Phase.IDENTIFY, 1.5))
    [(when, text)] = line.wire
    assert text == "→ who are you?" and abs(line.at - when) < 60


def test_a_slots_wire_is_of_its_last_trouble_alone(ledger: Ledger) -> None:
    wire_of("twice").sent(b"one\r\n")
    stay(ledger, "twice")
    path = wire_file(ledger.path.parent, "twice")
    os.utime(path, (time.time() - 1, time.time() - 1))  # as if a second had gone by
    first = ledger.visits.of_slot("twice", 5)[0][0]
    early = first.__class__(**{**{f: getattr(first, f) for f in first.__slots__}, "at": first.at - 2})
    assert past_stay(early, "", ledger.path.parent).wire == ()  # kept after that stay
    assert past_stay(first, "", ledger.path.parent).wire
    assert past_stay(first, "", None).wire == ()  # at another bench
    keep(path, Code.E201, ["12:00:00.000 → another trouble"])
    os.utime(path, (first.at - 1, first.at - 1))
    assert past_stay(first, "", ledger.path.parent).wire == ()
