# SPDX-License-Identifier: GPL-3.0-or-later
"""One stay as JSON: what goes to every receiver, whatever its kind. No secret is in any, nor anybody's name.

Every field is always there; null is what there is none of. DESIGN, section 6, says what each means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from station.events import moment
from station.ledger.stay_events import StayEvent
from station.printable import printable

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`key`: by which a receiver knows that it has it already; `number`: the stay's, grows within one
    ledger; `ledger`: whose."""

    key: str
    ledger: str
    number: int
    uid: str
    content: Mapping[str, object]

    def encoded(self) -> bytes:
        """One line, without its end."""
        return printable(json.dumps(self.content, ensure_ascii=False)).encode()


def event_of(stay: StayEvent, bench: str) -> Event:
    """`bench`: what it is called where the ledger has only one."""
    content = {
        "schema": SCHEMA,
        "event": "visit",
        "time": moment(stay.ended),
        "id": stay.key,
        "number": stay.number,
        "visit": stay.visit or None,
        "bench": stay.bench or bench,
        "slot": stay.slot,
        "uid": stay.uid or None,
        "serial": stay.serial or None,
        "product": stay.name.product_key if stay.name else None,
        "device": stay.name.device_name if stay.name else None,
        "batch": stay.batch or None,
        "order": stay.order or None,
        "profile": stay.profile or None,
        "outcome": stay.outcome,
        "code": stay.code or None,
        "attempt": stay.attempt or None,
        "phases": dict(stay.steps),
        "began": moment(stay.began),
        "ended": moment(stay.ended),
        "seconds": round(stay.ended - stay.began, 3),
        "proof": stay.proof or None,
    }
    return Event(key=stay.key, ledger=stay.ledger, number=stay.number, uid=stay.uid, content=content)
