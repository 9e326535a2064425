# SPDX-License-Identifier: GPL-3.0-or-later
"""One server a session, a database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import psycopg
import pytest

from station.ledger.postgres import roles
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.server import BENCH
from tests.postgres.server import Server, empty_ledger, programs, shared

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Server:
    if programs() is None:
        pytest.skip("needs the Debian package postgresql")
    return shared()


@pytest.fixture(scope="session")
def made(server: Server) -> str:
    """A database with an empty ledger, to be copied from."""
    return empty_ledger(server)


@pytest.fixture
def database(server: Server, made: str) -> Iterator[str]:
    """An empty ledger of this test's own."""
    name = server.copy(made, f"test{next(_NUMBERS)}")
    with psycopg.connect(server.url(name)) as db:
        roles.settle_in(db, BENCH)  # what is the database's own is not copied with it
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def connect(server: Server, database: str) -> Iterator[Callable[..., psycopg.Connection]]:
    """To that ledger; its schema is in the path."""
    opened: list[psycopg.Connection] = []

    def open_as(user: str = "admin") -> psycopg.Connection:
        opened.append(psycopg.connect(server.url(database, user), autocommit=True))
        opened[-1].execute(f"SET search_path = {SCHEMA}, pg_temp")
        return opened[-1]

    yield open_as
    for one in opened:
        one.close()
