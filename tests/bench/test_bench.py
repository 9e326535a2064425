# SPDX-License-Identifier: GPL-3.0-or-later
"""Many slots at once: boards come and go on real ptys, trouble stays in its slot, lock-outs survive a restart."""

from __future__ import annotations

import errno
import os
import time

import pytest

from station.bench import bench as bench_module
from station.codes import Blame, Exit
from station.events import Notice, SlotEvent, SlotState
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Provider, Secret, State
from station.profiles.profile import Profile
from station.report.counters import ShiftCount
from station.rules import Outcome
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.bench.bench_hall import HASTY, Hall
from tests.waiting import PATIENCE_S


def test_a_plugged_board_is_flashed_without_a_key_and_the_slot_empties_when_it_leaves(hall: Hall) -> None:
    hall.start(2)
    hall.until(1, SlotState.EMPTY)
    board = hall.board(1, 1)
    assert hall.until(1, SlotState.PASS).device_name == "cam0"
    hall.seen.clear()
    board.unplug()
    hall.until(1, SlotState.EMPTY)
    assert hall.holds(1) == ["cam0"]


def test_sixteen_slots_work_at_once_and_no_identity_is_taken_twice(hall: Hall) -> None:
    hall.start(16)
    for n in range(1, 17):
        hall.board(n, n)
    for n in range(1, 17):
        hall.until(n, SlotState.PASS)
    assert sorted(name for n in range(1, 17) for name in hall.holds(n)) == sorted(f"cam{n}" for n in range(16))


def test_slots_share_a_core_as_they_share_the_interpreter_and_the_rest_of_the_program_is_free(hall: Hall) -> None:
    free, cores = os.sched_getaffinity(0), set[frozenset[int]]()
    hall.meanwhile(lambda _visit: cores.add(frozenset(os.sched_getaffinity(0))))
    hall.start(2)
    for n in (1, 2):
        hall.board(n, n)
    for n in (1, 2):
        hall.until(n, SlotState.PASS)
    assert [len(core) for core in cores] == [1]
    assert os.sched_getaffinity(0) == free


def test_what_a_target_of_another_package_starts_is_not_tied_to_a_core(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_module, "is_ours", lambda target: target != "agent")
    free, cores = os.sched_getaffinity(0), set[frozenset[int]]()
    hall.meanwhile(lambda _visit: cores.add(frozenset(os.sched_getaffinity(0))))
    hall.start(1)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    assert cores == {frozenset(free)}


@pytest.mark.parametrize("asks", ["sched_getaffinity", "sched_setaffinity"])
def test_where_a_thread_may_not_choose_its_core_boards_are_flashed_all_the_same(
    asks: str, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_asked: object) -> None:
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(os, asks, forbidden)
    hall.start(1)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)


def test_one_bad_board_does_not_stop_the_others(hall: Hall) -> None:
    hall.profile = HASTY
    hall.start(3)
    hall.board(1, 1, dead_after=2)
    hall.board(2, 2)
    hall.board(3, 3, refuses_flash=True)
    assert hall.until(1, SlotState.IN_DOUBT).code == "E201"
    assert hall.until(3, SlotState.FAIL).code == "E203"
    assert hall.until(2, SlotState.PASS)


def test_a_board_pulled_in_the_middle_is_resolved_in_any_slot(hall: Hall) -> None:
    hall.start(2)
    board = hall.board(1, 1, noise=b"")
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.state is SlotState.BUSY and str(e.phase) == "write")
    board.unplug()
    hall.until(1, SlotState.IN_DOUBT)
    hall.board(1, 2)
    hall.until(2, SlotState.PASS)
    assert hall.holds(1) == ["cam0"]
    assert hall.ledger.stock.by_state()[State.CONSUMED] == 1


def test_the_same_uid_in_two_slots_is_refused_and_nobody_has_failed(hall: Hall) -> None:
    bench = hall.start(2)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    (hall.folder / "copy").mkdir()
    twin = SimulatedAgentBoard(f"ab{1:014x}", hall.folder / "twin.flash", hall.folder / "tty2")
    twin.plug()
    hall.stack.callback(twin.unplug)
    told = hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E210")
    assert isinstance(told, SlotEvent) and (told.state, told.blame) == (SlotState.WAITING, Blame.NOBODY)
    assert read_identity(hall.folder / "twin.flash") is None
    assert (bench.tally.failed, bench.tally.exit) == (0, Exit.PERSON_NEEDED)
    counted = ShiftCount(hall.ledger, time.time() - 60).counters(time.time())
    assert (counted.passed, counted.failed, counted.first_pass, counted.failures) == (1, 0, 1.0, ())


