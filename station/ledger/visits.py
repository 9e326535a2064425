# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards' stays in slots: the source of yield, boards an hour, lock-outs and the shift report. Append-only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from station.codes import Code
from station.ledger import audit, proof, scan_backs
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.certificates import name_of
from station.ledger.dialect import ALL, unindexed
from station.ledger.locks import bench_of
from station.ledger.spellings import ANY_SPELLING
from station.ledger.stays import Stay, stays
from station.ledger.transaction import Row, Transaction
from station.ledger.values import STAY_COLUMNS, VisitRow
from station.model import BoardUid
from station.rules import Outcome
from station.visiting import VISIT, visiting

BENCH = "bench"
"""In a stay's details."""
STEPS, WIRE = "steps", "wire"
"""Likewise: what was done, each with the seconds since the stay began; the file with what went over the wire."""
PROFILE: Final = "profile"
"""Likewise: what the board was flashed by."""
SERIAL = "serial"
"""Likewise: the board's product serial number."""
LABEL = "label"
"""Likewise: its label is to be printed, as this profile has it."""
_INSERT = f"INSERT INTO visits ({', '.join(STAY_COLUMNS)}) VALUES ({','.join('?' * len(STAY_COLUMNS))}) RETURNING id"
_BEFORE_FIRST = (
    f"SELECT coalesce(min({unindexed('id')}) - 1, (SELECT max(id) FROM visits), 0) FROM visits WHERE at >= ?"
)
_BATCHS = "SELECT {} FROM identities i JOIN batches b ON b.id = i.batch WHERE b.batch_id = ?"
_OF_BATCH = (
    f"identity IN ({_BATCHS.format('i.id')})"
    f" OR board_uid IN ({_BATCHS.format('i.board_uid')} AND i.board_uid IS NOT NULL)"
)
_PAGE = 5_000
_STORED_AFTER = f"SELECT * FROM visits WHERE id > ? AND {unindexed('at')} >= ? ORDER BY id LIMIT ?"
"""Which index: the first asks by time, not all older numbers; the second by number, not all known times."""


class Visits:
    """In the order they were stored."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def record(self, visit: VisitRow) -> int:
        """One row for one stay, and its line in the audit; its number. On a line its details say at which bench, and
        whoever tells somebody outside of it waits until it lasts: `Engine.make_last`."""
        calls = None if self._book.is_rehearsed or scan_backs.owes(visit) else self._book.connection.at_once
        if calls is not None:
            with visiting(visit.details.get(VISIT, "")):
                return calls.stay(_who(self._book, visit), _columns(self._book, visit))
        with self._book.write(Although.SEEN) as db:
            return insert(db, self._book, visit)

    @property
    def series(self) -> int:
        """Once it is another number, those of stays that were met before may be other stays' by now: of a line whose
        server lost its power."""
        return self._book.connection.looks

    def since(self, since: float, *, after: int = 0, limit: int = ALL) -> list[VisitRow]:
        """Stays that ended at `since` (Unix time) or later, in the order they were stored.

        Only those numbered above `after`, at most `limit`: who goes on from the last number misses none, however late
        it was stored, meets none twice, and pays for the new ones alone; within a `series`.
        """
        with self._book.read() as db:
            start = after or db.execute(_BEFORE_FIRST, (since,)).fetchone()[0]
            rows = db.execute(_STORED_AFTER, (start, since, limit)).fetchall()
        return [_visit(row) for row in rows]

    def within(self, since: float, until: float, *, batch_id: str = "") -> Iterator[VisitRow]:
        """Stays that ended from `since` on and before `until` (Unix times), in the order they were stored; of a batch,
        those of its identities and of the boards that have one.
        """
        with self._book.read() as db:
            start = db.execute(_BEFORE_FIRST, (since,)).fetchone()[0]
        of_batch = f" AND ({_OF_BATCH})" if batch_id else ""
        sql = f"SELECT * FROM visits WHERE id > ? AND {unindexed('at')} >= ? AND at < ?{of_batch} ORDER BY id"
        values = (since, until, *([batch_id, batch_id] if batch_id else []))
        return map(_visit, self._book.pages(sql, "id", values, size=_PAGE, after=start))

    def told(self, since: float = 0.0) -> Iterator[Stay]:
        """Every stay that ended at `since` or later, with its certificate's name; see `stays`."""
        return stays(self._book, since)

    def first_at(self) -> float | None:
        """Unix time of the oldest stay; None when there was none."""
        with self._book.read() as db:
            row = db.execute("SELECT at FROM visits ORDER BY id LIMIT 1").fetchone()
        return row and float(row["at"])

    def of_board(self, uid: BoardUid) -> list[VisitRow]:
        """All stays of one board, oldest first."""
        with self._book.read() as db:
            sql = f"SELECT * FROM visits WHERE board_uid IN {ANY_SPELLING} ORDER BY id"
            return [_visit(r) for r in db.execute(sql, {"uid": uid})]

    def passed_by(self, uid: BoardUid, identity_id: int) -> str:
        """The profile that the board was given this identity by, "" where nobody noted it."""
        passed = (visit for visit in reversed(self.of_board(uid)) if visit.outcome == Outcome.PASS)
        return next((str(one.details.get(PROFILE, "")) for one in passed if one.identity_id == identity_id), "")

    def of_slot(self, slot: str, limit: int) -> list[tuple[VisitRow, str]]:
        """The last stays in a slot of this bench, oldest first, each with its certificate's name, "" without one."""
        columns = f"visits.*, {name_of('visits')} AS name"
        sql = f"SELECT {columns} FROM visits WHERE bench = ? AND slot = ? ORDER BY id DESC LIMIT ?"
        with self._book.read() as db:
            rows = db.execute(sql, (self._book.connection.bench, slot, limit)).fetchall()
        return [(_visit(row), str(row["name"])) for row in reversed(rows)]


def insert(db: Transaction, book: Book, visit: VisitRow) -> int:
    """Inside the caller's transaction; see `Visits.record`."""
    number = db.execute(_INSERT, _columns(book, visit)).fetchone()["id"]
    with visiting(visit.details.get(VISIT, "")):
        audit.append(db, audit.STAY, actor=_who(book, visit), detail=proof.of_visit(db, number))
        scan_backs.owe(db, book, visit)
    return int(number)


def _columns(book: Book, visit: VisitRow) -> tuple[object, ...]:
    """As `STAY_COLUMNS`."""
    details = {**visit.details, BENCH: book.bench} if book.bench else visit.details
    return (
        float(visit.at),  # as the column has it: a whole number is digested otherwise
        visit.slot,
        visit.board_uid,
        visit.outcome,
        visit.code or "",
        visit.what,
        visit.identity_id,
        visit.attempt,
        float(visit.seconds),
        visit.operator,
        json.dumps(details, ensure_ascii=False),
        book.connection.bench,
    )


def _who(book: Book, visit: VisitRow) -> str:
    return f"{book.bench_name}/{visit.operator}" if visit.operator else book.bench_name


def _visit(row: Row) -> VisitRow:
    return VisitRow(
        at=row["at"],
        slot=row["slot"],
        board_uid=BoardUid.stored(row["board_uid"]) if row["board_uid"] else None,
        outcome=row["outcome"],
        code=Code.of(row["code"]),
        what=row["what"],
        identity_id=row["identity"],
        attempt=row["attempt"],
        seconds=row["seconds"],
        operator=row["operator"],
        details=json.loads(row["details"]),
        number=row["id"],
        bench=bench_of(row),
    )
