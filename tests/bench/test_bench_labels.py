# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels: one slot at a time asks for a scan, and the scan goes to that one; a wrong label is nobody's failure."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from station.bench.bench import Bench
from station.codes import Blame, Code, Exit
from station.events import Asks, Phase, SlotEvent, SlotState
from station.flow.visit import Visit
from station.label import NotALabel
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Port, Provider, Secret
from station.report.counters import ShiftCount
from station.rules import Outcome
from tests.bench.bench_hall import PROFILE, Hall
from tests.waiting import until


@pytest.fixture
def labelled(hall: Hall) -> Hall:
    hall.profile = replace(PROFILE, scan_label=True)
    return hall


def label(number: int) -> str:
    return f"AB{number:014X}"


def asking(bench: Bench) -> list[str]:
    """The slots whose tile says that a label is to be scanned."""
    return [e.slot for e in bench.slots.snapshot() if e.state is SlotState.READY and (e.what or e.code == "E212")]


def soon(hall: Hall, bench: Bench, *slots: str) -> None:
    until(lambda: asking(bench) == list(slots), bench.slots.snapshot)


def test_only_the_slot_that_the_next_scan_goes_to_asks_for_it(labelled: Hall) -> None:
    bench = labelled.start(3)
    for number, slot in ((1, 3), (2, 1), (3, 2)):
        labelled.board(number, slot)
        labelled.until(slot, SlotState.READY)
    for number, asks in ((1, "3"), (2, "1"), (3, "2")):
        soon(labelled, bench, asks)
        assert bench.slots.scan(label(number)) == asks
    for slot in (1, 2, 3):
        labelled.until(slot, SlotState.PASS)
    assert bench.slots.scan("too many") is None


def test_the_next_one_asks_when_the_board_that_did_is_taken_out_or_its_slot_is_locked(labelled: Hall) -> None:
    bench = labelled.start(3)
    first = labelled.board(1, 1)
    soon(labelled, bench, "1")
    for slot in (2, 3):
        labelled.board(slot, slot)
        labelled.until(slot, SlotState.READY)
    first.unplug()
    soon(labelled, bench, "2")
    bench.slots.lock("2", Code.E608, "bent pins", by="Li Wei")
    soon(labelled, bench, "3")
    bench.slots.unlock("2", "straightened", by="Li Wei")
    soon(labelled, bench, "3")  # it goes on asking: the scanner may be on its way


def test_a_board_with_anothers_label_waits_for_its_own(labelled: Hall) -> None:
    bench = labelled.start(1)
    labelled.board(1, 1)
    for _ in range(4):
        soon(labelled, bench, "1")
        labelled.seen.clear()
        assert bench.slots.scan(label(9)) == "1"
        told = labelled.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E212")
        assert isinstance(told, SlotEvent) and (told.state, told.blame) == (SlotState.READY, Blame.OPERATOR)
    assert bench.slots.scan(label(1)) == "1"
    labelled.until(1, SlotState.PASS)
    assert labelled.holds(1) == ["cam0"]
    visits = labelled.ledger.visits.since(0)
    assert [visit.outcome for visit in visits] == [Outcome.WRONG_LABEL] * 4 + [Outcome.PASS]
    assert labelled.ledger.locks.held() == {}
    counted = ShiftCount(labelled.ledger, time.time() - 60).counters(time.time())
    assert (counted.passed, counted.failed, counted.first_pass, counted.failures) == (1, 0, 1.0, ())
    assert (bench.tally.failed, bench.tally.exit) == (0, Exit.PERSON_NEEDED)


