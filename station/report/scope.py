# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report is of: a batch, the present shift, a day of this bench, or all that its line's ledger holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from station.ledger.view import View
from station.people.shift import began

_EVER = 0.0


class Of(StrEnum):
    """Kinds of reports."""

    BATCH = "batch"
    SHIFT = "shift"
    DAY = "day"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`name`: the batch, or the day; `since` and `until`: Unix times, of a batch all times."""

    of: Of
    name: str = ""
    since: float = _EVER
    until: float

    @property
    def batch_id(self) -> str:
        """ "" where it is of no batch."""
        return self.name if self.of is Of.BATCH else ""


def of_batch(batch_id: str) -> Scope:
    return Scope(of=Of.BATCH, name=batch_id, until=time.time())


def of_shift(ledger: View) -> Scope:
    """The present one, so far."""
    return Scope(of=Of.SHIFT, since=began(ledger), until=time.time())


def of_day(day: date) -> Scope:
    """From midnight to midnight, as this PC's clock has it."""
    begins = datetime.combine(day, datetime.min.time())
    ends = begins + timedelta(days=1)
    return Scope(of=Of.DAY, name=day.isoformat(), since=begins.timestamp(), until=ends.timestamp())


def of_line() -> Scope:
    """Every bench of the ledger, since its first board."""
    return Scope(of=Of.LINE, until=time.time())
