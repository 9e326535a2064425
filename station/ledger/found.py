# SPDX-License-Identifier: GPL-3.0-or-later
"""READY or WITHHELD → WITHHELD for good: an identity turned up on a board although this ledger never sent it."""

from __future__ import annotations

from station.codes import Code
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.model import BoardUid, State

_NOT_YET_FOUND = (
    "SELECT state, attempt FROM identities i WHERE id = ?"
    " AND NOT EXISTS (SELECT 1 FROM found_on_boards f WHERE f.identity = i.id)"
)


def take_out(db: Transaction, identity_id: int, uid: BoardUid, *, actor: str) -> bool:
    """False, and nothing is changed, when it is known so already, or another slot has just taken it."""
    row = db.execute(_NOT_YET_FOUND, (identity_id,)).fetchone()
    if row is None or row["state"] not in (State.READY, State.WITHHELD):
        return False
    why = f"found on board {uid} although never sent"
    move(
        db,
        Expected(identity_id, State(row["state"]), row["attempt"]),
        to=State.WITHHELD,
        event="found on a board",
        actor=actor,
        columns={"reason": why, "code": Code.E705},
        detail={"why": why},
    )
    db.execute("INSERT INTO found_on_boards VALUES (?, ?)", (identity_id, uid))
    return True
