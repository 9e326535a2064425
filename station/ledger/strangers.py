# SPDX-License-Identifier: GPL-3.0-or-later
"""Strangers: boards that came to the port while another one was written, so that nobody knows what they hold; and
those that were seen with an identity which may be on another board too.

A stranger takes no identity, and the one it may hold a part of is neither written nor consumed, until a supervisor says
what became of it. One that was scrapped must never be seen again.
A witness may tell of one whose certificate is not here: it takes no identity either.

A supervisor's word too: that the blank board which is known only by its label is the one in doubt. It counts for one
attempt.
"""

from __future__ import annotations

import json
from typing import Any

from station.codes import Code
from station.errors import ConfigError
from station.ledger import audit
from station.ledger.book import Book
from station.ledger.known import known_as
from station.ledger.transaction import Row, Transaction
from station.model import BoardUid, CertName, State
from station.rules import Fate, Stranger

_STRANGERS = (
    "SELECT s.board_uid, s.identity, s.attempt, s.fate, a.at, i.board_uid AS married_to, c.product_key, c.device_name"
    " FROM strangers s JOIN audit a ON a.seq = s.found_line JOIN identities i ON i.id = s.identity"
    " JOIN certificates c ON c.identity = i.id AND c.channel = i.channel"
)
_PLACED, _SETTLED = "foretold stranger placed", "foretold stranger settled"
_FORETOLD = (
    "SELECT name, board_uid, min(at) AS at FROM foretold WHERE kind = 'stranger' AND (board_uid = :uid OR :uid IS NULL)"
    " GROUP BY name, board_uid ORDER BY min(at)"
)
_SAID_OF_BOARD = "SELECT event, detail FROM audit WHERE board_uid = ? AND event IN (?, ?) ORDER BY seq"


def record(db: Transaction, uid: str, identity_id: int, attempt: int, slot: str, *, actor: str) -> bool:
    """Inside a transaction that leaves the identity in doubt, or finds it so. False, and nothing new, for one known."""
    known = "SELECT 1 FROM strangers WHERE board_uid = ? AND identity = ? AND fate IS NULL"
    if db.execute(known, (uid, identity_id)).fetchone():
        return False
    line = audit.append(
        db,
        event="stranger",
        actor=actor,
        about=audit.About(identity=identity_id, attempt=attempt, board_uid=uid, slot=slot),
    )
    db.execute(
        "INSERT INTO strangers (board_uid, identity, attempt, found_line) VALUES (?,?,?,?)",
        (uid, identity_id, attempt, line.seq),
    )
    return True


def record_carrier(db: Transaction, uid: BoardUid, identity_id: int, slot: str, *, actor: str) -> bool:
    """The board was seen with this identity. False, and nothing new, where no write of it is open, or it is known."""
    open_now = "SELECT attempt FROM identities WHERE id = ? AND state IN ('WRITING', 'IN_DOUBT') AND board_uid <> ?"
    row = db.execute(open_now, (identity_id, uid)).fetchone()
    return row is not None and record(db, uid, identity_id, row["attempt"], slot, actor=actor)


def record_foretold(db: Transaction, uid: str, mark: str, identity: Row, *, actor: str) -> None:
    """A witness told of it; the certificate with this mark, which it may hold a part of, is here now."""
    if any(told == mark and one.fate for told, one in _foretold(db, uid)):
        return  # a supervisor has spoken before
    record(db, uid, identity["id"], identity["attempt"], identity["slot"] or "", actor=actor)
    audit.append(
        db, _PLACED, actor=actor, about=audit.About(identity=identity["id"], board_uid=uid), detail={"foretold": mark}
    )


