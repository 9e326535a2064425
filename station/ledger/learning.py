# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recovery withheld is learned from the board that carries it: put in any slot, read, and equal to what the
cloud issued. From then on it is that board's; its proof follows as for any board in doubt.
"""

from __future__ import annotations

from station.codes import Code
from station.ledger.book import Book
from station.ledger.claiming import open_set
from station.ledger.foretold import RECOVERED_AT
from station.ledger.transitions import Expected, move
from station.model import Attempt, BoardUid, CertName, IdentityKind, State
from station.rules import Known

LEARNED = "learned from its board"
_MAY = (
    "SELECT 1 FROM identities i LEFT JOIN found_on_boards f ON f.identity = i.id"
    " WHERE i.id = ? AND i.state = 'WITHHELD'"
    " AND (f.board_uid IS NULL OR f.board_uid = ?) AND EXISTS (SELECT 1 FROM meta WHERE key = ?)"
)


_SEEN = "seen on this board after a recovery"


class Learning:
    """From boards, after a recovery."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def may_learn(self, known: Known, uid: BoardUid) -> bool:
        """Whether the board with this uid may be where a withheld identity is: this ledger was recovered, so boards are
        out there that it does not know, and nobody says that another board has it."""
        if known.state is not State.WITHHELD:
            return False
        with self._book.read() as db:
            return db.execute(_MAY, (known.identity_id, uid, RECOVERED_AT)).fetchone() is not None

    def open_as_member(self, name: CertName) -> None:
        """A withheld set one of whose certificates is on a board of its own becomes a set of members."""
        with self._book.write() as db:
            row = db.execute(
                "SELECT i.id FROM identities i JOIN certificates c ON c.identity = i.id WHERE c.product_key = ?"
                " AND c.device_name = ? AND i.state = ? AND i.kind = ?",
                (name.product_key, name.device_name, State.WITHHELD, IdentityKind.SET),
            ).fetchone()
            if row is not None:
                open_set(db, row["id"], actor=self._book.actor)

    def learn(self, known: Known, uid: BoardUid, slot: str) -> Attempt:
        """WITHHELD → IN_DOUBT on the board that was seen to carry it."""
        attempt = Attempt(identity_id=known.identity_id, number=known.attempt + 1, board_uid=uid, slot=slot)
        with self._book.write() as db:
            move(
                db,
                Expected(known.identity_id, State.WITHHELD, known.attempt),
                to=State.IN_DOUBT,
                next_attempt=attempt.number,
                event=LEARNED,
                actor=self._book.actor,
                columns={"board_uid": uid, "slot": slot, "reason": _SEEN, "code": Code.E601},
            )
        return attempt
