# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a certificate or a board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from station.desk.desk import Found
from station.model import State
from station.rules import Outcome
from station.words.past import PastLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCertificate:
    """`name`: "PRODUCT_KEY/DEVICE_NAME"; `board_uid` and `set_name`: "" where there is none."""

    name: str
    state: State
    batch: str
    board_uid: str
    set_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """A line of the audit, which has an `event`, or a board's stay in a slot, which has an `outcome`."""

    at: datetime  # UTC
    event: str
    outcome: Outcome | None
    name: str
    before: State | None
    after: State | None
    slot: str
    board_uid: str
    attempt: int
    who: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHistory:
    """One board or certificate, in the order of time; or, without events, several certificates to choose from."""

    board_uid: str
    certificates: tuple[PastCertificate, ...]
    events: tuple[PastEvent, ...]


def unit_history(found: Found) -> UnitHistory:
    certificates = tuple(
        PastCertificate(name=row.name, state=row.state, batch=row.batch, board_uid=row.uid, set_name=row.set_name)
        for row in found.certificates
    )
    return UnitHistory(board_uid=found.uid, certificates=certificates, events=tuple(map(_event, found.lines)))


def _event(line: PastLine) -> PastEvent:
    return PastEvent(
        at=datetime.fromtimestamp(line.at, UTC),
        event=line.event,
        outcome=line.outcome,
        name=line.certificate,
        before=line.before,
        after=line.after,
        slot=line.slot,
        board_uid=line.uid,
        attempt=line.attempt,
        who=line.who,
        details=dict(line.details),
    )
