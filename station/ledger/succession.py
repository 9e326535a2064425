# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the server that answers is the one that had the ledger before. Another one, a standby that took its place or
a server that was restored, may have forgotten boards that any bench has done, and would give their identities out again
before that bench's witness is heard. Believed is a standby of the same server, where each commit had waited for one,
and nothing else.
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
_HISTORY = "history"
"""In meta: the server's, as it was last."""


def require_same(book: Book) -> None:
    """IntegrityAlarm E702 for a history that may lack what was committed in the one before."""
    kept, now = _kept_and_now(book)
    if kept and not _goes_on(kept, now):
        raise alarm(
            Trouble.WITNESS,
            f"the server of {book.connection.name} was replaced or restored, and no standby of it that was waited for",
        )


def _goes_on(kept: str, now: str) -> bool:
    """The history that was kept, or one that a standby of the same server began later, with all of it."""
    system, _, timeline = kept.removesuffix(WAITED).partition("/")
    its_system, _, its_timeline = now.removesuffix(WAITED).partition("/")
    if its_system != system:
        return False
    return its_timeline == timeline or (kept.endswith(WAITED) and its_timeline > timeline)


def remember(book: Book) -> None:
    """From now on this history is the one it goes on in."""
    kept, now = _kept_and_now(book)
    if now != kept:
        event = "server changed" if kept else "server known"
        Facts(book).set(_HISTORY, now, event=event, although=Although.NOTED)


def forget(db: Transaction, actor: str) -> None:
    """Of a whole copy that goes on at another server: its first bench remembers that one."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_HISTORY,)).fetchone()
    if row is not None and row["value"]:
        db.execute(PUT, (_HISTORY, ""))
        audit.append(db, "server left", actor=actor, detail=proof.of_row("meta", _HISTORY, (_HISTORY, "")))


def _kept_and_now(book: Book) -> tuple[str, str]:
    now = book.connection.history
    return (Facts(book).get(_HISTORY) or "") if now else "", now
