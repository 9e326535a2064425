# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift hand-over: a shift in numbers, saved as a file for people and one for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from station.ledger.store import Ledger
from station.model import State
from station.report.counters import Counters
from station.report.saving import remove, save
from station.report.shift import Doubt, ShiftNumbers, began, begin_shift, doubts, present_shift

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A shift in numbers. `started` is Unix time."""

    operator: str
    started: float
    counters: Counters
    stock: Mapping[State, int]
    doubts: tuple[Doubt, ...]
    audit_head: str


def take_stock(ledger: Ledger, counters: Counters | None = None) -> Handover:
    """The present shift as of now; `counters` where they were counted already."""
    shift = present_shift(ledger)
    return Handover(
        operator=shift.operator if shift else "",
        started=began(ledger),
        counters=counters or ShiftNumbers(ledger).counters(),
        stock=ledger.stock.by_state(),
        doubts=doubts(ledger),
        audit_head=ledger.audit.head().hash,
    )


def as_json(report: Handover) -> dict[str, object]:
    """For programs: what `station report shift --json` prints and a hand-over saves."""
    return {"schema": SCHEMA} | asdict(report)


def hand_over(ledger: Ledger, report: Handover, to: str, *, folder: Path, text: str) -> Path:
    """Saves the report, `text` for people, in `folder` and begins the next shift with `to`; returns the text's path.

    StationFault when it cannot be saved: the shift goes on then. When the next shift cannot begin, nothing is saved.
    """
    ended = time.time()
    values = as_json(report) | {"to": to, "ended": ended}
    content = {".txt": text, ".json": json.dumps(values, ensure_ascii=False, indent=1) + "\n"}
    paths = save(folder, "handover", ended, content, means="the shift goes on")
    try:
        begin_shift(ledger, to)
    except BaseException:
        remove(paths)
        raise
    ledger.operator = to
    return paths[0]
