# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches of a line have slots that are called alike: what happens in one bench's is nothing of the other's."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import pytest

from station.bench.outcome import due_lock
from station.cli.benches import told_of
from station.codes import Code
from station.desk.slots_now import slots_now
from station.errors import ConfigError, IntegrityAlarm
from station.events import SlotState
from station.ledger.believed import THIS_BENCH
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.model import IdentityKind
from station.report.counters import ShiftCount
from station.report.line import line_numbers
from station.rules import Outcome
from tests.ledger.ledger_samples import BATCH, single, uid

Open = Callable[[str], Ledger]
LAST = 10


@pytest.fixture
def two(open_bench: Open) -> tuple[Ledger, Ledger]:
    north, south = open_bench("north"), open_bench("south")
    for name, ledger in (("north", north), ("south", south)):
        ledger.line.call(name)
    return north, south


def fail(ledger: Ledger, times: int, slot: str = "1", outcome: Outcome = Outcome.FAIL) -> None:
    for _ in range(times):
        ledger.visits.record(VisitRow(at=time.time(), slot=slot, outcome=outcome, code=Code.E203, board_uid=uid(1)))


def test_a_locked_slot_stops_the_slot_of_its_own_bench_alone(two: tuple[Ledger, Ledger]) -> None:
    north, south = two
    north.locks.lock("1", Code.E602, "3 failures in a row")
    assert set(north.locks.held()) == {"1"}
    assert south.locks.held() == {}
    south.locks.lock("1", Code.E608, "bent pins", by="Li Wei")
    assert north.locks.held()["1"].code is Code.E602
    south.locks.unlock("1", "straightened", by="Li Wei", told=(Code.E608,))
    assert (set(north.locks.held()), south.locks.held()) == ({"1"}, {})
    with pytest.raises(ConfigError, match=r"is unlocked already, by Li Wei: straightened"):
        south.locks.unlock("1", "again", by="Wang Fang")
    north.locks.unlock("1", "needle replaced", by="Wang Fang")
    assert north.locks.everywhere() == []
    assert north.audit.verify() == south.audit.verify()


def test_failures_of_one_bench_do_not_lock_the_station_for_another_and_an_alarm_does(
    two: tuple[Ledger, Ledger],
) -> None:
    north, south = two
    for slot in ("1", "2", "3"):
        fail(north, 2, slot)
    assert due_lock(south, "1") is None
    due = due_lock(north, "1")
    assert (due and due.scope, due and due.code) == (THIS_BENCH, Code.E603)
    fail(north, 1, outcome=Outcome.ALARM)
    due = due_lock(south, "1")
    assert due and (due.scope, due.what) == (STATION, "the station is locked: an alarm at another bench")


def test_a_second_word_on_a_benchs_own_lock_is_refused_and_forgets_nothing_of_the_line(
    two: tuple[Ledger, Ledger],
) -> None:
    north, south = two
    north.locks.lock(THIS_BENCH, Code.E603, "6 failures in the last 10 boards")
    north.locks.unlock(STATION, "needle replaced", by="Wang Fang", told=(Code.E603,))
    fail(south, 5)
    with pytest.raises(ConfigError, match=r"is unlocked already, by Wang Fang: needle replaced"):
        north.locks.unlock(STATION, "again", by="Li Wei", told=(Code.E603,))
    assert south.locks.outcomes_since_unlock(STATION, last=LAST) == [Outcome.FAIL] * 5


def test_failures_of_one_bench_do_not_lock_the_others_slot_nor_are_forgotten_with_theirs(
    two: tuple[Ledger, Ledger],
) -> None:
    north, south = two
    fail(north, 2)
    fail(south, 1)
    assert due_lock(south, "1") is None
    south.locks.unlock("1", "looked at", by="Li Wei")
    fail(north, 1)
    assert north.locks.outcomes_since_unlock("1", last=LAST) == [Outcome.FAIL] * 3
    assert south.locks.outcomes_since_unlock("1", last=LAST) == []
    due = due_lock(north, "1")
    assert (due and due.scope, due and due.code) == ("1", Code.E602)
    assert [len(ledger.visits.of_slot("1", LAST)) for ledger in two] == [3, 1]


