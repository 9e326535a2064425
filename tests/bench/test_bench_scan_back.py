# SPDX-License-Identifier: GPL-3.0-or-later
"""A printed label is scanned back and compared with the board that was just done: offered while that one is in its
slot, demanded before its slot begins another one, also after a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.bench import slots as slots_module
from station.bench.bench import Bench
from station.bench.headless import RunOrder, require_scans
from station.bench.setup import labels_fed, make_bench
from station.codes import Code, Exit
from station.errors import UsageError
from station.events import Asks, Notice, SlotEvent, SlotState
from station.label import NotALabel
from station.ledger import scan_backs
from station.printing import feeding
from station.printing.printer import Printer
from station.profiles.sticker import ScanBack, Sticker
from station.simulate.printer import LabelPrinter
from station.targets.slots import SlotSpec
from tests.bench.bench_hall import HASTY, PROFILE, Hall
from tests.waiting import until


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "_LOOK_S", 0.02)
    monkeypatch.setattr(feeding, "_AGAIN_S", 0.02)
    monkeypatch.setattr(slots_module, "LOOK_S", 0.02)


def start(hall: Hall, printer: LabelPrinter, scan_back: ScanBack, slots: int = 1) -> Bench:
    if not hasattr(hall, "ledger"):
        hall.profile = replace(PROFILE, sticker=Sticker(scan_back=scan_back, qr="{device} {serial}"))
        hall.open_ledger()
    specs = [SlotSpec(name=str(n), path=str(hall.folder / f"tty{n}")) for n in range(1, slots + 1)]
    bench = make_bench(hall.ledger, hall.profile, specs, hall.listen)
    bench.slots.hears_scans = True
    hall.stack.enter_context(labels_fed(bench, Printer(where=printer.where), hall.listen))
    hall.run(bench)
    until(lambda: len(bench.slots.snapshot()) == slots)
    return bench


def shown(bench: Bench, slot: int = 1) -> SlotEvent:
    return next(event for event in bench.slots.snapshot() if event.slot == str(slot))


def asks(bench: Bench, slot: int = 1) -> SlotEvent:
    until(lambda: shown(bench, slot).asks is Asks.PRINTED, bench.slots.snapshot)
    return shown(bench, slot)


def lines(hall: Hall) -> list[tuple[str, str]]:
    return [(line.name, line.slot) for line in hall.ledger.audit.log(events=["label scanned back"])]


def test_offered_the_tile_of_a_good_board_asks_and_says_when_it_is_another_label(hall: Hall) -> None:
    with LabelPrinter() as printer, hall.stack:
        bench = start(hall, printer, ScanBack.OFFERED)
        hall.board(1, 1)
        assert asks(bench).state is SlotState.PASS
        with pytest.raises(NotALabel):
            bench.slots.scan("cam1")
        wrong = asks(bench)
        assert (wrong.code, wrong.state, lines(hall)) == ("E212", SlotState.WAITING, [])
        assert bench.slots.hear(" cam0") == ("1", Asks.PRINTED)
        assert (shown(bench).state, shown(bench).asks, shown(bench).code) == (SlotState.PASS, None, None)
        assert lines(hall) == [("a1Cam/cam0", "1")]
        hall.ledger.audit.verify()
        assert bench.tally.exit is Exit.OK


def test_offered_it_ends_with_the_board_and_a_board_that_waits_for_its_own_label_is_asked_first(hall: Hall) -> None:
    with LabelPrinter() as printer, hall.stack:
        bench = start(hall, printer, ScanBack.OFFERED, slots=2)
        hall.board(1, 1)
        asks(bench)
        bench.slots.profile = replace(bench.profile, scan_label=True)
        hall.board(2, 2)
        until(lambda: (shown(bench).asks, shown(bench, 2).asks) == (None, Asks.LABEL), bench.slots.snapshot)
        hall.boards[1].unplug()
        hall.noticed(1, there=False)
        assert shown(bench).state is SlotState.EMPTY
        assert bench.slots["1"].owes is None
        assert hall.ledger.locks.held() == {}


def test_demanded_no_other_board_begins_before_it_and_then_it_does_by_itself(hall: Hall) -> None:
    with LabelPrinter(state="out-of-paper") as printer, hall.stack:
        bench = start(hall, printer, ScanBack.DEMANDED)
        hall.board(1, 1)
        hall.until(1, SlotState.PASS)
        hall.wait(lambda event: event.code == "E317")
        assert shown(bench).asks is None  # there is no label yet
        hall.boards[1].unplug()
        until(lambda: shown(bench).state is SlotState.LOCKED)
        until(lambda: [lock.code for lock in hall.ledger.locks.held().values()] == [Code.E641])
        hall.board(2, 1)
        hall.noticed(1, there=True)
        printer.state = "ready"
        waits = asks(bench)
        assert (waits.state, waits.code, hall.holds(2)) == (SlotState.LOCKED, "E641", [])
        with pytest.raises(NotALabel):
            bench.slots.scan(f"AB{2:014X}")  # of the board that is in the slot by now
        assert (asks(bench).state, shown(bench).code) == (SlotState.LOCKED, "E212")
        assert bench.slots.scan(f"]C1AB{1:014X}") == "1"
        until(lambda: hall.holds(2) == ["cam1"])
        assert lines(hall) == [("a1Cam/cam0", "1")]


def test_demanded_the_next_board_waits_before_the_ledger_has_the_lock(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LabelPrinter() as printer, hall.stack:
        bench = start(hall, printer, ScanBack.DEMANDED)
        hall.board(1, 1)
        asks(bench)
        monkeypatch.setattr(slots_module, "LOOK_S", 3600.0)
        hall.boards[1].unplug()
        hall.noticed(1, there=False)
        hall.board(2, 1)
        hall.noticed(1, there=True)
        assert (hall.ledger.locks.held(), hall.holds(2), shown(bench).code) == ({}, [], "E641")


def test_demanded_it_is_still_owed_after_a_restart_until_a_supervisor_unlocks_the_slot(hall: Hall) -> None:
    with LabelPrinter() as printer, hall.stack:
        bench = start(hall, printer, ScanBack.DEMANDED)
        hall.board(1, 1)
        asks(bench)
        bench.stop()  # the board is still in: nothing of it is locked yet
        until(lambda: bench._pool._shutdown)
        hall.boards[1].unplug()
        assert hall.ledger.locks.held() == {}
        bench = start(hall, printer, ScanBack.DEMANDED)
        assert asks(bench).code == "E641"
        hall.board(2, 1)
        hall.noticed(1, there=True)
        assert hall.holds(2) == []
        until(lambda: "1" in hall.ledger.locks.held())
        bench.slots.unlock("1", "the label was torn", by="Li Wei")
        until(lambda: hall.holds(2) == ["cam1"])
        until(lambda: len(hall.ledger.visits.since(0)) == 2)
        assert lines(hall) == []
        again = make_bench(hall.ledger, hall.profile, [SlotSpec(name="1", path="/none")], hall.listen)
        again.slots.remember_owed()
        assert again.slots["1"].owes is not None  # of the second board, which nobody has scanned


def test_demanded_what_was_waived_while_no_lock_showed_it_keeps_no_board_waiting(hall: Hall) -> None:
    """`station unlock` beside the bench, of what `station status` shows while the board is still in."""
    with LabelPrinter() as printer, hall.stack:
        bench = start(hall, printer, ScanBack.DEMANDED)
        hall.board(1, 1)
        asks(bench)
        hall.ledger.locks.unlock("1", "the label was torn", by="Li Wei", told=(Code.E641,))
        until(lambda: shown(bench).asks is None)
        hall.boards[1].unplug()
        hall.noticed(1, there=False)
        hall.board(2, 1)
        until(lambda: hall.holds(2) == ["cam1"])
        assert hall.ledger.locks.held() == {}
        hall.ledger.audit.verify()


def test_demanded_no_unlock_for_another_reason_ends_it_also_of_what_an_earlier_station_left(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LabelPrinter() as printer, hall.stack:
        with monkeypatch.context() as earlier:
            earlier.setattr(scan_backs, "owe", lambda *_: None)
            bench = start(hall, printer, ScanBack.DEMANDED)
            hall.board(1, 1)
            until(lambda: hall.ledger.visits.since(0))
            bench.stop()
            until(lambda: bench._pool._shutdown)
        hall.boards[1].unplug()
        hall.ledger.locks.lock("1", Code.E608, "new pins", by="Li Wei")
        hall.ledger.locks.unlock("1", "done", by="Li Wei")
        bench = start(hall, printer, ScanBack.DEMANDED)
        assert asks(bench).code == "E641"
        bench.slots.lock("1", Code.E608, "new pins again", by="Li Wei")
        hall.board(2, 1)
        hall.noticed(1, there=True)
        bench.slots.unlock("1", "done again", by="Li Wei")
        assert asks(bench).code == "E641"
        assert hall.holds(2) == []
        assert bench.slots.scan(f"AB{1:014X}") == "1"
        until(lambda: hall.holds(2) == ["cam1"])
        hall.ledger.audit.verify()


def test_a_board_that_is_settled_where_nobody_is_asked_is_said_to_be_unfinished(hall: Hall) -> None:
    """As by `station resolve`: its identity is proven, its label is not."""
    with LabelPrinter() as printer, hall.stack:
        hall.profile = replace(HASTY, sticker=Sticker(scan_back=ScanBack.DEMANDED))
        hall.open_ledger()
        hall.board(1, 1, dead_after=2)
        with labels_fed(bench := hall.made(1), Printer(where=printer.where), hall.listen):
            assert bench.run(watch=False).in_doubt == 1
        hall.boards[1].unplug()
        hall.board(1, 1)
        specs = [SlotSpec(name="1", path=str(hall.folder / "tty1"))]
        bench = make_bench(
            hall.ledger, replace(PROFILE, sticker=hall.profile.sticker), specs, hall.listen, take_new=False
        )
        with labels_fed(bench, Printer(where=printer.where), hall.listen):
            tally = bench.run(watch=False)
        assert (tally.passed, tally.exit) == (1, Exit.PERSON_NEEDED)
        (told,) = [event for event in hall.seen if isinstance(event, Notice) and event.code is Code.E641]
        assert (told.slot, "cam0" in told.what) == ("1", True)
        again = make_bench(hall.ledger, PROFILE, specs, hall.listen)
        hall.boards[1].unplug()
        hall.board(2, 1)
        assert again.run(watch=False).exit is Exit.PERSON_NEEDED
        assert hall.holds(2) == []


def test_a_run_without_a_screen_asks_nobody_and_says_so() -> None:
    profile = replace(PROFILE, sticker=Sticker(scan_back=ScanBack.DEMANDED))
    with pytest.raises(UsageError, match="nobody is asked here"):
        require_scans(profile, RunOrder(), 8)
    require_scans(replace(PROFILE, sticker=Sticker(scan_back=ScanBack.OFFERED)), RunOrder(), 8)
