# SPDX-License-Identifier: GPL-3.0-or-later
"""A filled ledger's database, spoken to in raw SQL: SQLite's file, or PostgreSQL as the tables' owner or as a bench.

Statements are written as SQLite reads them; what PostgreSQL says otherwise (placeholders, bytes, REPLACE) is put right
here. Nothing that a test does stays: it has a copy of SQLite's file in memory, and works in a transaction of PostgreSQL
that is undone.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import one_in_each_state
from tests.ledger.rules_together import leave_alone, rules_together, triggers_of
from tests.migrated import fill
from tests.postgres.server import Server, empty_ledger, programs, shared
from tests.raw import raw

Row = dict[str, Any]
ENGINES = ("sqlite", "postgres owner", "postgres bench")


class Sqlite:
    """Its file, by whoever may write to it."""

    name = "sqlite"

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @contextmanager
    def undone(self) -> Iterator[Sqlite]:
        """For what shall not stay: it is undone to here."""
        self._db.execute("BEGIN")
        try:
            yield self
        finally:
            self._db.execute("ROLLBACK")

    def execute(self, statement: str, *values: object) -> list[Row]:
        cursor = self._db.execute(statement, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def refused(self, statement: str, *values: object) -> str:
        """What is said when the database refuses it by a rule."""
        with pytest.raises(sqlite3.IntegrityError) as caught:
            self.execute(statement, *values)
        return str(caught.value)

    def is_denied(self, said: str) -> bool:
        """Whether the role may not even try."""
        return False

    def prepare(self, script: str) -> None:
        """Statements of whoever may do anything; none has another one within."""
        for statement in script.split(";"):
            self._db.execute(statement)

    def without_guards(self) -> None:
        for name in self.guards():
            self._db.execute(f"DROP TRIGGER {name}")

    def with_guard(self, name: str) -> None:
        """Of those that were taken off."""
        made = _guards_as_made()[name]
        if made.startswith("CREATE TRIGGER"):
            self._db.execute(made)

    def guards(self) -> dict[str, str]:
        """Each trigger that refuses, and what it says."""
        found = self._db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        said = {name: re.search(r"RAISE\(ABORT, '(.*?)'\)", sql) for name, sql in found}
        return {name: one[1] if one else "" for name, one in said.items()}


@cache
def _guards_as_made() -> dict[str, str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        fill(fresh)
        return dict(fresh.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')"))


class Postgres:
    """A server's, as one of its roles."""

    def __init__(self, db: psycopg.Connection[Row], role: str) -> None:
        self._db, self.name = db, role
        self._together = triggers_of(db)
        self._guards = self._as_made()
        self._become()

    @contextmanager
    def undone(self) -> Iterator[Postgres]:
        """For what shall not stay: it is undone to here."""
        with self._db.transaction(force_rollback=True):
            yield self

    def execute(self, statement: str, *values: object) -> list[Row]:
        cursor = self._db.execute(_said_here(statement).encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def refused(self, statement: str, *values: object) -> str:
        refusals = (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)
        with pytest.raises(refusals) as caught, self._db.transaction():
            self.execute(statement, *values)
        assert self.name.endswith("bench") or isinstance(caught.value, psycopg.errors.IntegrityError)
        return str(caught.value.diag.message_primary)

    def is_denied(self, said: str) -> bool:
        return self.name.endswith("bench") and said.startswith("permission denied")

    def prepare(self, script: str) -> None:
        self._db.execute("RESET ROLE")
        self._db.execute(_said_here(script).encode())
        self._become()

    def without_guards(self) -> None:
        self._as_admin("DISABLE TRIGGER USER")

    def with_guard(self, name: str) -> None:
        trigger = self._together.get(name, name)
        if trigger != name:
            self._db.execute("RESET ROLE")
            leave_alone(self._db, name, trigger)
        found = "SELECT tgrelid::regclass::text AS t FROM pg_trigger WHERE tgname = %s AND NOT tgisinternal"
        for row in self._db.execute(found, (trigger,)).fetchall():
            self._db.execute("RESET ROLE")
            self._db.execute(f"ALTER TABLE {row['t']} ENABLE ALWAYS TRIGGER {trigger}".encode())
            self._become()

    def guards(self) -> dict[str, str]:
        """Those that there were when it was opened: to ask for them anew costs more than what a test does."""
        return self._guards

    def _as_made(self) -> dict[str, str]:
        rows = self._db.execute(
            "SELECT tgname, substring(pg_get_triggerdef(t.oid) FROM '\\(''([^'']*)''\\)$') AS says FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'station'::regnamespace AND NOT tgisinternal"
        )
        return {row["tgname"]: row["says"] or "" for row in rows} | rules_together(self._db)

    def _as_admin(self, change: str) -> None:
        self._db.execute("RESET ROLE")
        tables = (
            "SELECT oid::regclass::text AS t FROM pg_class"
            " WHERE relnamespace = 'station'::regnamespace AND relkind = 'r'"
        )
        for row in self._db.execute(tables).fetchall():
            self._db.execute(f"ALTER TABLE {row['t']} {change}".encode())
        self._become()

    def _become(self) -> None:
        self._db.execute(f"SET ROLE {self.name.replace('postgres ', 'station_')}".encode())


Raw = Sqlite | Postgres


@contextmanager
def opened(engine: str) -> Iterator[Raw]:
    """A ledger with one identity in each state as one of ENGINES has it."""
    if engine == "sqlite":
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            filled().backup(copy)
            yield Sqlite(copy)
        return
    if programs() is None:
        pytest.skip("needs the Debian package postgresql")
    with psycopg.connect(shared().url(filled_database()), row_factory=dict_row) as db:
        db.execute("SET search_path = station, pg_temp")
        yield Postgres(db, engine)
        db.rollback()


@cache
def filled() -> sqlite3.Connection:
    """What the ledger's file has; made once, for no test changes it."""
    whole = sqlite3.connect(":memory:")
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger.db", Vault(bytes(32))) as ledger:
        one_in_each_state(ledger)
        with raw(ledger.path) as file:
            file.backup(whole)
    return whole


@cache
def filled_database() -> str:
    """Made once: no test changes it."""
    return copied(filled(), shared(), shared().copy(empty_ledger(shared()), "filled"))


def copied(file: sqlite3.Connection, server: Server, database: str) -> str:
    """The rows of a ledger's file, put into an empty ledger of the server past its guards; the database."""
    with psycopg.connect(server.url(database)) as db:
        db.execute("SET search_path = station, pg_temp")
        tables = [
            name
            for (name,) in file.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
            )
        ]
        for table in sorted(tables, key=_FIRST.__contains__, reverse=True):
            theirs = "tally_parts" if table == "tallies" else table
            db.execute(f"ALTER TABLE {theirs} DISABLE TRIGGER USER".encode())
            cursor = file.execute(f"SELECT * FROM {table}")
            names = ", ".join(column[0] for column in cursor.description)
            marks = ", ".join(["%s"] * len(cursor.description))
            extra = (", part", ", 0") if table == "tallies" else ("", "")
            statement = f"INSERT INTO {theirs} ({names}{extra[0]}) VALUES ({marks}{extra[1]})"
            db.cursor().executemany(statement.encode(), cursor.fetchall())
            on = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
            for (name,) in db.execute(on, (theirs,)).fetchall():
                db.execute(f"ALTER TABLE {theirs} ENABLE ALWAYS TRIGGER {name}".encode())
        for table, column in _NUMBERED:
            db.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 0) + 1, false)"
                f" FROM {table}".encode()
            )
    return database


_FIRST = ("batches", "identities", "certificates", "audit")
"""Others refer to them."""
_NUMBERED = (
    *((table, "id") for table in ("batches", "identities", "certificates", "visits", "cloud_requests")),
    *((table, "id") for table in ("registrations", "odd_items", "strangers")),
    ("audit", "seq"),
)


def _said_here(statement: str) -> str:
    statement = re.sub(r"\bx'([0-9a-f]*)'", r"'\\x\1'::bytea", statement)
    return re.sub(r"^\s*REPLACE INTO", "INSERT INTO", statement).replace("?", "%s")
