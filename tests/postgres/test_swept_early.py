# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever claims walks past what was given out since the server last swept the table: that is never much."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.postgres.server import Server, empty_ledger
from tests.waiting import until

STOCK, GIVEN_OUT = 12_000, 2_350
"""Less than the fifth of all for which a server would wait of itself."""
SWEPT = "SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'identities'"


@pytest.fixture
def often() -> Iterator[Server]:
    """It looks each second what there is to sweep, instead of each minute; not for what came in alone."""
    server = Server(autovacuum_naptime="1", autovacuum_vacuum_insert_threshold="-1").start()
    yield server
    server.remove()


def test_a_line_s_queue_is_swept_long_before_a_fifth_of_it_was_given_out(often: Server) -> None:
    with psycopg.connect(often.url(empty_ledger(often)), autocommit=True) as db:
        db.execute("SET search_path = station, pg_temp")
        db.execute("ALTER TABLE identities DISABLE TRIGGER ALL")  # neither its batch nor its boards are there
        db.execute(
            "INSERT INTO identities (id, batch, provider, product_key, kind, size, state, changed_at) SELECT n, 1,"
            f" 'alibaba', 'a1Camera', 'single', 1, 'READY', '2026' FROM generate_series(1, {STOCK}) AS n".encode()
        )
        db.execute("ANALYZE identities")
        db.execute(f"UPDATE identities SET state = 'RETIRED', reason = 'tried' WHERE id <= {GIVEN_OUT}".encode())
        until(lambda: _first(db, SWEPT))


def _first(db: psycopg.Connection, asked: str) -> int:
    (found,) = db.execute(asked.encode()).fetchall()
    return int(found[0])
