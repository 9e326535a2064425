# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as others ask for it; `audit` has the chain itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from station.ledger.audit import Head, ahead_s, append, contains, whole_head
from station.ledger.audit_verify import verify, verify_recent
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.certificates import name_of
from station.ledger.spellings import ANY_SPELLING
from station.ledger.transaction import Row
from station.ledger.values import AuditLine

RECENT_LINES = 10_000
"""What `verify_recent` recomputes."""
_A_PAGE = 2_000
_NAMED = f"SELECT audit.*, {name_of('audit')} AS name FROM audit"


class Audit:
    """What happened, line by line."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def head(self) -> Head:
        """Of a line: of all its chains, as they were pinned last."""
        with self._book.read() as db:
            return whole_head(db)

    def pinned_now(self) -> Head:
        """The same with all that is in the ledger by now: for paper, which is to prove it."""
        self._book.connection.pin()
        return self.head()

    def contains(self, head: str) -> bool:
        """Whether a head printed earlier is still a line here."""
        with self._book.read() as db:
            return contains(db, head)

    def clock_behind(self) -> float:
        """Seconds by which this PC's clock is before the last line that this bench wrote; negative where it is not."""
        with self._book.read() as db:
            last = db.execute("SELECT at FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT 1", (db.chain,)).fetchone()
        return ahead_s(last["at"]) if last else 0.0

    def note(self, event: str, **detail: object) -> None:
        """A line that moves nothing: who works here, a lock, an unlock, an alarm."""
        with self._book.write(Although.NOTED) as db:
            append(db, event, actor=self._book.actor, detail=detail)

    def verify(self, progress: Callable[[int], None] | None = None) -> Head:
        """Recompute every chain; IntegrityAlarm E702 when one is broken."""
        with self._book.read() as db:
            return verify(db, self._book.connection.guards, progress)

    def verify_recent(self) -> None:
        """The newest part of them, in a fraction of a second at any size; IntegrityAlarm E702."""
        with self._book.read() as db:
            verify_recent(db, RECENT_LINES)

    def guards_changed(self) -> str:
        """What guards the file is not as its steps made it, in words; "" when all is."""
        with self._book.read() as db:
            return self._book.connection.guards.difference(db)

    def reindex(self) -> None:
        """Make every index anew from its table. What would break a UNIQUE is refused, and nothing is changed."""
        with self._book.write(Although.MENDED) as db:
            self._book.connection.guards.reindex(db)

    def history(self, *, identity_id: int | None = None, uid: str = "") -> list[AuditLine]:
        """All that happened to an identity, or to a board, in order, each with its identity's first certificate."""
        where = f"board_uid IN {ANY_SPELLING}" if uid else "identity = :identity"
        with self._book.read() as db:
            sql = f"{_NAMED} WHERE {where} ORDER BY seq"
            rows = db.execute(sql, {"uid": uid, "identity": identity_id}).fetchall()
        return [_line(r, r["name"]) for r in rows]

    def events(self) -> list[str]:
        """What has happened here, by the words that lines have for it; the whole chain is looked through."""
        with self._book.read() as db:
            return sorted(row["event"] for row in db.execute("SELECT DISTINCT event FROM audit"))

    def log(self, *, since: str = "", events: Sequence[str] = (), after: int = 0) -> Iterator[AuditLine]:
        """All lines of the chain from `since` (as `audit.now` writes it), of these events or of any, behind line
        `after`, in order, each with the name of its identity's first certificate.

        Whoever goes on behind the last one misses none: a reservation that no line follows is not told yet, as a power
        cut may take it, and its number is another line's then."""
        chosen = f" AND event IN ({','.join('?' * len(events))})" if events else ""
        sql = f"{_NAMED} WHERE seq > ? AND at >= ?{chosen} AND seq <= ? ORDER BY seq"
        until = self._book.connection.settled()
        for row in self._book.pages(sql, "seq", (since, *events, until), size=_A_PAGE, after=after):
            yield _line(row, row["name"])


def _line(row: Row, name: str = "") -> AuditLine:
    return AuditLine(
        seq=row["seq"],
        at=row["at"],
        event=row["event"],
        actor=row["actor"],
        identity_id=row["identity"],
        from_state=row["from_state"] or "",
        to_state=row["to_state"] or "",
        attempt=row["attempt"],
        board_uid=row["board_uid"] or "",
        slot=row["slot"] or "",
        detail=row["detail"],
        name=name,
    )
