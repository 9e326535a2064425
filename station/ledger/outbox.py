# SPDX-License-Identifier: GPL-3.0-or-later
"""What each receiver of the factory has of the boards' stays, and what it is to get next.

A stay's row is its event: made by one transaction, never changed or deleted, so that nothing is lost however long
nobody takes it, and a receiver that is set up later can be told of what was before. A receiver has everything up to a
number, but for what stands beside that: refused, or behind a refused one of the same board. So each board's events go
out in their order, and no other board waits for one that is refused. Whoever sends is alone with its receiver.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum

from station.codes import Code
from station.errors import ConfigError
from station.ledger import audit
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.spellings import normal
from station.ledger.stay_events import STAYS, StayEvent, event_of
from station.ledger.transaction import Row, Transaction
from station.meant import perhaps
from station.model import BoardUid

_FIRST_OF_BOARD = (
    "SELECT 1 FROM held_events f JOIN visits w ON w.id = f.visit WHERE f.receiver = h.receiver AND f.visit < h.visit"
    f" AND f.state = 'refused' AND {normal('w.board_uid')} = {normal('v.board_uid')}"
)
_WAITING = (
    f"{STAYS} JOIN held_events h ON h.visit = v.id WHERE h.receiver = ? AND h.state = 'waiting'"
    f" AND NOT EXISTS ({_FIRST_OF_BOARD}) ORDER BY v.id LIMIT ?"
)
_OPEN = (
    "SELECT h.*, v.board_uid, v.at FROM held_events h JOIN visits v ON v.id = h.visit"
    " WHERE h.receiver = ? AND h.state IN ('waiting','refused') ORDER BY h.visit"
)


class Held(StrEnum):
    """An event out of turn. SENT and SKIPPED are final."""

    WAITING = "waiting"  # behind a refused one of its board, or to be tried again
    REFUSED = "refused"
    SENT = "sent"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEvent:
    number: int
    state: Held
    why: str
    uid: str
    ended: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverStatus:
    """How far a receiver is. `waiting`: events that it is still to get, those behind a refused one among them;
    `oldest`: when the first of all that it lacks ended."""

    name: str
    since: str
    trouble: str
    waiting: int
    oldest: float | None
    refused: Sequence[HeldEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a receiver is to get next, in that order: what was held, then what is new; and whose boards must wait."""

    events: Sequence[StayEvent] = ()
    held: frozenset[int] = frozenset()  # numbers of those that were held
    skipped: frozenset[int] = frozenset()  # numbers that are passed over
    blocked: frozenset[str] = frozenset()  # boards of which one is held that is not among these


@dataclass(slots=True)
class Delivered:
    """What became of some of a `Due`, to be kept at once."""

    settled: int = 0
    held: dict[int, tuple[Held, str]] = field(default_factory=dict)  # by number, with why


