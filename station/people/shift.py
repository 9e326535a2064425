# SPDX-License-Identifier: GPL-3.0-or-later
"""The shift: who works here, and since when. Kept in the ledger, so that every screen, the wall board and the command
line tell the same.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass

from station.ledger.believed import Although
from station.ledger.store import Ledger
from station.ledger.view import View

_KEY = "shift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Who works here, and since when (Unix time)."""

    operator: str
    started: float


def present_shift(ledger: View) -> Shift | None:
    """None before the first shift of this ledger."""
    stored = ledger.facts.get(_KEY)
    return Shift(**json.loads(stored)) if stored else None


def began(ledger: View) -> float:
    """Unix time the present shift began; where nobody keeps shifts, the first visit of all, or now."""
    shift = present_shift(ledger)
    return shift.started if shift else ledger.visits.first_at() or time.time()


def begin_shift(ledger: Ledger, operator: str) -> Shift:
    """A new shift from now on; an audit line."""
    shift = Shift(operator=operator, started=time.time())
    ledger.facts.set(_KEY, json.dumps(asdict(shift)), event="shift begins", although=Although.SHIFT, operator=operator)
    return shift


def rename_operator(ledger: Ledger, shift: Shift, operator: str) -> Shift:
    """Another person at the same shift's bench; an audit line."""
    renamed = Shift(operator=operator, started=shift.started)
    ledger.facts.set(_KEY, json.dumps(asdict(renamed)), event="operator", although=Although.SHIFT, operator=operator)
    return renamed
