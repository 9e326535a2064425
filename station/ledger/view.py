# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's face: what is in it, by subject. Nobody outside this room sees more of it.

Each subject is a small class; each of its methods is one transaction, and where it writes, returned = on disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from station.ledger.auditing import Audit
from station.ledger.batches import Batches
from station.ledger.book import Book
from station.ledger.certificates import Certificates
from station.ledger.connection import Connection
from station.ledger.sets import Sets
from station.ledger.spellings import Spellings
from station.ledger.stock import Stock
from station.ledger.tracing import Traces
from station.ledger.visits import Visits


class View:
    """An open ledger. One that `look_at` opened is only looked at: what would write raises a LedgerFault there."""

    def __init__(self, book: Book) -> None:
        self.book = book  # for this room's own modules
        self.audit = Audit(book)
        self.stock = Stock(book)
        self.certificates = Certificates(book)
        self.sets = Sets(book)
        self.batches = Batches(book)
        self.visits = Visits(book)
        self.traces = Traces(book)
        self.spellings = Spellings(book)

    @property
    def path(self) -> Path:
        return self.book.connection.path

    @property
    def connection(self) -> Connection:
        return self.book.connection

    def close(self) -> None:
        """Idempotent."""
        self.book.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def look_at(path: Path) -> View:
    """The ledger at `path`, to be looked at: needs no key, and works beside a bench. ConfigError E115 without one."""
    return View(Book(Connection(path, read_only=True)))
