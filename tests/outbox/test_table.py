# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver that is a table in an SQLite file: a row each, once; what is in its way is said, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station.errors import StationError
from station.ledger.store import Ledger
from station.outbox.courier import Courier
from station.outbox.receiver import EventRefused
from station.outbox.table import COLUMNS, TableReceiver
from tests.outbox.no_files import NO_FILES, put_no_file
from tests.outbox.stays import passed, stayed
from tests.outbox.table_rows import receiver, row


def rows(file: Path, columns: str = "*", table: str = "station_visits") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute(f"SELECT {columns} FROM {table} ORDER BY number").fetchall()


def run(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.executescript(sql)


def fault_of(told: TableReceiver) -> StationError:
    with pytest.raises(StationError) as caught:
        told.deliver(row())
    assert caught.value.code == "E318"
    assert caught.value.do
    return caught.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "erp.db"


@pytest.fixture
def table(tmp_path: Path, file: Path) -> TableReceiver:
    return receiver(tmp_path, f"sqlite://{file}")


def test_each_event_is_one_row_however_often_it_is_told(table: TableReceiver, file: Path) -> None:
    table.look()
    for number in (1, 2, 1, 2):
        table.deliver(row(number))
    table.look()
    table.close()
    assert rows(file, "id, number") == [("key-1", 1), ("key-2", 2)]
    first = dict(zip(COLUMNS, rows(file)[0], strict=True))
    whole = json.loads(first.pop("event"))
    first["order"] = first.pop("work_order")
    assert first.items() <= whole.items()
    assert (whole["schema"], whole["phases"]) == (1, {"write": 0.5})
    assert file.stat().st_mode & 0o027 == 0


def test_what_the_ledger_has_comes_to_the_table(ledger: Ledger, table: TableReceiver, file: Path) -> None:
    ledger.outbox.begin("erp")
    passed(ledger, 1)
    stayed(ledger, 2)
    stayed(ledger, None)
    Courier(table, ledger, "bench-1", lambda *_: None).send()
    table.close()
    told = rows(file, "uid, outcome, code, device, proof, attempt")
    assert told == [
        ("a0b1c2000001", "PASS", None, "cam1", "readback", 1),
        ("a0b1c2000002", "FAIL", "E201", None, None, None),
        (None, "FAIL", "E201", None, None, None),
    ]
    assert b"secret-of-cam1" not in file.read_bytes()


def test_a_table_that_was_dropped_is_made_again(table: TableReceiver, file: Path) -> None:
    table.deliver(row(1))
    run(file, "DROP TABLE station_visits")
    table.deliver(row(2))
    assert rows(file, "number") == [(2,)]


@pytest.mark.parametrize(
    "otherwise",
    [
        "CREATE TABLE station_visits (id TEXT PRIMARY KEY, number INTEGER)",
        "CREATE TABLE station_visits (" + ", ".join(COLUMNS) + ")",  # nothing says that an id comes once
    ],
)
def test_a_table_that_is_otherwise_is_said_with_the_statement_to_run(
    table: TableReceiver, file: Path, otherwise: str
) -> None:
    run(file, otherwise)
    fault = fault_of(table)
    assert str(file) in fault.what
    assert "CREATE TABLE" in fault.do
    run(file, "DROP TABLE station_visits; " + fault.do.removeprefix("run there: "))
    table.deliver(row())
    assert rows(file, "number") == [(1,)]


def test_a_table_of_their_own_with_more_in_it_is_taken(tmp_path: Path, file: Path) -> None:
    table = receiver(tmp_path, f"sqlite://{file}", 'table = "Order"')
    columns = ", ".join(f"{name} UNIQUE" if name == "id" else name for name in COLUMNS)
    run(file, f"CREATE TABLE \"Order\" ({columns}, plant TEXT DEFAULT 'A', CHECK (slot <> '13'))")
    table.deliver(row(1))
    with pytest.raises(EventRefused, match="CHECK"):
        table.deliver(row(2, slot="13"))
    table.deliver(row(3))
    assert rows(file, "number, plant", '"Order"') == [(1, "A"), (3, "A")]


@pytest.mark.parametrize("there", [*NO_FILES, "no folder", "no database"])
def test_a_file_that_is_none_takes_nothing(tmp_path: Path, there: str) -> None:
    path = tmp_path / "there"
    if there in NO_FILES:
        put_no_file(there, path)
    elif there == "no folder":
        path = path / "erp.db"
    else:
        path.write_text("these are no pages of a database" * 40)
    table = receiver(tmp_path, f"sqlite://{path}")
    assert str(path) in fault_of(table).what
    with pytest.raises(StationError):
        table.look()
    assert not (tmp_path / "elsewhere").exists()


def test_one_that_only_reads_is_said_and_goes_on_when_it_writes_again(table: TableReceiver, file: Path) -> None:
    table.deliver(row(1))
    table.close()
    made = table.connect

    def read_only() -> Any:
        link = made()
        link.run("PRAGMA query_only = ON")
        return link

    table.connect = read_only
    assert "readonly" in fault_of(table).what
    table.connect = made
    table.deliver(row(2))
    assert rows(file, "number") == [(1,), (2,)]


def test_another_program_that_writes_is_waited_for(table: TableReceiver, file: Path) -> None:
    table.deliver(row(1))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        waiting = threading.Thread(target=table.deliver, args=(row(2),))
        waiting.start()
        other.execute("COMMIT")
        waiting.join()
    assert rows(file, "number") == [(1,), (2,)]


def test_it_may_be_closed_by_another_thread_at_any_moment(table: TableReceiver, file: Path) -> None:
    table.deliver(row(1))
    threading.Thread(target=table.close).start()
    for number in range(2, 20):
        try:
            table.deliver(row(number))
        except StationError:
            table.deliver(row(number))
    assert len(rows(file, "number")) == 19
