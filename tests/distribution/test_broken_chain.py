# SPDX-License-Identifier: GPL-3.0-or-later
"""A counter whose audit chain is broken gives nothing out, be its lock kept or not."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from station.codes import Code, Exit
from station.events import Notice
from station.ledger.locks import STATION
from tests.distribution.line_clients import Desk
from tests.raw import disk_fails


@pytest.fixture
def broken(desk: Desk) -> Desk:
    """A shut one; the first of its lines was forged."""
    desk.ledger.audit.note("shift begins", operator="7")
    desk.close()
    with closing(sqlite3.connect(desk.ledger.path)) as db, db:
        db.execute("DROP TRIGGER fix_audit")
        db.execute("UPDATE audit SET actor = 'someone' WHERE seq = 1")
    return desk


def test_it_locks_the_station_before_the_first_client_asks(broken: Desk) -> None:
    broken.open()
    assert broken.ledger.locks.held()[STATION].code is Code.E702
    assert (broken.ask(0)["Code"], broken.taken()) == ("E702", 0)
    assert broken.counter.tally.exit is Exit.INTEGRITY


def test_where_the_lock_cannot_be_kept_nothing_goes_out_all_the_same(broken: Desk) -> None:
    disk_fails(broken.ledger)
    broken.open()
    disk_fails(broken.ledger, fails=False)
    assert STATION not in broken.ledger.locks.held()
    assert (broken.ask(0)["Code"], broken.taken()) == ("E702", 0)
    assert len([one for one in broken.events if isinstance(one, Notice) and one.serious]) == 1
