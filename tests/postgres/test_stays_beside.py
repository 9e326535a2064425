# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards' stays on a line: kept beside what other benches do, one by one among themselves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from station.ledger.audit import append, now
from station.ledger.postgres.at_once import number_in_locks
from station.ledger.proof import of_visit_behind
from station.ledger.server import BENCH
from station.model import IdentityKind
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.outbox.stays import stayed
from tests.postgres.conftest import Connect, Open
from tests.postgres.server import Server

SINGLE = (["a1Camera"], IdentityKind.SINGLE)
_WAITS = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_a_stay_waits_for_no_other_bench_s_commit_and_none_waits_for_it(open_bench: Open, connect: Connect) -> None:
    one, other = open_bench("one"), open_bench("other")
    one.receive(BATCH, [single(f"cam{n}") for n in range(2)])
    with one.book.write(beside=True):  # in the middle of a step
        stayed(other, 1)
    with _in_the_middle_of_a_stay(connect):
        claim = one.reserve(*SINGLE, uid(2), "1")
        one.begin(claim.attempt)
        one.consume(claim.attempt, evidence(claim))
    assert [visit.number for visit in one.visits.since(0)] == [1, 2]
    one.audit.verify()


def test_no_higher_number_is_seen_before_a_lower_one(open_bench: Open, connect: Connect) -> None:
    """Who reads on from the last number would miss the lower one."""
    one, db = open_bench("one"), connect()
    with ThreadPoolExecutor(1) as pool:
        with _in_the_middle_of_a_stay(connect):
            waiting = pool.submit(stayed, one, 2)
            _until_it_waits(db, waiting)
            assert one.visits.since(0) == []
        waiting.result(60)
    seen = one.visits.since(0)
    assert [(visit.number, visit.board_uid) for visit in seen] == [(1, uid(1)), (2, uid(2))]


def test_whoever_has_the_lines_turn_sees_all_stays_of_before_and_none_of_meanwhile(
    open_bench: Open, connect: Connect
) -> None:
    one, other, db = open_bench("one"), open_bench("other"), connect()
    with ThreadPoolExecutor(1) as pool:
        with one.book.write():
            waiting = pool.submit(stayed, other, 1)
            _until_it_waits(db, waiting)
        waiting.result(60)
    assert len(one.visits.since(0)) == 1


def test_a_stay_waits_for_other_processes_of_its_bench(open_bench: Open, connect: Connect) -> None:
    """They write one chain."""
    one, again, db = open_bench("one"), open_bench("one"), connect()
    with ThreadPoolExecutor(1) as pool:
        with one.book.write(beside=True) as work:
            append(work, "note", actor="one")
            waiting = pool.submit(stayed, again, 1)
            _until_it_waits(db, waiting)
        waiting.result(60)
    one.audit.verify()


def test_a_stay_waits_for_no_disk(open_bench: Open, server: Server) -> None:
    """The next commit takes it along."""
    one = open_bench("one")
    with _nobody_else_writes_the_log(server), psycopg.connect(server.url(), autocommit=True) as db:
        before = _synced(db)
        stayed(one, 1)
        assert _synced(db) == before
        one.facts.set("note", "1", event="note")
        assert _synced(db) > before
        stayed(one, 2)
        before = _synced(db)
        one.outbox.make_last()
        assert _synced(db) > before


def test_a_stay_of_whole_seconds_is_proved_as_it_is_kept(open_bench: Open) -> None:
    one = open_bench("one")
    stayed(one, 1, at=1_800_000_000, seconds=2)
    one.audit.verify()


@contextmanager
def _nobody_else_writes_the_log(server: Server) -> Iterator[None]:
    server.tell_log_writer(signal.SIGSTOP)
    try:
        yield
    finally:
        server.tell_log_writer(signal.SIGCONT)


def _synced(db: psycopg.Connection) -> str:
    """How far the log is on the disk."""
    (row,) = db.execute("SELECT lpad(split_part(pg_current_wal_flush_lsn()::text, '/', 2), 8, '0')").fetchall()
    return str(row[0])


@contextmanager
def _in_the_middle_of_a_stay(connect: Connect) -> Iterator[None]:
    """Of board 1, at a third bench: it has its number, and is not kept yet."""
    db, chain = connect(BENCH), "0123456789abcdef"
    columns = (1.0, "1", uid(1), "FAIL", "E201", "", None, None, 1.5, "OP7", "{}", chain)
    said = (number_in_locks(chain), chain, "third", now(), "", *columns[:-1], of_visit_behind(columns))
    with db.transaction():
        db.execute(f"SELECT stay_at_once({','.join(['%s'] * len(said))})".encode(), said)
        yield


def _until_it_waits(db: psycopg.Connection, waiting: Future[None]) -> None:
    while not waiting.done() and db.execute(_WAITS).fetchone() is None:
        pass
    assert not waiting.done()
