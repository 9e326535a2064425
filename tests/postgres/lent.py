# SPDX-License-Identifier: GPL-3.0-or-later
"""A database that tests have one after the other, each with an empty ledger in it: to copy one and to drop it cost a
test more than what it did there. That it is as a new one, tests/postgres/test_lent.py holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache

import psycopg

from station.ledger.postgres import roles
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.server import BENCH
from tests.postgres.kept import KeptConnection
from tests.postgres.server import Server, empty_ledger, shared
from tests.waiting import until

_WRITTEN = (
    f"SELECT relname::text FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind = 'r'"
    " AND relname <> 'steps' AND pg_relation_size(oid) > 0"
)
"""A new ledger has its steps, which no bench may touch, and no other row."""
_NUMBERED = f"SELECT sequencename::text FROM pg_sequences WHERE schemaname = '{SCHEMA}' AND last_value IS NOT NULL"
_STILL_THERE = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""A session that a test left open would be another bench at work to the next one."""


@cache
def lent() -> Lent:
    """One for all tests of a process."""
    return Lent(shared(), empty_ledger(shared()))


class Lent:
    """`name`: the database's."""

    def __init__(self, server: Server, made: str) -> None:
        self.name = server.copy(made, "lent")
        self._url = server.url(self.name)
        with self._administered() as db:
            roles.settle_in(db, BENCH)  # what is the database's own is not copied with it

    def empty(self) -> None:
        with self._administered() as db:
            until(lambda: not _found(db, _STILL_THERE))
            tables = _found(db, _WRITTEN)
            again = [f"SELECT setval('{sequence}', 1, false)" for sequence in _found(db, _NUMBERED)]
            _past_the_guards(db, tables, "; ".join([f"DELETE FROM {table}" for table in tables] + again))

    def past_the_guards(self, tables: Sequence[str], script: str) -> None:
        """What the schema refuses on these tables: for one transaction they say that they have no triggers."""
        with self._administered() as db:
            _past_the_guards(db, tables, script)

    @contextmanager
    def _administered(self) -> Iterator[psycopg.Connection]:
        with closing(KeptConnection.connect(self._url, autocommit=True)) as db:
            db.execute(f"SET search_path = {SCHEMA}, pg_temp".encode())
            yield db


def _past_the_guards(db: psycopg.Connection, tables: Sequence[str], script: str) -> None:
    guarded = f"UPDATE pg_class SET relhastriggers = %s WHERE relnamespace = '{SCHEMA}'::regnamespace"
    with db.transaction():
        found = db.execute(
            f"{guarded} AND relhastriggers AND relname = ANY(%s) RETURNING relname::text".encode(),
            (False, list(tables)),
        ).fetchall()
        db.execute(script.encode())
        db.execute(f"{guarded} AND relname = ANY(%s)".encode(), (True, [name for (name,) in found]))


def _found(db: psycopg.Connection, sql: str) -> list[str]:
    return [found for (found,) in db.execute(sql.encode())]
