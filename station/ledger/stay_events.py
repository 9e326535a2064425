# SPDX-License-Identifier: GPL-3.0-or-later
"""A board's stay as the factory's systems are told of it, made of its row and of what never changes of its certificate.

The same row makes the same event, whenever it is told again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from station.ledger import proof
from station.ledger.steps import durations
from station.ledger.transaction import Row
from station.ledger.visits import BENCH, PROFILE, SERIAL
from station.ledger.work_orders import GIVEN_BACK
from station.model import BoardUid, CertName
from station.visiting import VISIT

STAYS = (
    "SELECT v.*, (SELECT value FROM meta WHERE key = 'ledger_id') AS ledger, c.product_key, c.device_name, b.batch_id,"
    " CASE WHEN v.outcome IN ('PASS','ALREADY_DONE') THEN i.method END AS method,"
    " (SELECT work_order FROM ordered o WHERE o.identity = v.identity AND o.attempt <= v.attempt"
    f" AND (o.attempt = v.attempt OR NOT {GIVEN_BACK}) ORDER BY o.attempt DESC LIMIT 1) AS work_order"
    " FROM visits v LEFT JOIN identities i ON i.id = v.identity LEFT JOIN batches b ON b.id = i.batch"
    " LEFT JOIN certificates c"
    " ON c.id = (SELECT f.id FROM certificates f WHERE f.identity = v.identity ORDER BY f.channel LIMIT 1)"
)
"""One row a stay, its table called `v`."""
_OF_A_STAY = (
    *("id", "at", "slot", "board_uid", "outcome", "code", "what", "identity", "attempt", "seconds", "operator"),
    "details",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StayEvent:
    """A stay as receivers are told of it. `key`: the same whenever it is told again, another one for every other stay,
    also of a ledger that was set back. `bench`: "" where the ledger has only one. `began`, `ended`: Unix time.
    `operator`: the badge's number, "" where nobody had logged in; no receiver is told of it."""

    number: int
    key: str
    ledger: str
    visit: str  # "" of one of before visits had one
    bench: str
    slot: str
    uid: str
    serial: str
    name: CertName | None
    batch: str
    order: str
    profile: str
    outcome: str
    code: str
    attempt: int
    steps: Mapping[str, float]  # seconds of each phase
    began: float
    ended: float
    proof: str
    operator: str


def event_of(row: Row) -> StayEvent:
    details = json.loads(row["details"])
    named = CertName(row["product_key"], row["device_name"]) if row["device_name"] else None
    return StayEvent(
        number=row["id"],
        key=proof.digest([[row["ledger"], *(row[column] for column in _OF_A_STAY)]])[:32],
        ledger=row["ledger"],
        visit=details.get(VISIT, ""),
        bench=details.get(BENCH, ""),
        slot=row["slot"],
        uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else "",
        serial=details.get(SERIAL, ""),
        name=named,
        batch=row["batch_id"] or "",
        order=row["work_order"] or "",
        profile=details.get(PROFILE, ""),
        outcome=row["outcome"],
        code=row["code"],
        attempt=row["attempt"] or 0,
        steps=_phases(details, row["seconds"]),
        began=row["at"] - row["seconds"],
        ended=row["at"],
        proof=row["method"] or "",
        operator=row["operator"],
    )


def _phases(details: Mapping[str, str], stay_s: float) -> dict[str, float]:
    """Seconds of each; one that came twice, both together."""
    spent: dict[str, float] = {}
    for phase, took in durations(details, stay_s):
        spent[phase] = round(spent.get(phase, 0.0) + took, 3)
    return spent
