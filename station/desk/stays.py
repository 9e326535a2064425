# SPDX-License-Identifier: GPL-3.0-or-later
"""A board's stay in a slot with all that is kept of it: each step with its time, and what went over the wire."""

from __future__ import annotations

import re
import time
from pathlib import Path

from station.ledger.steps import steps_of
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.ledger.visits import BENCH, WIRE
from station.rules import Outcome
from station.targets.wire import wire_file
from station.visiting import VISIT
from station.words.past import PastLine

_STAYS = 20  # of a slot: what a person looks through
_WRITTEN_WITHIN_S = 5.0  # the wire's file, before the stay is recorded
_SLACK_S = 1.0  # of a clock that is read behind the work
_DAY_S = 86400.0
_LINE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) (.*)")


def last_in(ledger: Ledger, slot: str) -> tuple[PastLine, ...]:
    """The last boards in a slot of this bench, oldest first, those without a uid too."""
    folder = ledger.path.parent
    return tuple(past_stay(visit, name, folder) for visit, name in ledger.visits.of_slot(slot, _STAYS))


def past_stay(visit: VisitRow, name: str, folder: Path | None) -> PastLine:
    """`name`: of its certificate, "" without one; `folder`: where this bench keeps wires, None where it has none of
    this stay's.
    """
    return PastLine(
        at=visit.at,
        who="/".join(part for part in (visit.details.get(BENCH, ""), visit.operator) if part),
        outcome=Outcome(visit.outcome),
        slot=visit.slot,
        seconds=visit.seconds,
        uid=visit.board_uid or "",
        details=_particulars(visit),
        certificate=name,
        steps=steps_of(visit.details),
        wire=_wire(visit, folder) if folder and WIRE in visit.details else (),
    )


def _particulars(visit: VisitRow) -> tuple[tuple[str, str], ...]:
    why = (("code", visit.code), ("why", visit.what)) if visit.code else ()
    return (*why, (VISIT, visit.details[VISIT])) if VISIT in visit.details else why


def _wire(visit: VisitRow, folder: Path) -> tuple[tuple[float, str], ...]:
    """Each line with its time. A slot's file is of its last trouble alone: of another stay, it says nothing of this."""
    path = wire_file(folder, visit.slot)
    try:
        written = path.stat().st_mtime
        *lines, end = path.read_text("utf-8").rstrip("\n").split("\n")
    except (OSError, ValueError):
        return ()
    if not 0 <= visit.at - written < _WRITTEN_WITHIN_S or not end.endswith(f" {visit.code}"):
        return ()
    timed = [(written - _before(line, written), line[4]) for line in map(_LINE.fullmatch, lines) if line]
    return tuple((at, text) for at, text in timed if written - at <= visit.seconds + _SLACK_S)


def _before(line: re.Match[str], written: float) -> float:
    """Seconds from a line to the end of its file; its clock has no date."""
    end = time.localtime(written)
    since_midnight = end.tm_hour * 3600 + end.tm_min * 60 + end.tm_sec + written % 1
    told = int(line[1]) * 3600 + int(line[2]) * 60 + float(line[3])
    return (since_midnight - told + _SLACK_S) % _DAY_S - _SLACK_S
