# SPDX-License-Identifier: GPL-3.0-or-later
"""Printed labels that a slot owes a scan: until its board's label was compared with it, or a supervisor waived that.

It begins with the stay of the board that passed, in its transaction. The slot's lock (E641) only shows it, where a
bench has that slot: no unlock for another reason, no restart, no other stay and no other name of the slot ends it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from station.codes import Code
from station.ledger import audit
from station.ledger.book import Book
from station.ledger.certificates import name_of
from station.ledger.dialect import unindexed
from station.ledger.transaction import Row, Transaction
from station.ledger.values import VisitRow
from station.model import BoardUid
from station.rules import Outcome

SCAN_BACK = "scan_back"
"""In a stay's details: its label is to be scanned back before the slot begins another board."""
OWES, SCANNED, WAIVED = "label owed", "label scanned back", "label waived"
"""In the audit."""
STEP = "m035_scan_backs"
"""Of the schema, by which the table is there."""
OWED = Code.E641
"""The code of the lock that shows it."""
_OPEN = (
    f"SELECT s.id, s.slot, s.identity, i.board_uid, {name_of('s')} AS name"
    " FROM scan_backs s JOIN identities i ON i.id = s.identity"
    " WHERE (:bench IN ('', s.bench) OR s.bench = '') AND s.ended_line IS NULL"
)
"""A file's are those of all benches; those of before benches were told apart are every bench's, as with locks."""
_OLDEST_FIRST = f"ORDER BY {unindexed('s.id')}"
"""By the index of those that are owed, which are few, and not through all that ever were."""
_OF_SLOT = f"{_OPEN} AND s.slot = :slot {_OLDEST_FIRST} LIMIT 1"
_OF_IDENTITY = "SELECT id FROM scan_backs WHERE identity = ? AND ended_line IS NULL"
_LAST_STAY = "SELECT * FROM visits WHERE bench = ? AND slot = ? ORDER BY id DESC LIMIT 1"
_KNOWN = (
    "SELECT EXISTS (SELECT 1 FROM scan_backs WHERE identity = :identity)"
    " OR EXISTS (SELECT 1 FROM audit WHERE identity = :identity AND event = :event)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedLabel:
    """`name`: of the certificate on it."""

    slot: str
    name: str


class ScanBacks:
    """Of this bench's slots."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def owed(self, slot: str) -> int | None:
        """The identity whose printed label the slot owes a scan, the oldest first."""
        with self._book.read() as db:
            row = _oldest(db, self._book, slot)
        return int(row["identity"]) if row else None

    def open(self) -> list[OwedLabel]:
        """What all slots owe, also those that no bench has any more, the oldest first."""
        with self._book.read() as db:
            if not self._book.connection.guards.has_run(db, STEP):
                return []  # an older ledger may be read without being brought up to date
            rows = db.execute(f"{_OPEN} {_OLDEST_FIRST}", {"bench": self._book.connection.bench}).fetchall()
        return [OwedLabel(slot=row["slot"], name=row["name"]) for row in rows]

    def adopt(self, slot: str) -> None:
        """What a station of before left: the slot's last stay alone said it. An unlock since may have been for another
        reason, so that it is owed until a supervisor says otherwise."""
        with self._book.read() as db:
            if self._left(db, slot) is None:
                return
        with self._book.write() as db:
            if (row := self._left(db, slot)) is not None:
                _insert(db, self._book, row["identity"], row["board_uid"], slot)

    def _left(self, db: Transaction, slot: str) -> Row | None:
        row = db.execute(_LAST_STAY, (self._book.connection.bench, slot)).fetchone()
        if row is None or row["outcome"] != Outcome.PASS or not json.loads(row["details"]).get(SCAN_BACK):
            return None
        known = db.execute(_KNOWN, {"identity": row["identity"], "event": SCANNED}).fetchone()[0]
        return None if known else row

    def scanned(self, identity_id: int, board: BoardUid, slot: str) -> None:
        """It was compared with its board; what it kept the slot waiting for is over."""
        about = audit.About(identity=identity_id, board_uid=board, slot=slot)
        with self._book.write() as db:
            line = audit.append(db, event=SCANNED, actor=self._book.actor, about=about)
            for row in db.execute(_OF_IDENTITY, (identity_id,)).fetchall():
                _end(db, row, line)
            gone = "DELETE FROM locks WHERE bench = ? AND scope = ? AND code = ?"
            db.execute(gone, (self._book.connection.bench, slot, OWED))


def owes(visit: VisitRow) -> bool:
    """Whether this stay says so."""
    return visit.outcome is Outcome.PASS and visit.identity_id is not None and bool(visit.details.get(SCAN_BACK))


def owe(db: Transaction, book: Book, visit: VisitRow) -> None:
    """Of a stay that says so, inside its transaction."""
    if visit.identity_id is None or not owes(visit):
        return
    if db.execute(_OF_IDENTITY, (visit.identity_id,)).fetchone() is None:
        _insert(db, book, visit.identity_id, visit.board_uid, visit.slot)


def waive(db: Transaction, book: Book, slot: str, reason: str, *, by: str) -> bool:
    """The oldest that the slot owes, the one that a supervisor is shown, by their word; inside the caller's
    transaction. Whether there was one."""
    row = _oldest(db, book, slot)
    if row is None:
        return False
    about = audit.About(identity=row["identity"], board_uid=row["board_uid"], slot=slot)
    line = audit.append(db, event=WAIVED, actor=book.actor, about=about, detail={"why": reason, "by": by})
    _end(db, row, line)
    return True


def _oldest(db: Transaction, book: Book, slot: str) -> Row | None:
    row: Row | None = db.execute(_OF_SLOT, {"bench": book.connection.bench, "slot": slot}).fetchone()
    return row


def _insert(db: Transaction, book: Book, identity_id: int, board_uid: str | None, slot: str) -> None:
    about = audit.About(identity=identity_id, board_uid=board_uid, slot=slot)
    line = audit.append(db, event=OWES, actor=book.actor, about=about)
    sql = "INSERT INTO scan_backs (identity, bench, slot, owed_line) VALUES (?,?,?,?)"
    db.execute(sql, (identity_id, book.connection.bench, slot, line.seq))


def _end(db: Transaction, row: Row, line: audit.Head) -> None:
    db.execute("UPDATE scan_backs SET ended_line = ? WHERE id = ?", (line.seq, row["id"]))
