# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver that is a table on a PostgreSQL server of the factory's own, by a role that may do little."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from station.errors import ConfigError, StationError
from station.outbox.receiver import EventRefused
from station.outbox.table import TableReceiver
from tests.outbox.table_rows import receiver, row
from tests.postgres.server import Server
from tests.waiting import until

PASSWORD = "pass-phrase-of-the-erp"


@pytest.fixture(scope="module")
def erp(server: Server) -> Iterator[str]:
    server.execute("CREATE DATABASE erp")
    server.execute(f"CREATE ROLE erp_writer LOGIN PASSWORD '{PASSWORD}'")
    yield "erp"
    server.execute("DROP DATABASE erp WITH (FORCE)")
    server.execute("DROP ROLE erp_writer")


@pytest.fixture
def place(server: Server, erp: str, tmp_path: Path) -> Iterator[Place]:
    made = Place(server, erp, tmp_path)
    made.run("CREATE SCHEMA mes")
    made.run("GRANT USAGE ON SCHEMA mes TO erp_writer")
    yield made
    made.table.close()
    made.run("DROP SCHEMA mes CASCADE")


class Place:
    def __init__(self, server: Server, database: str, folder: Path) -> None:
        self.server, self.database = server, database
        secret = folder / "password"
        secret.write_text(f"{PASSWORD}\n")
        secret.chmod(0o600)
        url = server.tcp_url(database, "erp_writer")
        self.table: TableReceiver = receiver(folder, url, 'table = "mes.visits"', f'password_file = "{secret}"')

    def run(self, sql: str) -> None:
        self.server.execute(sql, self.database)

    def backends(self, which: str = "true") -> list[int]:
        """The server's processes for the receiver."""
        sql = f"SELECT pid FROM pg_stat_activity WHERE usename = 'erp_writer' AND {which}"
        with psycopg.connect(self.server.url()) as db:
            return [pid for (pid,) in db.execute(sql.encode())]

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.url(self.database)) as db:
            return db.execute(f"SELECT {columns} FROM mes.visits ORDER BY number".encode()).fetchall()


def fault_of(told: TableReceiver) -> StationError:
    with pytest.raises(StationError) as caught:
        told.deliver(row())
    assert caught.value.code == "E318"
    assert PASSWORD not in caught.value.lines()
    return caught.value


def test_each_event_is_one_row_in_a_table_that_was_made(place: Place) -> None:
    place.run("GRANT CREATE ON SCHEMA mes TO erp_writer")
    place.table.look()
    for number in (1, 2, 1):
        place.table.deliver(row(number))
    place.table.look()
    about = "number, uid, work_order, ended - began = interval '1.5 s', event->>'outcome', attempt"
    assert place.rows(about) == [
        (1, "a0b1c2000001", "WO-1", True, "PASS", 1),
        (2, "a0b1c2000001", "WO-1", True, "PASS", 1),
    ]


def test_who_may_not_make_it_is_told_the_statement_and_needs_no_more_than_to_insert(place: Place) -> None:
    fault = fault_of(place.table)
    assert "cannot be made" in fault.what
    place.run(fault.do.removeprefix("run there: "))
    assert "InsufficientPrivilege" in fault_of(place.table).what
    place.run("GRANT INSERT, SELECT (id) ON mes.visits TO erp_writer")
    place.table.deliver(row())
    place.table.deliver(row())
    assert place.rows("number") == [(1,)]


def test_a_cut_a_dropped_table_and_a_rule_of_the_tables(place: Place) -> None:
    place.run("GRANT CREATE ON SCHEMA mes TO erp_writer")
    place.table.deliver(row(1))
    place.server.end(*place.backends())
    fault_of(place.table)
    place.table.deliver(row(1))
    assert place.rows("number") == [(1,)]
    place.run("DROP TABLE mes.visits")
    place.table.deliver(row(2))
    place.run("ALTER TABLE mes.visits ADD CHECK (slot <> '13')")
    with pytest.raises(EventRefused, match="CheckViolation"):
        place.table.deliver(row(3, slot="13"))
    place.table.deliver(row(4))
    assert place.rows("number") == [(2,), (4,)]
    place.run("ALTER TABLE mes.visits DROP COLUMN proof")
    assert "CREATE TABLE" in fault_of(place.table).do
    with pytest.raises(StationError):
        place.table.look()


def test_a_server_that_hangs_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.run("GRANT CREATE ON SCHEMA mes TO erp_writer")
    place.table.deliver(row(1))
    (backend,) = place.backends()
    monkeypatch.setattr("station.outbox.table_on_server.TAKES_S", 0.2)
    os.kill(backend, signal.SIGSTOP)
    try:
        assert "was not complete" in fault_of(place.table).what
    finally:
        os.kill(backend, signal.SIGCONT)
    monkeypatch.undo()
    place.table.deliver(row(2))
    assert place.rows("number") == [(1,), (2,)]


def test_a_statement_under_way_is_ended_by_whoever_closes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.outbox.table_on_server.TAKES_S", 1000.0)
    monkeypatch.setattr("station.outbox.table_on_server._LIMITS", "")
    place.run("GRANT CREATE ON SCHEMA mes TO erp_writer")
    place.table.deliver(row(1))
    with psycopg.connect(place.server.url("erp")) as other, ThreadPoolExecutor(1) as pool:
        other.execute("LOCK TABLE mes.visits")
        waiting = pool.submit(fault_of, place.table)
        until(lambda: place.backends("wait_event_type = 'Lock'"))
        place.table.close()
        assert waiting.result().code == "E318"


def test_who_is_not_let_in_or_reaches_nobody_is_told_so_without_the_password(
    place: Place, server: Server, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("another-pass-phrase")
    wrong.chmod(0o600)
    refused = receiver(tmp_path, server.tcp_url("erp", "erp_writer"), f'password_file = "{wrong}"')
    assert "does not let this role in" in fault_of(refused).what
    nobody = receiver(tmp_path, "postgresql://erp_writer@127.0.0.1:1/erp", f'password_file = "{wrong}"')
    assert "cannot be reached" in fault_of(nobody).what
    wrong.chmod(0o644)
    with pytest.raises(ConfigError) as caught:
        refused.deliver(row())
    assert caught.value.code == "E114"


@pytest.mark.parametrize("address", ["socket", "tcp"])
def test_a_database_that_holds_a_ledger_is_no_receiver_however_it_is_written(
    place: Place, database: str, tmp_path: Path, address: str
) -> None:
    server, secret = place.server, f'password_file = "{tmp_path}/password"'
    spelt = {"socket": server.url(database), "tcp": server.tcp_url(database, "erp_writer")}
    table = receiver(tmp_path, spelt[address], *([secret] if address == "tcp" else []))
    for tried in (table.look, lambda: table.deliver(row())):
        with pytest.raises(StationError, match="holds a station's ledger"):
            tried()
    with psycopg.connect(server.url(database)) as db:
        assert db.execute("SELECT to_regclass('station_visits')").fetchone() == (None,)
