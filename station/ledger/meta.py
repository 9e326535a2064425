# SPDX-License-Identifier: GPL-3.0-or-later
"""Small facts kept with the ledger under a name. Changing one is an audit line."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from station.ledger import audit, proof, whose_key
from station.ledger.believed import Although
from station.ledger.book import Book

PUT = "INSERT INTO meta (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


def require_key(book: Book) -> None:
    """The key a ledger was made with; a new one takes this key, and a name. ConfigError E114 for another key."""
    with book.write(Although.OPENING) as db:
        for fact, first in (("key_id", book.vault.key_id()), ("ledger_id", secrets.token_hex(16))):
            db.execute("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", (fact, first))
        engine = book.connection
        whose_key.require_key(db, book.vault.key_id(), engine.name, of_a_line=bool(engine.bench))


class Facts:
    """By name."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def get(self, key: str) -> str | None:
        with self._book.read() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row and str(row["value"])

    def set(self, key: str, value: str, *, event: str, although: Although | None = None, **detail: object) -> None:
        """`event` and `detail` go to the audit, the value does not."""
        self.change(key, lambda _: value, event=event, although=although, **detail)

    def change(
        self,
        key: str,
        change: Callable[[str | None], str],
        *,
        event: str,
        although: Although | None = None,
        **detail: object,
    ) -> None:
        """As `set`, from what is kept now to what `change` makes of it: nobody else's change is lost. What it raises
        changes nothing."""
        with self._book.write(although) as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            value = change(row and str(row["value"]))
            db.execute(PUT, (key, value))
            audit.append(db, event, actor=self._book.actor, detail=detail | proof.of_row("meta", key, (key, value)))
