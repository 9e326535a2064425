# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report is of: a batch, the present shift, a day of this bench, or all that its line's ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from station.ledger.view import View
from station.people.shift import began

_EVER = 0.0
_SO_FAR = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""Not now: another bench's clock may be ahead of this one, or this one was before it was set right."""


class Of(StrEnum):
    """Kinds of reports."""

    BATCH = "batch"
    SHIFT = "shift"
    DAY = "day"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`name`: the batch, or the day; `since` and `until`: Unix times. Of what goes on there is no end."""

    of: Of
    name: str = ""
    since: float = _EVER
    until: float = _SO_FAR

    @property
    def batch_id(self) -> str:
        """ "" where it is of no batch."""
        return self.name if self.of is Of.BATCH else ""


def of_batch(batch_id: str) -> Scope:
    return Scope(of=Of.BATCH, name=batch_id)


def of_shift(ledger: View) -> Scope:
    """The present one, so far."""
    return Scope(of=Of.SHIFT, since=began(ledger))


def of_day(day: date) -> Scope:
    """From midnight to midnight, as this PC's clock has it."""
    begins = datetime.combine(day, datetime.min.time())
    ends = begins + timedelta(days=1)
    return Scope(of=Of.DAY, name=day.isoformat(), since=begins.timestamp(), until=ends.timestamp())


def of_line() -> Scope:
    """Every bench of the ledger, since its first board."""
    return Scope(of=Of.LINE)
