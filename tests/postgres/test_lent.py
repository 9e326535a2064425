# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests have one after the other is new to each: a database, and the server's processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from station.codes import Code
from station.ledger.locks import STATION
from station.ledger.postgres import guards
from station.ledger.postgres.connection import LineConnection
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import one_in_each_state
from tests.postgres.conftest import Connect
from tests.postgres.kept import KeptConnection
from tests.postgres.lent import Lent
from tests.postgres.server import Server

TABLES = (
    "SELECT relname::text, relhastriggers, relacl::text FROM pg_class WHERE relnamespace = 'station'::regnamespace"
    " AND relkind IN ('r','S') ORDER BY 1"
)


def all_of(db: psycopg.Connection[Any]) -> dict[str, object]:
    """Rows, numbers to come, guards and rights."""
    tables = db.execute(TABLES).fetchall()
    rows = {name: db.execute(f"SELECT * FROM {SCHEMA}.{name}".encode()).fetchall() for name, *_ in tables}
    with db.transaction():
        return rows | {"": (tables, guards.objects(db, SCHEMA))}


@pytest.fixture
def ledger(server: Server, emptied: Lent, tmp_path: Path) -> Iterator[Ledger]:
    place = LineConnection(server.url(emptied.name, BENCH), tmp_path / "line")
    with Ledger(place, Vault(bytes(32))) as opened:
        yield opened


def test_a_ledger_that_was_emptied_is_as_a_new_one(
    server: Server, emptied: Lent, ledger: Ledger, connect: Connect
) -> None:
    one_in_each_state(ledger)
    ledger.locks.lock(STATION, Code.E702, "set back")  # only a recovery ends it
    with psycopg.connect(server.url(emptied.name), autocommit=True) as db:
        new, filled = all_of(connect()), all_of(db)
        emptied.empty()
        assert all_of(db) == new
    assert sum(filled[name] != new[name] for name in new) >= 10, "there was little to empty"


def test_who_was_left_there_is_gone(emptied: Lent, ledger: Ledger) -> None:
    emptied.empty()
    with pytest.raises(psycopg.OperationalError):
        engine_of(ledger)._writing.server().execute("SELECT 1")


def engine_of(ledger: Ledger) -> LineConnection:
    engine = ledger.book.connection
    assert isinstance(engine, LineConnection)
    return engine


def session_of(db: psycopg.Connection[Any]) -> list[Any]:
    """What it has for itself."""
    asked = (
        "SELECT name, setting FROM pg_settings WHERE source IN ('session', 'client') ORDER BY 1",
        "SELECT statement FROM pg_prepared_statements WHERE NOT from_sql",
        "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
    )
    return [list(map(tuple, db.execute(sql.encode()))) for sql in asked]


@pytest.fixture
def kept(server: Server, emptied: Lent, tmp_path: Path) -> Iterator[LineConnection]:
    """A bench whose connections are kept."""
    place = LineConnection(server.url(emptied.name, BENCH), tmp_path / "line")
    place.be_seen()
    yield place
    place.close()


@pytest.mark.parametrize(("last", "goes_on"), [("SELECT 1", True), ("BEGIN", False)])
def test_a_connection_that_ended_well_goes_on_as_a_new_one(
    server: Server, kept: LineConnection, *, last: str, goes_on: bool
) -> None:
    used = kept._writing.server()
    process = used.info.backend_pid
    for sql in ["SELECT 2"] * 9 + [last]:
        used.execute(sql.encode(), prepare=True)
    kept.close()
    assert used.closed
    url = server.url("lent", BENCH)
    with (
        closing(
            KeptConnection.connect(url, autocommit=True, application_name="station", client_encoding="utf8")
        ) as again,
        closing(psycopg.connect(url, autocommit=True, application_name="station", client_encoding="utf8")) as new,
    ):
        assert (again.info.backend_pid == process) is goes_on
        assert session_of(again) == session_of(new)


def test_none_that_was_cut_meanwhile_is_given_out(server: Server, emptied: Lent, kept: LineConnection) -> None:
    process = kept._writing.server().info.backend_pid
    kept.close()
    server.end(process)
    kept._writing.server().execute("SELECT 1")
