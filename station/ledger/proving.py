# SPDX-License-Identifier: GPL-3.0-or-later
"""WRITING or IN_DOUBT → CONSUMED, with the evidence that I5 asks for."""

from __future__ import annotations

from station.codes import Code
from station.errors import LedgerFault
from station.ledger import spellings
from station.ledger.book import Book
from station.ledger.standing import Standing
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.model import Attempt, Evidence, State


def require_holds(evidence: Evidence, attempt: Attempt) -> None:
    """LedgerFault E325 for evidence that proves nothing, or another board's."""
    if not evidence.holds or evidence.uid_after != attempt.board_uid:
        raise LedgerFault("the evidence does not hold: the board may not be called done", code=Code.E325)


def at_once(book: Book, attempt: Attempt, evidence: Evidence, *, destroy: bool) -> bool:
    """`consume` of what is WRITING, as `engine.AtOnce` does it; False where it cannot."""
    calls = book.connection.at_once
    if calls is None:
        return False
    digests = (book.vault.fingerprint(evidence.expected), book.vault.fingerprint(evidence.read))
    return calls.consume(book.actor, attempt, evidence, digests, destroy=destroy)


def consume(db: Transaction, book: Book, attempt: Attempt, evidence: Evidence, expect: State) -> None:
    """Digests are kept keyed: without the data key nobody can try secrets against them."""
    standing = Standing(db, attempt.identity_id)
    digest = book.vault.fingerprint(evidence.expected)
    move(
        db,
        Expected(attempt.identity_id, expect, attempt.number, standing),
        to=State.CONSUMED,
        event="consumed",
        actor=book.actor,
        columns={
            "owner": None,
            "expected": digest,
            "found": digest if evidence.read == evidence.expected else book.vault.fingerprint(evidence.read),
            "method": evidence.method,
            "reason": None,
            "uid_after": spellings.as_kept(standing.row["board_uid"], evidence.uid_after),
        },
        detail={"method": evidence.method, "after_reset": evidence.after_reset},
    )
