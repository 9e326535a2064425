# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger with boards' stays in it, and what a receiver was told of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from station.codes import Code
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.ledger.visits import PROFILE, SERIAL, STEPS
from station.model import IdentityKind
from station.outbox.event import Event
from station.outbox.receiver import EventRefused, deaf
from station.rules import Outcome
from tests.ledger.ledger_samples import BATCH, evidence, single, uid


def passed(ledger: Ledger, board: int, slot: str = "1") -> None:
    """Board `board` got an identity, and its stay has ended."""
    ledger.receive(BATCH, [single(f"cam{board}")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), slot)
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    details = {PROFILE: "cam", SERIAL: "SN-0001", STEPS: "identify 0.00 write 0.25 verify 1.00"}
    stayed(ledger, board, Outcome.PASS, identity_id=claim.attempt.identity_id, attempt=1, details=details)


def stayed(ledger: Ledger, board: int | None, outcome: Outcome = Outcome.FAIL, **fields: Any) -> None:
    code = Code.E201 if outcome is Outcome.FAIL else None
    known = {"at": time.time(), "slot": "1", "code": code, "what": "", "seconds": 1.5, "operator": "OP7"}
    ledger.visits.record(
        VisitRow(outcome=outcome, board_uid=uid(board) if board is not None else None, **{**known, **fields})
    )


class Mes:
    """A receiver of events in this process. What `refuses` names by number is refused; while it is `deaf` it takes
    nothing."""

    since: float | None = None

    def __init__(self, name: str = "mes") -> None:
        self.name = name
        self.told: list[int] = []
        self.contents: list[dict[str, Any]] = []
        self.refuses: set[int] = set()
        self.deaf = False

    def deliver(self, event: Event) -> None:
        if self.deaf:
            raise deaf("nobody listens", "wait")
        if event.number in self.refuses:
            raise EventRefused("it answered 422")
        self.told.append(event.number)
        self.contents.append(json.loads(event.encoded()))

    def look(self) -> None:
        """It is there."""

    def close(self) -> None:
        """Nothing is open."""


def require_each_once_in_order(events: Sequence[dict[str, Any]], numbers: Iterable[int]) -> None:
    """Each came at least once, and of those of one board none came first after a later one."""
    firsts = list({event["id"]: event for event in events}.values())
    assert {event["number"] for event in firsts} == set(numbers)
    boards: dict[str, list[int]] = {}
    for event in firsts:
        boards.setdefault(event["uid"], []).append(event["number"])
    assert all(told == sorted(told) for told in boards.values())
