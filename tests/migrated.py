# SPDX-License-Identifier: GPL-3.0-or-later
"""A new ledger's file begins as a copy of one that was migrated, once a process: its forty tables and triggers cost a
test more than what it does with them. Only an empty file is filled so; an older one takes its steps. How the steps run
is tests/ledger/test_migrations.py's matter, which has them run.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from station.ledger.sqlite import connection, guards, migrating

_ITS_OWN = "UPDATE meta SET value = lower(hex(randomblob(16))) WHERE key = 'ledger_id'"


def copy_from_now_on() -> None:
    """For every ledger that this process makes."""
    _makes_new_ones(fill)


def know_the_schema() -> None:
    """What a station that opens a ledger compares it with, made once for all that this process forks."""
    guards._expected(tuple(migrating.applied(_migrated())))


@contextmanager
def step_by_step() -> Iterator[None]:
    """As the station does it."""
    _makes_new_ones(migrating.migrate)
    try:
        yield
    finally:
        _makes_new_ones(fill)


def _makes_new_ones(how: Callable[[sqlite3.Connection], None]) -> None:
    setattr(connection, "migrate", how)  # noqa: B010 - a name that it imports


def fill(db: sqlite3.Connection) -> None:
    """An empty file with the present schema; any other one takes the steps that are left."""
    if migrating.applied(db):
        migrating.migrate(db)
        return
    _migrated().execute(_ITS_OWN)
    _migrated().backup(db)


@functools.cache
def _migrated() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrating.migrate(db)
    return db
