# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench whose audit chain is broken flashes nothing."""

from __future__ import annotations

import sqlite3

from station.events import SlotState
from station.ledger.locks import STATION
from tests.bench.bench_hall import Hall


def test_a_broken_audit_chain_locks_the_station_before_the_first_board(hall: Hall) -> None:
    hall.open_ledger()
    hall.ledger.audit.note("shift begins", operator="7")
    raw = sqlite3.connect(hall.folder / "ledger.db")
    raw.execute("DROP TRIGGER fix_audit")
    raw.execute("UPDATE audit SET actor = 'someone' WHERE seq = 1")
    raw.commit()
    raw.close()
    hall.board(1, 1)
    hall.start(1)
    assert hall.until(1, SlotState.LOCKED).code == "E702"
    assert hall.holds(1) == []
    assert hall.ledger.locks.held()[STATION].code == "E702"
