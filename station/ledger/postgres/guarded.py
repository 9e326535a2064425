# SPDX-License-Identifier: GPL-3.0-or-later
"""`engine.Guards` of a schema on a server: what `guards` finds there, asked within a transaction of the ledger's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from station.errors import LedgerFault
from station.ledger.postgres import guards
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.postgres.work import SEARCH_PATH, server_of
from station.ledger.transaction import Transaction
from station.ledger.trouble import guards_changed


class SchemaGuards:
    """One line's."""

    def difference(self, db: Transaction) -> str:
        server = server_of(db)
        wrong = guards.difference(server, SCHEMA)
        server.execute(f"SET LOCAL {SEARCH_PATH}".encode())
        return wrong

    def require(self, db: Transaction) -> None:
        if wrong := self.difference(db):
            raise guards_changed(wrong)

    def require_sound(self, db: Transaction) -> None:
        """The server checks its own pages where it was made with checksums, as it reads them."""

    def reindex(self, db: Transaction) -> None:  # noqa: ARG002 - as a Guards
        raise _not_here("its indexes are made anew on the server")

    @contextmanager
    def taken_off(self, db: Transaction, tables: Sequence[str]) -> Iterator[None]:  # noqa: ARG002 - as a Guards
        raise LedgerFault(
            "the guards of a line's ledger are its owner's: no bench takes them off",
            means="nothing was changed",
            do="move it to a file, do it there, and move it to a new database: station help line",
        )
        yield

    def has_run(self, db: Transaction, step: str) -> bool:  # noqa: ARG002 - as a Guards
        """Its first step has all that SQLite's had until then."""
        return True


def _not_here(what: str) -> LedgerFault:
    return LedgerFault(what, do="ask whoever looks after the database server")
