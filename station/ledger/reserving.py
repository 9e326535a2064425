# SPDX-License-Identifier: GPL-3.0-or-later
"""An identity for a board: what would be next, READY → RESERVED of it, and whether that is still so.

Nothing goes out for a reservation, so no disk is waited for. One that a power cut takes was never used, and its
attempt's number is given out again: who goes on from RESERVED, or back, asks for board, slot and session too.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.codes import Code
from station.errors import LedgerFault
from station.ledger import audit, claiming
from station.ledger.book import Book
from station.ledger.out_of_stock import no_stock
from station.ledger.standing import Standing
from station.ledger.transaction import Transaction
from station.ledger.transitions import Expected, move
from station.ledger.values import Claim, Takes
from station.model import Attempt, BoardUid, Identity, IdentityKind, State


def peek(db: Transaction, book: Book, products: Sequence[str], kind: IdentityKind, takes: Takes) -> Identity:
    """What `reserve` would take next. NoCertificates E500."""
    found = claiming.next_in_line(db, products, kind, takes)
    if found is None:
        raise no_stock(db, products, kind, takes)
    identity = book.sealer.identity(Standing(db, found))
    return Identity(primary=identity.primary) if kind is IdentityKind.MEMBER else identity


def take(db: Transaction, book: Book, products: Sequence[str], kind: IdentityKind, takes: Takes) -> int:
    """The identity that is next, its set opened where its members are boards of their own. NoCertificates E500."""
    found = claiming.next_in_line(db, products, kind, takes)
    if found is None:
        raise no_stock(db, products, kind, takes)
    if kind is IdentityKind.MEMBER and claiming.is_unopened(db, found):
        claiming.open_set(db, found, actor=book.actor)
        found = claiming.next_ready(db, products, kind, takes)
    assert found is not None  # one camera at least of a set that was opened is of these products
    return found


def claimed(book: Book, standing: Standing, uid: BoardUid, slot: str) -> Claim:
    """What is RESERVED for this board by now, `standing` so; opened while that may still be undone."""
    number = standing.row["attempt"]
    attempt = Attempt(identity_id=standing.identity_id, number=number, board_uid=uid, slot=slot)
    return Claim(identity=book.sealer.identity(standing), attempt=attempt)


def reserve(db: Transaction, book: Book, identity_id: int, uid: BoardUid, slot: str) -> Claim:
    """READY → RESERVED for this board; refused when the board has one."""
    standing = Standing(db, identity_id)
    before = standing.row["attempt"]
    attempt = Attempt(identity_id=identity_id, number=before + 1, board_uid=uid, slot=slot)
    identity = book.sealer.identity(standing)
    move(
        db,
        Expected(identity_id, State.READY, before, standing),
        to=State.RESERVED,
        next_attempt=attempt.number,
        event=audit.RESERVED,
        actor=book.actor,
        columns={"board_uid": uid, "slot": slot, "owner": book.session, "reason": None},
    )
    return Claim(identity=identity, attempt=attempt)


def require_held(standing: Standing, book: Book, attempt: Attempt) -> None:
    """LedgerFault E329 where the reservation was lost, also where another bench had the number meanwhile and gave it
    back: the board gets another one. Nothing was sent under that number as long as no board's uid stands there. What
    was begun is for `move` to refuse."""
    row = standing.row
    own = (attempt.board_uid, attempt.slot) == (row["board_uid"], row["slot"])
    if own and row["state"] == State.RESERVED:
        own = row["owner"] == book.session
    if row["attempt"] < attempt.number or (row["attempt"] == attempt.number and not own):
        raise LedgerFault(
            "the ledger no longer has what was reserved for this board",
            means="nothing was sent to the board",
            do="wait: another identity is reserved for it",
            code=Code.E329,
        )
