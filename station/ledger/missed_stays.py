# SPDX-License-Identifier: GPL-3.0-or-later
"""Stays that a killed station did not come to write down: its board is CONSUMED, and no stay says so.

Each is made good once, when the ledger is opened and no other station of this bench is at work: from the lines of the
audit that its attempt left, and from what this bench has said before of the boards in that slot, which is kept as a
fact. So the history, the reports, the factory's systems and the label printer hear of a board that may not come back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from station.ledger import audit, proof
from station.ledger.book import Book
from station.ledger.meta import PUT
from station.ledger.spellings import normal
from station.ledger.transaction import Row, Transaction
from station.ledger.values import VisitRow
from station.ledger.visits import SERIAL, insert
from station.model import BoardUid, State
from station.rules import Outcome
from station.visiting import VISIT

FOUND_LATER = "recorded"
"""In a stay's details: it was not written down when it ended."""
_KEY = "stays"
"""In meta, of each bench of a line behind its number: as `_Known`."""
_UID = normal("a.board_uid")
_MISSED = (
    f"SELECT a.*, {_UID} AS uid, (SELECT min(b.at) FROM audit b WHERE b.identity = a.identity"
    " AND b.version <= a.version AND b.attempt = a.attempt) AS began,"
    f" (SELECT s.serial FROM serials s WHERE s.board_uid = {_UID} AND s.ended_line IS NULL) AS serial"
    " FROM audit a WHERE a.seq > ? AND a.chain = ? AND a.to_state = 'CONSUMED' AND NOT EXISTS"
    f" (SELECT 1 FROM visits v WHERE v.board_uid = {_UID} AND v.identity = a.identity"
    " AND v.outcome IN ('PASS','ALREADY_DONE')) ORDER BY a.seq"
)
_MANY = 2_000
"""Lines that each opening looks through before it is written down that they are whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """`after`: no stay that ended by that line of the audit is missing; `slots`: what the details of a stay in each say
    where its board is done."""

    after: int
    slots: Mapping[str, Mapping[str, str]]


class MissedStays:
    """Of this bench."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def expect(self, notes: Mapping[str, Mapping[str, str]]) -> None:
        """By slot, what the details of a stay say from now on where its board is done."""
        with self._book.read() as db:
            if _says(self._kept(db), notes):
                return
        with self._book.write() as db:
            known = self._kept(db) or _Known(after=audit.read_head(db).seq, slots={})
            self._keep(db, _Known(after=known.after, slots={**known.slots, **notes}), slots=sorted(notes))

    def make_good(self) -> int:
        """How many were missing. None while another station of this bench is at work: it may be about to write them."""
        with self._book.read() as db:
            known = self._kept(db)
            newest = audit.read_head(db).seq
            if known is None or (newest - known.after < _MANY and not self._missed(db, known)):
                return 0
        with self._book.write() as db:
            known = self._kept(db)
            if known is None or self._book.connection.others_here():
                return 0
            missed = self._missed(db, known)
            newest = audit.read_head(db).seq
            for row in missed:
                insert(db, self._book, _stay(row, known.slots.get(row["slot"], {})))
            self._keep(db, _Known(after=newest, slots=known.slots), stays=len(missed))
        return len(missed)

    @property
    def _key(self) -> str:
        number = self._book.connection.bench
        return f"{_KEY} {number}" if number else _KEY

    def _kept(self, db: Transaction) -> _Known | None:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (self._key,)).fetchone()
        return _Known(**json.loads(row["value"])) if row else None

    def _keep(self, db: Transaction, known: _Known, **detail: object) -> None:
        value = json.dumps({"after": known.after, "slots": known.slots}, ensure_ascii=False, sort_keys=True)
        db.execute(PUT, (self._key, value))
        detail |= proof.of_row("meta", self._key, (self._key, value))
        audit.append(db, "what stays say", actor=self._book.actor, detail=detail)

    def _missed(self, db: Transaction, known: _Known) -> list[Row]:
        return db.execute(_MISSED, (known.after, self._book.connection.bench)).fetchall()


def _says(known: _Known | None, notes: Mapping[str, Mapping[str, str]]) -> bool:
    return known is not None and all(known.slots.get(slot) == said for slot, said in notes.items())


def _stay(row: Row, notes: Mapping[str, str]) -> VisitRow:
    """Of a board in doubt that turned out to be done it is not known when it was put in."""
    ended = _seconds(row["at"])
    began = _seconds(row["began"]) if row["from_state"] == State.WRITING else ended
    serial = {SERIAL: row["serial"]} if row["serial"] else {}
    return VisitRow(
        at=ended,
        slot=row["slot"],
        board_uid=BoardUid.stored(row["uid"]),
        outcome=Outcome.PASS,
        identity_id=row["identity"],
        attempt=row["attempt"],
        seconds=round(max(0.0, ended - began), 3),
        operator=row["actor"].partition("/")[2],
        details={**notes, **serial, **_visit(row), FOUND_LATER: "after the station was killed"},
    )


def _visit(row: Row) -> dict[str, str]:
    """As its line of the audit says; a station of before said nothing."""
    said = json.loads(row["detail"]).get(VISIT, "")
    return {VISIT: said} if said else {}


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
