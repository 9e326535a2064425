# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a ledger that was set back, and SQLite's ways of writing a row over another one."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from station.codes import Code
from station.ledger.locks import STATION
from station.ledger.store import Ledger

OVER = [
    "UPDATE OR REPLACE locks SET scope = '', code = 'E601' WHERE scope = '1'",
    "INSERT OR REPLACE INTO locks (scope, code, what, since) VALUES ('', 'E702', 'other words', '')",
    "INSERT INTO locks (scope, code, what, since) VALUES ('', 'E601', '', '')"
    " ON CONFLICT DO UPDATE SET code = excluded.code",
]


@pytest.mark.parametrize("sql", OVER)
def test_no_row_is_written_over_it(ledger: Ledger, sql: str) -> None:
    ledger.locks.lock(STATION, Code.E702, "it was set back")
    ledger.locks.lock("1", Code.E602, "three in a row")
    with closing(sqlite3.connect(ledger.path)) as db, pytest.raises(sqlite3.IntegrityError, match="only a recovery"):
        db.execute(sql)
    assert ledger.locks.held()[STATION].what == "it was set back"