def test_three_failures_in_a_row_lock_the_slot_past_a_restart_until_unlocked(hall: Hall) -> None:
    bench = hall.start(2)
    for n, next_says in ((1, SlotState.EMPTY), (2, SlotState.EMPTY), (3, SlotState.LOCKED)):
        board = hall.board(n, 1, refuses_flash=True)
        hall.until(1, SlotState.FAIL)
        hall.seen.clear()
        board.unplug()
        assert hall.until(1, next_says).code == ("E602" if n == 3 else None)
    hall.board(9, 1)
    hall.noticed(1, there=True)
    assert [e.state for e in hall.seen if isinstance(e, SlotEvent) and e.slot == "1"] == [SlotState.LOCKED]
    assert hall.holds(9) == [] if (hall.folder / "9.flash").exists() else True
    assert set(Ledger(hall.folder / "ledger.db", hall.vault).locks.held()) == {"1"}
    hall.board(10, 2)
    hall.until(2, SlotState.PASS)  # the neighbour goes on
    hall.seen.clear()
    bench.slots.unlock("1", "fixture needle replaced", by="Li Wei")
    hall.until(1, SlotState.PASS)
    assert hall.ledger.locks.held() == {}


def test_a_clone_locks_the_whole_station_at_once(hall: Hall) -> None:
    hall.start(3)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    (hall.folder / "2.flash").write_bytes((hall.folder / "1.flash").read_bytes())
    hall.board(2, 2)
    hall.wait(lambda e: isinstance(e, Notice) and e.code == "E701" and e.serious)
    lock = hall.ledger.locks.held()[STATION]
    assert (lock.code, "clone" in lock.what) == ("E701", True)  # what a restarted screen has to show
    hall.board(3, 3)
    assert hall.until(3, SlotState.LOCKED).code == "E701"
    assert hall.ledger.stock.by_state()[State.CONSUMED] == 1


def test_when_stock_runs_out_the_board_waits_and_goes_on_when_more_arrives(hall: Hall) -> None:
    hall.start(1, stocked=0)
    hall.board(1, 1)
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E500")
    fresh = Identity(primary=Certificate(product_key="a1Cam", device_name="late", device_secret=Secret("S")))
    hall.ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="2", product_key="a1Cam"), [fresh])
    hall.until(1, SlotState.PASS)
    assert hall.holds(1) == ["late"]


def test_a_scan_is_demanded_and_given_to_the_slot_that_waits(hall: Hall) -> None:
    hall.profile = Profile(name="t", target="agent", products=("a1Cam",), scan_label=True)
    bench = hall.start(1)
    hall.board(1, 1)
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.state is SlotState.READY)
    hall.nothing_comes()
    assert not [e for e in hall.seen if isinstance(e, SlotEvent) and e.state is SlotState.BUSY]
    assert bench.slots.scan(f"AB{1:014X}") == "1"
    hall.until(1, SlotState.PASS)


def test_each_stay_is_recorded_and_a_station_fault_is_not_the_boards(hall: Hall) -> None:
    bench = hall.start(2, stocked=1)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    hall.board(2, 2)
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E500")
    outcomes = {v.slot: v.outcome for v in hall.ledger.visits.since(0)}
    assert outcomes == {"1": Outcome.PASS, "2": Outcome.STATION_FAULT}
    assert bench.tally.exit is Exit.NO_CERTIFICATES


def test_a_count_that_cannot_be_reached_ends_when_nothing_is_left(hall: Hall) -> None:
    bench = hall.start(2, stocked=1, count=3, waits_for_stock=False)
    hall.board(1, 1)
    assert bench._stopping.wait(PATIENCE_S), "the run goes on"
    assert (bench.tally.passed, bench.tally.exit, hall.holds(1)) == (1, Exit.NO_CERTIFICATES, ["cam0"])
    assert hall.wait(lambda e: isinstance(e, Notice) and e.code == "E500")


def test_who_waits_for_stock_gets_it(hall: Hall) -> None:
    bench = hall.start(1, stocked=0, count=1)
    hall.board(1, 1)
    hall.until(1, SlotState.NO_STOCK)
    hall.nothing_comes()
    hall.receive(1)
    hall.until(1, SlotState.PASS)
    assert bench._stopping.wait(PATIENCE_S), "the run goes on"


def test_a_count_ends_the_run_after_so_many_passes(hall: Hall) -> None:
    bench = hall.start(4, count=3)
    for n in range(1, 5):
        hall.board(n, n)
    hall.wait(lambda _e: bench.tally.passed == 3)
    assert bench._stopping.wait(PATIENCE_S), "the run goes on"
    assert bench.tally.passed == 3
    assert sum(bool(hall.holds(n)) for n in range(1, 5) if (hall.folder / f"{n}.flash").exists()) == 3


def test_a_slot_gives_way_while_it_holds_nothing_and_once_more_before_the_history_is_written(hall: Hall) -> None:
    hall.open_ledger(1)
    bench, asked = hall.made(1), list[int]()

    def give_way() -> None:
        assert not bench.slots.guard._is_owned()  # type: ignore[attr-defined]
        asked.append(bench.tally.passed)

    bench.give_way = give_way
    hall.run(bench, count=1)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    assert asked.count(0) > 1, "at each step"
    assert asked[-1] == 1, "when it was counted"
