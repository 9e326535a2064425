# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of an identity: RETIRED is final, nothing is left to dispute, and its secrets are gone."""

from __future__ import annotations

from station.codes import Code
from station.errors import ConfigError
from station.ledger import decided, disputes, sealing
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.model import CertName, State
from station.rules import Known, may


def require_may(db: Transaction, name: CertName, known: Known) -> None:
    """ConfigError E116 for what is in a slot's hands, or retired already."""
    if not may(known.state, State.RETIRED):
        first = decided.on_identity(db, known.identity_id)
        raise ConfigError(
            f"{name} is {known.state}{f': {first}' if first else ''}",
            do="only what is in no slot's hands can be retired, and only once",
            code=Code.E116,
        )


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
