# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the server that answers is the one that had the ledger before. Another one, a standby that took its place or
a server that was restored, may have forgotten boards that any bench has done, and would give their identities out again
before that bench's witness is heard. Believed is a standby of the same server, where each commit had waited for one,
and nothing else. So with the database there: a copy of it beside the one it was made of has the same stock, and benches
that work on either would give it out twice.
"""

from __future__ import annotations

from station.ledger import audit, proof
from station.ledger.believed import Although
from station.ledger.book import Book
from station.ledger.meta import PUT, Facts
from station.ledger.transaction import Transaction
from station.ledger.trouble import Trouble, alarm

WAITED = "+"
"""Behind a history in which each commit has waited for a standby: a standby that takes the place has all of it."""
_HISTORY, _DATABASE = "history", "database"
"""In meta: the server's, as it was last, and the database's number there. Older stations know the first alone."""


def require_same(book: Book) -> None:
    """IntegrityAlarm E702 for a history that may lack what was committed in the one before, and for another
    database."""
    kept, now = _kept(book), _now(book)
    if kept[_HISTORY] and not _goes_on(kept[_HISTORY], now[_HISTORY]):
        raise alarm(
            Trouble.WITNESS,
            f"the server of {book.connection.name} was replaced or restored, and no standby of it that was waited for",
        )
    if kept[_DATABASE] not in ("", now[_DATABASE]):
        raise alarm(Trouble.WITNESS, f"the database of {book.connection.name} is a copy, or was restored")


def _goes_on(kept: str, now: str) -> bool:
    """The history that was kept, or one that a standby of the same server began later, with all of it."""
    system, _, timeline = kept.removesuffix(WAITED).partition("/")
    its_system, _, its_timeline = now.removesuffix(WAITED).partition("/")
    if its_system != system:
        return False
    return its_timeline == timeline or (kept.endswith(WAITED) and its_timeline > timeline)


def remember(book: Book) -> None:
    """From now on this history is the one it goes on in, in this database."""
    kept = _kept(book)
    for fact, now in _now(book).items():
        if now != kept[fact]:
            event = "server changed" if kept[fact] else "server known"
            Facts(book).set(fact, now, event=event, although=Although.NOTED)


def forget(db: Transaction, actor: str) -> None:
    """Of a whole copy that goes on at another server: its first bench remembers that one."""
    for fact in (_HISTORY, _DATABASE):
        row = db.execute("SELECT value FROM meta WHERE key = ?", (fact,)).fetchone()
        if row is not None and row["value"]:
            db.execute(PUT, (fact, ""))
            audit.append(db, "server left", actor=actor, detail=proof.of_row("meta", fact, (fact, "")))


def _now(book: Book) -> dict[str, str]:
    """ "" for a file."""
    return {_HISTORY: book.connection.history, _DATABASE: book.connection.database}


def _kept(book: Book) -> dict[str, str]:
    kept = dict.fromkeys((_HISTORY, _DATABASE), "")
    if book.connection.history:
        with book.read() as db:
            rows = db.execute("SELECT key, value FROM meta WHERE key IN (?, ?)", tuple(kept))
            kept.update((str(row["key"]), str(row["value"])) for row in rows)
    return kept
