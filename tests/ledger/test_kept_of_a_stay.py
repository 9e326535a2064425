# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a board's stay: its steps, and the wire's last lines where they are this stay's and no other's."""

from __future__ import annotations

import os
import time
from dataclasses import replace

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


def stay(ledger: Ledger, slot: str, error: StationError | None = E203, seconds: float = 600.0) -> None:
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
    ((visit, _),) = ledger.visits.of_slot("twice", 5)
    os.utime(path, (visit.at - 0.5, visit.at - 0.5))
    assert past_stay(visit, "", ledger.path.parent).wire
    assert past_stay(replace(visit, at=visit.at - 2), "", ledger.path.parent).wire == ()  # kept after that stay
    assert past_stay(replace(visit, at=visit.at + 60), "", ledger.path.parent).wire == ()  # long before it
    assert past_stay(replace(visit, code=Code.E201), "", ledger.path.parent).wire == ()  # another trouble's
    assert past_stay(visit, "", None).wire == ()  # at another bench


def test_what_went_over_the_wire_before_the_stay_is_another_boards(ledger: Ledger) -> None:
    stay(ledger, "before")
    ((visit, _),) = ledger.visits.of_slot("before", 5)
    path = wire_file(ledger.path.parent, "before")
    written = time.mktime((2026, 9, 21, 0, 0, 2, 0, 0, -1))  # just after midnight
    lines = ["23:59:20.000 → another board", "23:59:58.500 → this one", "0:00 torn", "00:00:01.000 ← no"]
    keep(path, Code.E203, lines)
    os.utime(path, (written, written))
    kept = past_stay(replace(visit, at=written + 0.5, seconds=10.0), "", ledger.path.parent)
    assert kept.wire == ((written - 3.5, "→ this one"), (written - 1.0, "← no"))
