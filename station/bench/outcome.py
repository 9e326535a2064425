# SPDX-License-Identifier: GPL-3.0-or-later
"""What a visit leaves behind: its line in the history, its part in the run's tally, and the lock that the outcomes call
for."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from station.codes import Code, Exit
from station.errors import most_serious
from station.flow.visit import Visit
from station.ledger.believed import THIS_BENCH
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.ledger.visits import SERIAL, STEPS, WIRE
from station.rules import COUNTED_AS, LAST, USUAL, Counted, LockOut, Outcome, slot_locks, station_locks
from station.targets.wire import keep, wire_file, wire_of
from station.visiting import VISIT

_ABOUT_THE_WIRE = frozenset({Code.E201, Code.E203, Code.E208})


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    counted: Counter[Counted] = field(default_factory=Counter)
    exit: Exit = Exit.OK  # of the most serious thing that was noted

    def note(self, code: Exit) -> None:
        """Something that the exit code has to tell."""
        self.exit = most_serious([self.exit, code])

    def count(self, visit: Visit) -> None:
        """A visit that ended."""
        if visit.outcome in COUNTED_AS:
            self.counted[COUNTED_AS[visit.outcome]] += 1
        if visit.error is not None and visit.outcome is not Outcome.REMOVED:
            self.note(visit.error.exit)
            if visit.married:
                self.note(Exit.PERSON_NEEDED)

    @property
    def passed(self) -> int:
        return self.counted[Counted.PASSED]

    @property
    def failed(self) -> int:
        return self.counted[Counted.FAILED]

    @property
    def already_done(self) -> int:
        return self.counted[Counted.ALREADY_DONE]

    @property
    def in_doubt(self) -> int:
        return self.counted[Counted.LEFT_IN_DOUBT]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLock:
    """`scope`: a slot's name, the station, or that of this bench alone."""

    scope: str
    code: Code
    what: str


def record(ledger: Ledger, visit: Visit, seconds: float) -> int:
    """One line for one stay; its number. `seconds` since it began. Where the board was silent, refused or was not
    understood, what went over the wire is kept beside the ledger.
    """
    error, board = visit.error, visit.board
    if error is not None and error.code in _ABOUT_THE_WIRE:
        visit.notes |= _keep_wire(ledger, visit.slot, error.code)
    if visit.steps:
        visit.notes[STEPS] = " ".join(f"{phase} {after:.2f}" for phase, after in visit.steps)
    visit.notes[VISIT] = visit.id
    about_board = {**board.details, "chip": board.chip, "firmware": board.firmware} if board else {}
    if visit.serial:
        visit.notes[SERIAL] = visit.serial
    return ledger.visits.record(
        VisitRow(
            at=time.time(),
            slot=visit.slot,
            outcome=visit.outcome,
            board_uid=board.uid if board else None,
            code=error.code if error else None,
            what=error.what if error else "",
            identity_id=visit.identity_id,
            attempt=visit.attempt or None,
            seconds=round(seconds, 3),
            operator=ledger.operator,
            details=visit.notes | about_board,
        ),
    )


def _keep_wire(ledger: Ledger, slot: str, code: Code) -> dict[str, str]:
    """The visit's note of it. A full disk costs the file, not the visit's line."""
    path = wire_file(ledger.path.parent, slot)
    try:
        keep(path, code, wire_of(slot).lines())
    except OSError as error:
        return {WIRE: f"not kept: {error.strerror}"}
    return {WIRE: str(path)}


def due_lock(ledger: Ledger, slot: str, limits: LockOut = USUAL) -> DueLock | None:
    """The lock that the visits since the last unlock call for, the last one in `slot`; the station's before the
    slot's."""
    of_all = ledger.locks.outcomes_since_unlock(STATION, last=LAST)
    if station_locks(of_all, limits):
        why = f"{limits.of_last_ten} failures in the last {LAST} boards"
        alarm = Outcome.ALARM in of_all
        if alarm:
            why = "an alarm at another bench" if ledger.bench else "an alarm"
        return DueLock(scope=STATION if alarm else THIS_BENCH, code=Code.E603, what=f"the station is locked: {why}")
    if slot_locks(ledger.locks.outcomes_since_unlock(slot, last=LAST), limits):
        what = f"slot {slot} is locked: {limits.in_a_row} failures in a row, probably the fixture"
        return DueLock(scope=slot, code=Code.E602, what=what)
    return None
