# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift hand-over: a shift in numbers, saved as a file for people and one for programs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from station.errors import StationFault
from station.ledger.queries import stock
from station.ledger.store import Ledger
from station.model import State
from station.report.counters import Counters
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
    shift = present_shift(ledger.connection)
    return Handover(
        operator=shift.operator if shift else "",
        started=began(ledger.connection),
        counters=counters or ShiftNumbers(ledger.connection).counters(),
        stock=stock(ledger.connection),
        doubts=doubts(ledger.connection),
        audit_head=ledger.audit_head().hash,
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
    paths = _save(folder, ended, text, json.dumps(values, ensure_ascii=False, indent=1) + "\n")
    try:
        begin_shift(ledger, to)
    except BaseException:
        _remove(paths)
        raise
    ledger.operator = to
    return paths[0]


def _save(folder: Path, at: float, text: str, values: str) -> tuple[Path, Path]:
    """`handover-TIME.txt` and `.json`, 0600: both or none, and never another hand-over's."""
    name = time.strftime("handover-%Y%m%d-%H%M%S", time.localtime(at))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in count(1):
            path = folder / (f"{name}-{number}.txt" if number > 1 else f"{name}.txt")
            paths = path, path.with_suffix(".json")
            if not any(map(os.path.lexists, paths)):
                break
        _write(paths[0], text)
        try:
            _write(paths[1], values)
        except BaseException:
            _remove(paths[:1])
            raise
    except OSError as error:
        raise StationFault(
            f"the hand-over was not saved in {folder}: {error.strerror}",
            means="the shift goes on",
            do="make the folder writable, or free the disk, and hand over again",
        ) from error
    return paths


def _write(path: Path, content: str) -> None:
    """The whole file or none."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:
            _remove((path,))
            raise


def _remove(paths: Sequence[Path]) -> None:
    with suppress(OSError):
        for path in paths:
            path.unlink(missing_ok=True)
