# SPDX-License-Identifier: GPL-3.0-or-later
"""One server a session, a database for each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from station.ledger.opening import Surroundings, open_ledger
from station.ledger.postgres import roles, work
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.ledger.where import OnServer
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import PC
from tests.postgres.kept import KeptConnection
from tests.postgres.lent import Lent, lent
from tests.postgres.server import Server, empty_ledger, programs, shared

_NUMBERS = itertools.count(1)
Open = Callable[[str], Ledger]
Connect = Callable[..., psycopg.Connection]


@pytest.fixture(scope="session")
def server() -> Server:
    if programs() is None:
        pytest.skip("needs the Debian package postgresql")
    return shared()


@pytest.fixture(scope="session")
def made(server: Server) -> str:
    """A database with an empty ledger, to be copied from."""
    return empty_ledger(server)


LENT = frozenset(
    "test_" + name
    for name in (
        "at_once",
        "bench_on_a_line",
        "chains",
        "claims",
        "claims_lost",
        "clients_on_a_line",
        "cuts",
        "ledger_copy",
        "line_connection",
        "line_report",
        "line_view",
        "line_wall",
        "locked_line",
        "one_pull",
        "one_token",
        "outbox_on_a_line",
        "stays_beside",
        "whose_slot",
    )
)
"""Modules whose tests leave schema, roles and settings as they are; who does not is marked `own_database`."""


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """An empty ledger of this test's own while it runs."""
    is_lent = request.module.__name__.rpartition(".")[2] in LENT
    if not is_lent or request.node.get_closest_marker("own_database"):
        return str(request.getfixturevalue("copied"))
    one: Lent = request.getfixturevalue("emptied")
    return one.name


@pytest.fixture
def copied(server: Server, made: str) -> Iterator[str]:
    """One that nobody had before."""
    with _copied(server, made) as name:
        yield name


@pytest.fixture
def emptied(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lent]:
    """An empty ledger, in a database that other tests had before and by connections that they had, for whoever leaves
    its schema and roles alone."""
    monkeypatch.setattr(work, "PatientConnection", KeptConnection)
    one = lent()
    yield one
    one.empty()


@pytest.fixture(scope="module")
def unchanged(server: Server, made: str) -> Iterator[str]:
    """An empty ledger for all of a module's tests that are refused: to make one costs more than what they do."""
    with _copied(server, made) as name:
        yield name


@contextmanager
def _copied(server: Server, made: str) -> Iterator[str]:
    name = server.copy(made, f"test{next(_NUMBERS)}")
    with psycopg.connect(server.url(name)) as db:
        roles.settle_in(db, BENCH)  # what is the database's own is not copied with it
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def connect(server: Server, database: str) -> Iterator[Connect]:
    """To that ledger; its schema is in the path."""
    with _connecting(server, database) as open_as:
        yield open_as


@pytest.fixture
def connect_unchanged(server: Server, unchanged: str) -> Iterator[Connect]:
    """To the one that is shared."""
    with _connecting(server, unchanged) as open_as:
        yield open_as


@contextmanager
def _connecting(server: Server, database: str) -> Iterator[Connect]:
    with ExitStack() as opened:

        def open_as(user: str = "admin") -> psycopg.Connection:
            db = opened.enter_context(closing(psycopg.connect(server.url(database, user), autocommit=True)))
            db.execute(f"SET search_path = {SCHEMA}, pg_temp")
            return db

        yield open_as


@pytest.fixture
def open_bench(server: Server, database: str, tmp_path: Path) -> Iterator[Open]:
    """A bench of the line, by its name, with a folder of its own."""
    with ExitStack() as opened:

        def open_again(name: str) -> Ledger:
            place = OnServer(url=server.url(database, BENCH), path=tmp_path / name / "state" / "line")
            around = Surroundings(home=tmp_path / name / "witness" / "home", machine=PC)
            return opened.enter_context(open_ledger(place, Vault(bytes(range(32))), around, actor=name))

        yield open_again
