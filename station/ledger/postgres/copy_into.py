# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a ledger into a server's database that `station ledger init` made, by the URL of its administrator: the
rules that let no row come in as it is elsewhere are the owner's to take off, for a transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from psycopg import sql

from station.codes import Code
from station.errors import ConfigError, LedgerFault
from station.ledger import copied_rows
from station.ledger.engine import Guards
from station.ledger.postgres import promises, sessions
from station.ledger.postgres.address import connected
from station.ledger.postgres.connection import require_current
from station.ledger.postgres.faults import translated
from station.ledger.postgres.guarded import SchemaGuards
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.postgres.rows import adapt, named
from station.ledger.postgres.work import SEARCH_PATH, Work
from station.ledger.transaction import Transaction

_TRIGGERS = (
    "SELECT relname, tgname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = %s::regnamespace"
    " AND relname = ANY(%s) AND NOT tgisinternal"
)
_NUMBERED = (
    "SELECT relname, attname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid"
    " WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND attidentity <> ''"
)


class ServerCopy:
    """As `copying.Destination`."""

    def __init__(self, url: str) -> None:
        self.guards: Guards = SchemaGuards()
        self._open = ExitStack()
        try:
            self._server = self._open.enter_context(connected(url))
            promises.require(self._server)
            require_current(self._server)
            adapt(self._server)
            self._server.row_factory = named  # type: ignore[assignment]
            self._own = secrets.token_hex(8)
            sessions.hold(self._server, self._own)
            self._owner = self._find_owner()
        except BaseException:
            self.close()
            raise

    def _find_owner(self) -> str:
        found = self._server.execute(
            "SELECT nspowner::regrole::text AS owner, pg_has_role(nspowner, 'USAGE') AS may FROM pg_namespace"
            " WHERE nspname = %s",
            (SCHEMA,),
        ).fetchone()
        if found is None or not found[1]:
            raise ConfigError(
                "a copy is made by the administrator of the database, not by a bench",
                do="give the URL of the role that ran station ledger init",
                code=Code.E114,
            )
        return str(found[0])

    @contextmanager
    def work(self, tables: tuple[str, ...]) -> Iterator[Transaction]:
        with translated(), self._server.transaction():
            if sessions.are_others(self._server, self._own):
                raise LedgerFault("a station works on this ledger", do="end it everywhere, then copy again")
            self._server.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self._owner)))
            self._server.execute(f"SET LOCAL {SEARCH_PATH}".encode())
            triggers = self._server.execute(_TRIGGERS, (SCHEMA, list(tables))).fetchall()
            for table in tables:
                self._alter(table, "DISABLE TRIGGER USER")
            yield Work(self._server)
            for table, trigger in triggers:
                self._alter(table, "ENABLE ALWAYS TRIGGER {}", trigger)

    def _alter(self, table: str, what: str, *names: str) -> None:
        statement = sql.SQL("ALTER TABLE {} " + what).format(sql.Identifier(table), *map(sql.Identifier, names))
        self._server.execute(statement)

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        with translated(), self._server.transaction():
            self._server.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._server.execute(f"SET LOCAL {SEARCH_PATH}".encode())
            yield Work(self._server)

    def settle(self, db: Transaction) -> None:
        db.execute("DELETE FROM tally_parts")
        db.execute(
            "INSERT INTO tally_parts (product_key, kind, state, identities, certificates, part)"
            f" SELECT c.*, 0 FROM ({copied_rows.TALLIED}) AS c"
        )
        for table, column in self._server.execute(_NUMBERED, (SCHEMA,)).fetchall():
            last = sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {} HAVING max({}) IS NOT NULL")
            names = (sql.Literal(table), sql.Literal(column), *map(sql.Identifier, (column, table, column)))
            self._server.execute(last.format(*names))

    def place(self) -> None:
        """It is where it is."""

    def close(self) -> None:
        self._open.close()
