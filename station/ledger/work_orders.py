# SPDX-License-Identifier: GPL-3.0-or-later
"""Which identities were taken for which work order, and whether it has its boards.

One that was given back without a byte sent is in no order; one in doubt keeps its place, so that no order ever gets
more than it asks for.
"""

from __future__ import annotations

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.book import Book
from station.ledger.transaction import Transaction
from station.ledger.values import WorkOrder
from station.model import Attempt

GIVEN_BACK = (
    "EXISTS (SELECT 1 FROM audit a WHERE a.identity = o.identity AND a.version IS NOT NULL"
    " AND a.attempt = o.attempt AND a.from_state = 'RESERVED' AND a.to_state = 'READY')"
)
"""Of a row `o` of `ordered`."""
_BOARDS = (
    "SELECT count(*) AS many FROM ordered o JOIN identities i ON i.id = o.identity WHERE o.work_order = ?"
    f" AND i.state IN ('RESERVED','WRITING','IN_DOUBT','CONSUMED') AND NOT {GIVEN_BACK}"
)


class WorkOrders:
    """By reference."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def boards(self, reference: str) -> int:
        """That have an identity for it, those in hand and in doubt among them."""
        with self._book.read() as db:
            return _boards(db, reference)

    def require_room(self, order: WorkOrder) -> None:
        """NeedsPerson E640 when it has its boards, as far as can be told now."""
        with self._book.read() as db:
            require_room(db, order)


def require_room(db: Transaction, order: WorkOrder) -> None:
    """NeedsPerson E640 when it has its boards."""
    if order.quantity and _boards(db, order.reference) >= order.quantity:
        raise NeedsPerson(
            f"work order {order.reference} has its {order.quantity} boards, those in doubt among them",
            means="no identity was taken, nothing was written",
            do="begin the next order: --order, or [mes] order and quantity",
            code=Code.E640,
        )


def enter(db: Transaction, order: WorkOrder, attempt: Attempt) -> None:
    """By the transaction that takes the identity."""
    values = (attempt.identity_id, attempt.number, order.reference)
    db.execute("INSERT INTO ordered (identity, attempt, work_order) VALUES (?,?,?)", values)


def _boards(db: Transaction, reference: str) -> int:
    return int(db.execute(_BOARDS, (reference,)).fetchone()["many"])