class Strangers:
    """Boards that may hold a part of another one's identity."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def open(self) -> list[Stranger]:
        """Those nobody has said anything about, oldest first."""
        with self._book.read() as db:
            return [_stranger(row) for row in db.execute(f"{_STRANGERS} WHERE s.fate IS NULL ORDER BY s.id")]

    def at(self, uid: BoardUid) -> Stranger | None:
        """Why this board must not be worked on: it may hold a part of an identity, or was said to be scrapped."""
        with self._book.read() as db:
            sql = f"{_STRANGERS} WHERE s.board_uid = ? AND (s.fate IS NULL OR s.fate = ?) ORDER BY s.id LIMIT 1"
            row = db.execute(sql, (uid, Fate.SCRAPPED)).fetchone()
            told = _foretold(db, uid) if row is None else []
        return _stranger(row) if row else next((one for _, one in told if one.fate is not Fate.WIPED), None)

    def foretold(self) -> list[Stranger]:
        """Those a witness told of whose certificate is not here, and nobody has said anything about. Rare, and
        looked for in all that witnesses told."""
        with self._book.read() as db:
            return [one for _, one in _foretold(db) if one.fate is None]

    def awaited_by(self, identity_id: int) -> Stranger | None:
        """The board whose fate this identity waits for."""
        with self._book.read() as db:
            sql = f"{_STRANGERS} WHERE s.identity = ? AND s.fate IS NULL ORDER BY s.id LIMIT 1"
            row = db.execute(sql, (identity_id,)).fetchone()
        return row and _stranger(row)

    def settle(self, uid: BoardUid, fate: Fate, reason: str, *, by: str) -> list[CertName]:
        """The supervisor `by`'s word on all that this board may hold; returns the identities here that waited for it.

        ConfigError E116 when it is no stranger.
        """
        waiting = [one.name for one in self.open() if one.uid == uid and one.name]
        with self._book.read() as db:
            told = [mark for mark, one in _foretold(db, uid) if one.fate is None]
        if not waiting and not told:
            raise ConfigError(
                f"board {uid} is not known as a stranger", do="see: station stranger list", code=Code.E116
            )
        detail = {"fate": fate, "why": reason, "by": by}
        with self._book.write() as db:
            for mark in told:
                audit.append(
                    db,
                    _SETTLED,
                    actor=self._book.actor,
                    about=audit.About(board_uid=uid),
                    detail=detail | {"foretold": mark},
                )
            rows = db.execute(
                "SELECT id, identity, attempt FROM strangers WHERE board_uid = ? AND fate IS NULL", (uid,)
            )
            for row in rows.fetchall():
                line = audit.append(
                    db,
                    event="stranger settled",
                    actor=self._book.actor,
                    about=audit.About(identity=row["identity"], attempt=row["attempt"], board_uid=uid),
                    detail=detail,
                )
                values = (fate, line.seq, row["id"])
                db.execute("UPDATE strangers SET fate = ?, settled_line = ? WHERE id = ?", values)
        return waiting

    def vouch(self, name: CertName, reason: str, *, by: str) -> BoardUid:
        """The supervisor `by` says that the blank board under this identity's label is the one in doubt: it may be
        written once more. Returns the label. ConfigError E116 when the identity is not in doubt.
        """
        with self._book.read() as db:
            known = known_as(db, name)
        if known is None or known.state is not State.IN_DOUBT or known.board_uid is None:
            raise ConfigError(f"{name} is not in doubt", do="see what is: station resolve", code=Code.E116)
        with self._book.write() as db:
            line = audit.append(
                db,
                event="vouched",
                actor=self._book.actor,
                about=audit.About(identity=known.identity_id, attempt=known.attempt, board_uid=known.board_uid),
                detail={"why": reason, "by": by},
            )
            token = (known.identity_id, known.attempt)
            if not db.execute("SELECT 1 FROM vouched WHERE (identity, attempt) = (?, ?)", token).fetchone():
                db.execute("INSERT INTO vouched VALUES (?,?,?)", (*token, line.seq))
        return known.board_uid

    def is_vouched(self, identity_id: int, attempt: int) -> bool:
        """Whether a supervisor vouches for the board of this attempt."""
        with self._book.read() as db:
            sql = "SELECT 1 FROM vouched WHERE (identity, attempt) = (?, ?)"
            return db.execute(sql, (identity_id, attempt)).fetchone() is not None


def _foretold(db: Transaction, uid: str | None = None) -> list[tuple[str, Stranger]]:
    """What a witness told of and no certificate here is known for, with the mark of that certificate."""
    found = []
    for row in db.execute(_FORETOLD, {"uid": uid}).fetchall():
        mark, at = row["name"], BoardUid(row["board_uid"])
        said = _said_of(db, at, mark)
        if _PLACED not in said:
            fate = Fate(said[_SETTLED]["fate"]) if _SETTLED in said else None
            one = Stranger(uid=at, name=None, married_to=None, attempt=0, found_at=row["at"], fate=fate)
            found.append((mark, one))
    return found


def _said_of(db: Transaction, uid: BoardUid, mark: str) -> dict[str, dict[str, Any]]:
    """The last line of each kind about this board and this certificate."""
    lines = ((row["event"], json.loads(row["detail"])) for row in db.execute(_SAID_OF_BOARD, (uid, _PLACED, _SETTLED)))
    return {event: detail for event, detail in lines if detail.get("foretold") == mark}


def _stranger(row: Row) -> Stranger:
    return Stranger(
        uid=BoardUid(row["board_uid"]),
        name=CertName(row["product_key"], row["device_name"]),
        married_to=BoardUid(row["married_to"]) if row["married_to"] else None,
        attempt=row["attempt"],
        found_at=row["at"],
        fate=Fate(row["fate"]) if row["fate"] else None,
    )
