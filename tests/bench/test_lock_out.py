# SPDX-License-Identifier: GPL-3.0-or-later
"""When failures lock: as often as the bench has it, never by what the station is to blame for, nor in a run that a
supervisor let go on; and no text speaks of another bench where there is none."""

from __future__ import annotations

import pytest

from station.bench.outcome import due_lock
from station.bench.setup import lock_out_of
from station.codes import Blame, Code
from station.config.settings import load
from station.errors import ConfigError
from station.events import SlotState
from station.ledger.values import VisitRow
from station.rules import LockOut, Outcome
from tests.bench.bench_hall import Hall


def stay(hall: Hall, outcome: Outcome, code: Code | None = None, **details: str) -> None:
    hall.ledger.visits.record(VisitRow(at=0.0, slot="1", outcome=outcome, code=code, details=details))


def test_no_fault_of_the_station_counts_whatever_it_left_in_doubt(hall: Hall) -> None:
    hall.open_ledger()
    for code in Code:
        if code.blame in (Blame.STATION, Blame.CLOUD):
            stay(hall, Outcome.IN_DOUBT, code)
    assert due_lock(hall.ledger, "1") is None
    for failed in (Outcome.FAIL, Outcome.FAIL, Outcome.IN_DOUBT):
        assert due_lock(hall.ledger, "1") is None
        stay(hall, failed, Code.E311 if failed is Outcome.IN_DOUBT else Code.E204)
        for _ in range(10):  # what does not count pushes nothing out of sight
            stay(hall, Outcome.IN_DOUBT, Code.E310)
    due = due_lock(hall.ledger, "1")
    assert (due and due.code, due and due.what) == (
        Code.E602,
        "slot 1 is locked: 3 failures in a row, probably the fixture",
    )


def test_stays_of_a_run_without_the_lock_out_count_in_no_later_one(hall: Hall) -> None:
    hall.open_ledger()
    for _ in range(9):
        stay(hall, Outcome.FAIL, Code.E204, **{"lock-out": "off"})
    stay(hall, Outcome.FAIL, Code.E204)
    assert due_lock(hall.ledger, "1") is None


def test_the_stations_lock_says_what_it_is_for_and_names_no_other_bench(hall: Hall) -> None:
    hall.open_ledger()
    for _ in range(4):
        stay(hall, Outcome.FAIL, Code.E204)
    due = due_lock(hall.ledger, "2", LockOut(of_last_ten=4))
    assert (due and due.what) == "the station is locked: 4 failures in the last 10 boards"
    stay(hall, Outcome.ALARM, Code.E701)
    due = due_lock(hall.ledger, "2", LockOut(of_last_ten=4))
    assert (due and due.what) == "the station is locked: an alarm"


def test_a_bench_locks_by_its_own_limits_and_without_any_not_at_all(hall: Hall) -> None:
    bench = hall.start(1)
    bench.stays.lock_out = None
    for number in range(1, 4):
        hall.board(number, 1, flips_stored_byte=True)
        hall.until(1, SlotState.FAIL)
        hall.boards[number].unplug()
        hall.until(1, SlotState.EMPTY)
        hall.seen.clear()
        hall.noticed(1, there=False)
    assert hall.ledger.locks.held() == {}
    bench.stays.lock_out = LockOut(in_a_row=2)
    for number in (4, 5):
        hall.seen.clear()
        hall.board(number, 1, flips_stored_byte=True)
        hall.until(1, SlotState.FAIL)
        hall.boards[number].unplug()
        hall.noticed(1, there=False)
    assert hall.ledger.locks.held()["1"].what == "slot 1 is locked: 2 failures in a row, probably the fixture"


def test_limits_are_read_from_the_configuration_within_bounds() -> None:
    chosen = load(None, {"bench.lock_slot_after": "10", "bench.lock_station_after": "2"}, {})
    assert lock_out_of(chosen) == LockOut(in_a_row=10, of_last_ten=2)
    assert lock_out_of(load(None, {}, {})) == LockOut()
    for wrong in ("1", "11", "0", "-3"):
        with pytest.raises(ConfigError, match=r"lock_slot_after must be 2 to 10; .*lock_station_after must be 2 to 10"):
            load(None, {"bench.lock_slot_after": wrong, "bench.lock_station_after": wrong}, {})