def test_a_board_with_anothers_label_does_not_take_the_scan_that_another_slot_has_asked_for(labelled: Hall) -> None:
    bench = labelled.start(2)
    for slot in (1, 2):
        labelled.board(slot, slot)
        labelled.until(slot, SlotState.READY)
    bench.slots.scan(label(9))
    soon(labelled, bench, "2")
    labelled.wait(lambda e: isinstance(e, SlotEvent) and e.slot == "1" and e.state is SlotState.BUSY)
    until(lambda: not bench.writing)
    assert asking(bench) == ["2"]
    assert bench.slots.scan(label(2)) == "2"
    labelled.until(2, SlotState.PASS)
    soon(labelled, bench, "1")
    assert labelled.until(1, SlotState.READY).slot == "1"
    assert next(e for e in bench.slots.snapshot() if e.slot == "1").code == "E212"


def test_a_label_is_never_kept_for_the_board_that_was_put_in_instead(labelled: Hall) -> None:
    """The first one is to wait for stock; while that is found out the operator puts in the second one."""

    def swap(visit: Visit) -> None:
        if visit.board is not None and visit.board.uid == label(1).lower() and visit.phase is Phase.IDENTIFY:
            labelled.boards[1].unplug()
            labelled.board(2, 1)
            while not labelled.bench.slots["1"].replugged:
                time.sleep(0.01)

    labelled.meanwhile(swap)
    bench = labelled.start(1, stocked=0)
    labelled.board(1, 1)
    soon(labelled, bench, "1")
    labelled.seen.clear()
    assert bench.slots.scan(label(1)) == "1"
    labelled.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E500")
    labelled.wait(lambda e: isinstance(e, SlotEvent) and e.what == "scan its label")
    fresh = Identity(primary=Certificate(product_key="a1Cam", device_name="late", device_secret=Secret("S")))
    labelled.ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="2", product_key="a1Cam"), [fresh])
    assert bench.slots.scan(label(2)) == "1"
    labelled.until(1, SlotState.PASS)
    assert labelled.holds(2) == ["late"]
    assert [v.outcome for v in labelled.ledger.visits.since(0)] == [Outcome.STATION_FAULT, Outcome.PASS]


@pytest.mark.parametrize(
    "text", ["工厂", "]C1AB00000000000001", "https://x.example/?sn=AB00000000000001", "abc", "0000 0000"]
)
def test_what_is_no_label_is_nobodys_scan_and_the_slot_goes_on_asking(labelled: Hall, text: str) -> None:
    bench = labelled.start(1)
    labelled.board(1, 1)
    soon(labelled, bench, "1")
    with pytest.raises(NotALabel):
        bench.slots.scan(text)
    soon(labelled, bench, "1")
    assert (labelled.ledger.visits.since(0), labelled.ledger.locks.held()) == ([], {})
    assert bench.slots.scan(label(1)) == "1"
    labelled.until(1, SlotState.PASS)


def test_a_label_may_be_spelt_in_any_way_and_say_more_than_the_uid(labelled: Hall) -> None:
    labelled.profile = replace(labelled.profile, label=r"[?&]sn=([^&]+)")
    bench = labelled.start(1)
    labelled.board(1, 1)
    soon(labelled, bench, "1")
    groups = "-".join(label(1)[at : at + 2] for at in range(0, 16, 2))
    assert bench.slots.scan(f"https://x.example/?lot=7&sn={groups}&v=2") == "1"
    labelled.until(1, SlotState.PASS)


def test_a_board_whose_slot_is_unlocked_at_this_very_moment_is_scanned_first_all_the_same(labelled: Hall) -> None:
    """By somebody else, whom the tile has not heard of yet."""
    labelled.open_ledger()
    bench = labelled.made(1)
    slot = bench.slots["1"]
    bench.slots.lock("1", Code.E602, "3 failures in a row")
    bench.slots.plugged(slot, Port(url=str(labelled.folder / "tty1"), slot="1"))
    labelled.ledger.locks.unlock("1", "cleaned", by="Li Wei")
    bench._consider(slot)
    assert (bench.slots.lock_on(slot), slot.working) == (None, None)
    assert slot.wants == (Asks.LABEL,)