def test_the_stations_lock_and_an_alarm_are_the_lines(two: tuple[Ledger, Ledger]) -> None:
    north, south = two
    fail(north, 1, outcome=Outcome.ALARM)
    due = due_lock(south, "2")
    assert (due and due.scope) == STATION
    north.locks.lock(STATION, Code.E701, "clone")
    assert south.locks.held()[STATION].code is Code.E701
    south.locks.unlock(STATION, "both are kept", by="Li Wei")
    assert north.locks.held() == {}


def test_what_failed_at_one_bench_locks_its_station_alone(two: tuple[Ledger, Ledger]) -> None:
    north, south = two
    for slot in ("1", "2", "3"):
        fail(north, 2, slot)
    north.locks.lock(THIS_BENCH, Code.E603, "6 failures in the last 10 boards")
    assert (north.locks.held()[STATION].code, south.locks.held()) == (Code.E603, {})
    assert [lock.where for lock in line_numbers(south, plan=0).locks] == ["north"]
    north.locks.unlock(STATION, "needle replaced", by="Wang Fang", told=(Code.E603,))
    assert due_lock(north, "1") is None
    north.locks.lock(THIS_BENCH, Code.E603, "6 failures in the last 10 boards")
    south.locks.lock(STATION, Code.E608, "lunch", by="Li Wei")
    assert {ledger.locks.held()[STATION].code for ledger in two} == {Code.E608}
    for told in (Code.E608, Code.E603):  # one after the other, as each is told
        north.audit.verify()
        north.locks.unlock(STATION, "seen to", by="Wang Fang", told=(told,))
    assert north.locks.everywhere() == []
    assert north.audit.verify() == south.audit.verify()


def test_a_slot_that_was_locked_before_benches_were_told_apart_stays_so_at_each(
    two: tuple[Ledger, Ledger], connect: Callable[..., psycopg.Connection]
) -> None:
    north, south = two
    connect().execute("INSERT INTO locks (code, what, since, scope) VALUES ('E602', 'bent', '2026', '1')")
    assert {ledger.locks.held()["1"].what for ledger in two} == {"bent"}
    north.locks.unlock("1", "straightened", by="Li Wei")
    assert south.locks.held() == {}
    with pytest.raises(psycopg.errors.CheckViolation):
        connect().execute("INSERT INTO locks VALUES ('', 'E603', 'one bench alone', '2026', 'north')")


def test_what_a_slot_shows_is_its_own_benchs(two: tuple[Ledger, Ledger]) -> None:
    north, _ = two
    north.receive(BATCH, [single("cam0")])
    fail(north, 1)
    counts = [ShiftCount(ledger, 0.0) for ledger in two]
    passed = [count.counters(time.time()).failed for count in counts]
    assert passed == [1, 1]
    shown = [slots_now(ledger, ["1"], count.last_stays())[0].state for ledger, count in zip(two, counts, strict=True)]
    assert shown == [SlotState.FAIL, None]
    north.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
    assert [slots_now(ledger, ["1"], {})[0].state for ledger in two] == [SlotState.BUSY, None]


def test_the_wall_of_the_line_says_whose_slot_is_locked(two: tuple[Ledger, Ledger]) -> None:
    north, south = two
    north.locks.lock("1", Code.E602, "3 failures in a row")
    south.locks.lock("1", Code.E608, "bent pins", by="Li Wei")
    south.locks.lock(STATION, Code.E608, "lunch", by="Li Wei")
    assert {lock.where for lock in line_numbers(south, plan=0).locks} == {"north/1", "south/1", ""}
    assert told_of(south.line.locks()[0]) == "north/1: E602 3 failures in a row"


def test_whose_slot_it_was_is_proved_by_the_audit(
    two: tuple[Ledger, Ledger], connect: Callable[..., psycopg.Connection]
) -> None:
    north, _ = two
    north.locks.lock("1", Code.E602, "3 failures in a row")
    north.audit.verify()
    connect().execute("UPDATE locks SET bench = 'ffffffffffffffff'")
    with pytest.raises(IntegrityAlarm, match="the lock of 1 is not what the lines say"):
        north.audit.verify()
