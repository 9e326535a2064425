# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of an identity: RETIRED is final, nothing is left to dispute, and its secrets are gone."""

from __future__ import annotations

from station.ledger import disputes, sealing
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.model import State


def retire(db: Transaction, identity_id: int, *, expect: State, attempt: int, reason: str, by: str, actor: str) -> None:
    """READY, WITHHELD, IN_DOUBT or CONSUMED → RETIRED, in the caller's transaction."""
    move(
        db,
        Expected(identity_id, expect, attempt),
        to=State.RETIRED,
        event="retired",
        actor=actor,
        columns={"reason": reason},
        detail={"why": reason, "by": by},
    )
    disputes.end(db, identity_id)
    sealing.destroy(db, identity_id)
