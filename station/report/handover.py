# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift hand-over: a shift in numbers, saved as a file for people and one for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from station.ledger.view import View
from station.model import State
from station.people.shift import began, present_shift
from station.report.counters import Counters
from station.report.saving import save
from station.report.shift import Doubt, ShiftNumbers, doubts

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


def take_stock(ledger: View, counters: Counters | None = None) -> Handover:
    """The present shift as of now; `counters` where they were counted already."""
    shift = present_shift(ledger)
    return Handover(
        operator=shift.operator if shift else "",
        started=began(ledger),
        counters=counters or ShiftNumbers(ledger).counters(),
        stock=ledger.stock.by_state(),
        doubts=doubts(ledger),
        audit_head=ledger.audit.pinned_now().hash,
    )


def as_json(report: Handover) -> dict[str, object]:
    """For programs: what `station report shift --json` prints and a hand-over saves."""
    doubts = [asdict(doubt) | {"why": doubt.why} for doubt in report.doubts]
    return {"schema": SCHEMA} | asdict(report) | {"doubts": doubts}


def save_handover(report: Handover, to: str, *, at: float, folder: Path, text: str) -> tuple[Path, ...]:
    """Both files, `text` for people first, in `folder`; `at` is Unix time. StationFault when they cannot be saved."""
    values = as_json(report) | {"to": to, "ended": at}
    content = {".txt": text, ".json": json.dumps(values, ensure_ascii=False, indent=1) + "\n"}
    return save(folder, "handover", at, content, means="the shift goes on")