class Receivers:
    """By receiver's name."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def alone(self, receiver: str) -> AbstractContextManager[bool]:
        """Whether nobody else sends to it until the block ends; see `Engine.only`."""
        return self._book.connection.only(f"outbox {receiver}")

    def make_last(self) -> None:
        """What is `due` lasts, whatever becomes of the server, where the number of `joins` is still the same."""
        self._book.connection.make_last()

    @property
    def joins(self) -> int:
        """Once it is another number, whoever was `alone` is so no longer."""
        return self._book.connection.joins

    def lasting(self, number: int, visit: str) -> StayEvent | None:
        """One that has ended, by its number and its visit's id, whatever becomes of the server from now on; None where
        the server has lost it."""
        self.make_last()
        with self._book.read() as db:
            row = db.execute(f"{STAYS} WHERE v.id = ?", (number,)).fetchone()
        stay = event_of(row) if row else None
        return stay if stay and stay.visit == visit else None

    def begin(self, receiver: str, since: float | None = None) -> None:
        """From now on it is told of stays that ended at `since` (Unix time) or later; of those that end from now on,
        where none is given. One that has begun goes on where it is."""
        with self._book.read() as db:
            if _receiver(db, receiver) is not None:
                return
        with self._book.write(Although.TOLD) as db:
            if _receiver(db, receiver) is not None:
                return
            last = "SELECT coalesce(max(id), 0) FROM visits" if since is None else _BEFORE
            settled = int(db.execute(last, () if since is None else (since,)).fetchone()[0])
            values = (receiver, audit.now(), settled, "")
            db.execute("INSERT INTO receivers (name, since, settled, trouble) VALUES (?,?,?,?)", values)
            detail = {"receiver": receiver, "after": settled}
            audit.append(db, "receiver begun", actor=self._book.actor, detail=detail)

    def due(self, receiver: str, limit: int) -> Due:
        """At most so many events at once."""
        with self._book.read() as db:
            row = _receiver(db, receiver)
            if row is None:
                return Due()
            held = db.execute(_WAITING, (receiver, limit)).fetchall()
            new = db.execute(
                f"{STAYS} WHERE v.id > ? ORDER BY v.id LIMIT ?", (row["settled"], limit - len(held))
            ).fetchall()
            ahead = "SELECT visit FROM held_events WHERE receiver = ? AND visit > ?"
            skipped = db.execute(ahead, (receiver, row["settled"])).fetchall()
            kept_back = db.execute(_OPEN, (receiver,)).fetchall() if new else []  # it is what is new that waits for it
        numbers = frozenset(one["id"] for one in held)
        return Due(
            events=[event_of(one) for one in (*held, *new)],
            held=numbers,
            skipped=frozenset(one["visit"] for one in skipped),
            blocked=frozenset(one.uid for one in map(_held, kept_back) if one.number not in numbers),
        )

    def keep(self, receiver: str, told: Delivered, trouble: str) -> None:
        """What has left has left: kept whatever the ledger is. What was skipped meanwhile stays so."""
        with self._book.write(Although.TOLD, beside=True) as db:
            before = _receiver(db, receiver)
            if before is None:
                return
            for number, (state, why) in told.held.items():
                if _state(db, receiver, number) not in _FINAL:
                    _hold(db, receiver, number, state, why)
            settled = max(told.settled, before["settled"])
            sql = "UPDATE receivers SET settled = ?, trouble = ? WHERE name = ?"
            db.execute(sql, (settled, trouble, receiver))

    def standings(self) -> list[ReceiverStatus]:
        """Of every receiver that was ever begun."""
        with self._book.read() as db:
            rows = db.execute("SELECT * FROM receivers ORDER BY name").fetchall()
            return [_standing(db, row) for row in rows]

    def retry(self, receiver: str, number: int | None) -> list[int]:
        """A refused event, or all of them, once more; their numbers."""
        with self._book.write() as db:
            chosen = [one.number for one in _refused(db, receiver) if number in (None, one.number)]
            if number is not None and not chosen:
                raise ConfigError(
                    f"event {number} was not refused by {receiver}", do="see: station outbox status", code=Code.E116
                )
            for one in chosen:
                _hold(db, receiver, one, Held.WAITING, "to be tried again")
            if chosen:
                detail = {"receiver": receiver, "events": chosen}
                audit.append(db, "events tried again", actor=self._book.actor, detail=detail)
        return chosen

    def skip(self, receiver: str, number: int, reason: str, *, by: str) -> None:
        """It never gets this event; those behind it go on. ConfigError E116 for one that does not wait for it."""
        with self._book.write() as db:
            row = _require_receiver(db, receiver)
            state = _state(db, receiver, number)
            has_it = number <= row["settled"] if state is None else state in _FINAL
            if has_it or db.execute("SELECT 1 FROM visits WHERE id = ?", (number,)).fetchone() is None:
                raise ConfigError(
                    f"event {number} does not wait for {receiver}", do="see: station outbox status", code=Code.E116
                )
            _hold(db, receiver, number, Held.SKIPPED, reason)
            detail = {"receiver": receiver, "event": number, "reason": reason, "by": by}
            audit.append(db, "event skipped", actor=self._book.actor, detail=detail)


_BEFORE = "SELECT coalesce((SELECT min(id) - 1 FROM visits WHERE at >= ?), (SELECT max(id) FROM visits), 0)"
_FINAL = (Held.SENT, Held.SKIPPED)


def _receiver(db: Transaction, name: str) -> Row | None:
    row: Row | None = db.execute("SELECT * FROM receivers WHERE name = ?", (name,)).fetchone()
    return row


def _require_receiver(db: Transaction, name: str) -> Row:
    row = _receiver(db, name)
    if row is None:
        known = [str(one["name"]) for one in db.execute("SELECT name FROM receivers ORDER BY name")]
        raise ConfigError(
            f"there is no receiver {name}{perhaps(name, known)}", do="see: station outbox status", code=Code.E116
        )
    return row


def _state(db: Transaction, receiver: str, number: int) -> Held | None:
    """None for an event that never was out of turn."""
    sql = "SELECT state FROM held_events WHERE receiver = ? AND visit = ?"
    row = db.execute(sql, (receiver, number)).fetchone()
    return Held(row["state"]) if row else None


def _hold(db: Transaction, receiver: str, number: int, state: Held, why: str) -> None:
    """A row of its own from the first time on that an event is out of turn."""
    where = (receiver, number)
    if _state(db, receiver, number) is None:
        sql = "INSERT INTO held_events (state, why, changed_at, receiver, visit) VALUES (?,?,?,?,?)"
    else:
        sql = "UPDATE held_events SET state = ?, why = ?, changed_at = ? WHERE receiver = ? AND visit = ?"
    db.execute(sql, (state, why, audit.now(), *where))


def _refused(db: Transaction, receiver: str) -> list[HeldEvent]:
    _require_receiver(db, receiver)
    return [one for one in map(_held, db.execute(_OPEN, (receiver,))) if one.state is Held.REFUSED]


def _held(row: Row) -> HeldEvent:
    uid = BoardUid.stored(row["board_uid"]) if row["board_uid"] else ""
    return HeldEvent(number=row["visit"], state=Held(row["state"]), why=row["why"], uid=uid, ended=row["at"])


def _standing(db: Transaction, row: Row) -> ReceiverStatus:
    held = [_held(one) for one in db.execute(_OPEN, (row["name"],))]
    new = db.execute(
        "SELECT count(*) AS many, min(at) AS oldest FROM visits v WHERE id > ? AND NOT EXISTS"
        " (SELECT 1 FROM held_events h WHERE h.receiver = ? AND h.visit = v.id)",
        (row["settled"], row["name"]),
    ).fetchone()
    moments = [one.ended for one in held] + ([] if new["oldest"] is None else [new["oldest"]])
    return ReceiverStatus(
        name=row["name"],
        since=row["since"],
        trouble=row["trouble"],
        waiting=new["many"] + sum(one.state is Held.WAITING for one in held),
        oldest=min(moments, default=None),
        refused=[one for one in held if one.state is Held.REFUSED],
    )
