# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong around the boards: listeners that fail, a ledger that does, stock that is out, swaps in the hand."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from station.bench import bench as bench_module
from station.bench import stays
from station.bench.bench import Bench
from station.bench.outcome import Tally, record
from station.bench.signals import stopped_by_signals
from station.codes import Code, Exit
from station.errors import BoardFault, LedgerFault, StationFault
from station.events import STATE_AFTER, Event, Notice, Phase, SlotEvent, SlotState
from station.flow.visit import Permit, Visit
from station.ledger.locks import STATION, Lock, Locks
from station.ledger.values import VisitRow, WorkOrder
from station.ledger.visits import WIRE
from station.model import CertName, Port, State
from station.rules import Counted, Outcome, slot_locks, station_locks
from station.targets import get_target
from station.targets.hotplug import PortAppeared, PortEvent, PortVanished
from station.targets.slots import SlotSpec
from tests.bench.bench_hall import HASTY, PROFILE, Hall
from tests.raw import disk_fails
from tests.waiting import PATIENCE_S, until


class Hands:
    """A watcher that reports what the test does."""

    def __init__(self) -> None:
        self.now: dict[str, Port] = {}
        self._told: queue.SimpleQueue[PortEvent] = queue.SimpleQueue()

    def plug(self, url: str, slot: str = "1") -> None:
        if slot in self.now:
            self._told.put(PortVanished(port=self.now[slot]))
        self.now[slot] = Port(url=url, slot=slot)
        self._told.put(PortAppeared(port=self.now[slot]))

    def pull(self, slot: str = "1") -> None:
        self._told.put(PortVanished(port=self.now.pop(slot)))

    def events(self, timeout_s: float) -> list[PortEvent]:
        try:
            return [self._told.get(timeout=timeout_s or 0.001)]
        except queue.Empty:
            return []

    def present(self) -> dict[str, Port]:
        return self.now

    def assign(self, slots: Sequence[SlotSpec]) -> None:
        """Its port stays."""

    def close(self) -> None:
        """Nothing to close."""


def bench_with(hall: Hall, hands: Hands, listen: Callable[[Event], None]) -> Bench:
    hall.open_ledger()
    return Bench(
        ledger=hall.ledger, target=get_target("agent"), profile=PROFILE, slots=["1"], watcher=hands, listen=listen
    )


def test_a_listener_that_fails_ends_the_run_after_the_boards_in_hand(hall: Hall) -> None:
    def broken(event: Event) -> None:
        if isinstance(event, SlotEvent) and event.phase is Phase.WRITE:
            raise BrokenPipeError

    hands = Hands()
    bench = bench_with(hall, hands, broken)
    hands.plug(hall.board(1, 1).url)
    tally = bench.run(watch=True)
    assert isinstance(bench.deaf, BrokenPipeError)
    assert [(e.state, e.code) for e in bench.slots.snapshot()] == [(SlotState.PASS, None)]
    assert (tally.passed, tally.exit) == (1, Exit.STATION_FAULT)
    assert hall.ledger.stock.by_state()[State.CONSUMED] == 1
    assert hall.holds(1) == ["cam0"]


def test_a_ledger_that_cannot_be_read_for_a_moment_ends_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failures = Locks.held, iter(range(20))

    def held(locks: Locks) -> dict[str, Lock]:
        if hall.seen and next(failures, None) is not None:
            raise LedgerFault("disk I/O error")
        return real(locks)

    monkeypatch.setattr(Locks, "held", held)
    monkeypatch.setattr(bench_module, "_RETRY_S", 0.05)
    hall.start(1)
    hall.until(1, SlotState.EMPTY)
    hall.board(1, 1)
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E320")
    hall.until(1, SlotState.PASS)


@pytest.mark.parametrize("phase", [Phase.IDENTIFY, Phase.RESERVE, Phase.WRITE, Phase.CONSUME])
def test_a_board_that_a_full_disk_stopped_is_taken_up_when_there_is_room(hall: Hall, phase: Phase) -> None:
    def fill(visit: Visit) -> None:
        if visit.phase is phase and not freed:
            disk_fails(hall.ledger)

    freed: list[bool] = []
    hall.meanwhile(fill)
    bench = hall.start(1)
    hall.board(1, 1)
    stopped = hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E320")
    hall.nothing_comes()
    freed.append(True)
    disk_fails(hall.ledger, fails=False)
    assert isinstance(stopped, SlotEvent)
    if phase in (Phase.IDENTIFY, Phase.RESERVE):
        assert stopped.state is SlotState.WAITING
        bench.slots.again()
    else:
        assert stopped.state is SlotState.IN_DOUBT
        hall.boards[1].unplug()
        hall.wait(lambda _event: bench.slots["1"].port is None)
        hall.boards[1].plug()
    hall.until(1, SlotState.PASS)
    assert hall.holds(1) == ["cam0"]


def test_a_board_that_waits_for_stock_is_asked_and_recorded_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_module, "_RETRY_S", 0.05)
    bench = hall.start(1, stocked=0)
    hall.board(1, 1)
    hall.until(1, SlotState.NO_STOCK)
    hall.nothing_comes()
    told = [e for e in hall.seen if isinstance(e, SlotEvent) and e.state is SlotState.NO_STOCK]
    assert (len(told), bench.tally.counted[Counted.STATION_FAULTS]) == (1, 1)
    assert len(hall.ledger.visits.since(0)) == 1


def test_a_board_put_in_for_one_that_waits_for_stock_waits_for_it_too(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not asked again and again: the same board after a reset of its own looks no different."""

    def reset(visit: Visit) -> None:
        if visit.board is not None and visit.phase is Phase.IDENTIFY:
            hall.boards[1].unplug()
            hall.boards[1].plug()
            while not hall.bench.slots["1"].replugged:
                time.sleep(0.01)

    monkeypatch.setattr(bench_module, "_RETRY_S", 0.05)
    hall.meanwhile(reset)
    bench = hall.start(1, stocked=0)
    hall.board(1, 1)
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E500" and not e.uid and e.state is SlotState.NO_STOCK)
    hall.nothing_comes()
    assert len(hall.ledger.visits.since(0)) == 1
    assert [(e.state, e.code) for e in bench.slots.snapshot()] == [(SlotState.NO_STOCK, "E500")]


def test_without_stock_no_empty_slot_invites_a_board_until_there_is_more(hall: Hall) -> None:
    def other_slot(tile: list[tuple[SlotState, Code | None]]) -> None:
        """What its tile has said so far."""

        def said(_event: Event) -> bool:
            return [(e.state, e.code) for e in hall.seen if isinstance(e, SlotEvent) and e.slot == "2"][
                -len(tile) :
            ] == tile

        hall.wait(said)

    hall.start(2, stocked=0)
    other_slot([(SlotState.EMPTY, Code.E500)])
    hall.receive(1)
    other_slot([(SlotState.EMPTY, Code.E500), (SlotState.EMPTY, None)])
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    other_slot([(SlotState.EMPTY, Code.E500), (SlotState.EMPTY, None), (SlotState.EMPTY, Code.E500)])


def test_whatever_the_next_board_would_wait_for_is_on_the_empty_slots(hall: Hall) -> None:
    def says(state: SlotState, code: Code | None) -> None:
        until(lambda: [(e.state, e.code) for e in bench.slots.snapshot()][1:] == [(state, code)], bench.slots.snapshot)

    hall.open_ledger()
    bench = hall.made(2)
    bench.permit = Permit(order=WorkOrder(reference="A-1", quantity=1))
    hall.run(bench)
    says(SlotState.EMPTY, None)
    usual, bench.require_printed = bench.require_printed, no_printer
    says(SlotState.EMPTY, Code.E317)
    bench.require_printed = usual
    says(SlotState.EMPTY, None)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    says(SlotState.EMPTY, Code.E640)


def no_printer() -> None:
    raise StationFault("the printer is off", code=Code.E317)


def test_a_run_that_lasts_for_weeks_keeps_only_the_most_serious_of_what_it_saw() -> None:
    tally = Tally()
    assert str(tally.exit) == str(Exit.OK)
    began = pickle.dumps(tally)
    for code in (Exit.BOARD_FAILED, Exit.PERSON_NEEDED, Exit.STATION_FAULT) * 1000:
        tally.note(code)
    assert tally.exit is Exit.PERSON_NEEDED
    assert len(pickle.dumps(tally)) < len(began) + 100


@pytest.mark.parametrize("room", [True, False], ids=["kept", "no room for it"])
def test_what_went_over_the_wire_is_kept_and_costs_no_stay_its_line(hall: Hall, *, room: bool) -> None:
    hall.open_ledger()
    if not room:
        (hall.folder / "wire").write_text("in its place")
    silent = Visit(slot="1", outcome=Outcome.FAIL, error=BoardFault("no answer", code=Code.E201))
    record(hall.ledger, silent, 1.0)
    (stay,) = hall.ledger.visits.since(0)
    assert (stay.outcome, stay.code) == (Outcome.FAIL, Code.E201)
    noted = str(stay.details[WIRE])
    assert Path(noted).read_text().rstrip().endswith("E201") if room else noted.startswith("not kept")


def test_a_defect_that_costs_a_stay_its_line_is_said(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The board is what it is; that its history has a gap, nobody would know."""

    def defective(*_: object) -> int:
        raise ZeroDivisionError("Scam0")

    monkeypatch.setattr(stays, "record", defective)
    bench = hall.start(1)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    said = hall.wait(lambda e: isinstance(e, Notice) and e.code == Code.E399)
    assert isinstance(said, Notice) and said.serious
    assert "ZeroDivisionError" in said.what and "Scam0" not in said.what
    assert (bench.tally.passed, bench.tally.exit) == (1, Exit.STATION_FAULT)


def test_station_faults_between_failures_do_not_hide_them_from_the_lock_out(hall: Hall) -> None:
    hall.open_ledger()

    def stay(outcome: Outcome, slot: str) -> None:
        hall.ledger.visits.record(VisitRow(at=0.0, slot=slot, outcome=outcome))

    for slot in ("1", "1", "1", "2", "2"):
        stay(Outcome.FAIL, slot)
        for _ in range(15):
            stay(Outcome.STATION_FAULT, slot)
            stay(Outcome.ALREADY_DONE, slot)
    assert slot_locks(hall.ledger.locks.outcomes_since_unlock("1", last=10))
    assert not slot_locks(hall.ledger.locks.outcomes_since_unlock("2", last=10))
    assert station_locks(hall.ledger.locks.outcomes_since_unlock(STATION, last=10))


def test_a_board_put_in_while_the_last_one_is_being_recorded_is_not_taken_for_it(hall: Hall) -> None:
    """The first board is proved; before PASS is on the tile the operator has put in the next one."""
    hands = Hands()

    def swap(visit: Visit) -> None:
        if visit.phase is Phase.CONSUME and visit.name and visit.name.device_name == "cam0":
            hands.plug(second.url)
            while bench.slots["1"].port != hands.now["1"]:
                time.sleep(0.01)

    hall.meanwhile(swap)
    bench = bench_with(hall, hands, hall.listen)
    first, second = hall.board(1, 1), hall.board(2, 2)
    hands.plug(first.url)
    assert bench.run(count=2).passed == 2
    assert (hall.holds(1), hall.holds(2)) == (["cam0"], ["cam1"])


def test_a_board_swapped_in_during_an_attempt_is_looked_at_afterwards(hall: Hall) -> None:
    """It answers with another uid: the first board stays in doubt, and the second one is not left on its tile."""
    hands = Hands()

    def listen(event: Event) -> None:
        hall.listen(event)
        if isinstance(event, SlotEvent) and event.uid.startswith("cd") and event.code:
            bench.stop()

    def swap(visit: Visit) -> None:
        if visit.phase is Phase.RESTART:
            hands.plug(board.url)
            while bench.slots["1"].port != hands.now["1"]:
                time.sleep(0.01)

    hall.meanwhile(swap)
    bench = bench_with(hall, hands, listen)
    board = hall.board(1, 1, uid_after_reset="cd00000000000009")
    hands.plug(board.url)
    bench.run()
    codes = [e.code for e in hall.seen if isinstance(e, SlotEvent) and e.code]
    assert codes == ["E209", "E701"]  # the other board carries what was written: two boards say so
    assert hall.ledger.stock.by_state()[State.IN_DOUBT] == 1


def test_a_board_moved_to_another_slot_faster_than_the_first_one_notices_is_not_two_boards(hall: Hall) -> None:
    def move(visit: Visit) -> None:
        if visit.slot == "1" and visit.phase is Phase.WRITE and not moved:
            moved.append(True)
            hall.boards[1].unplug()
            hall.board(1, 2)
            hall.wait(lambda e: isinstance(e, SlotEvent) and e.slot == "2" and e.phase is Phase.IDENTIFY)
            time.sleep(0.3)  # the second slot has read the uid by now

    moved: list[bool] = []
    hall.meanwhile(move)
    hall.start(2)
    hall.board(1, 1)
    hall.until(2, SlotState.PASS)
    assert [e.code for e in hall.seen if isinstance(e, SlotEvent) and e.slot == "2" and e.code] == []
    assert hall.holds(1) == ["cam0"]


def test_ctrl_c_stops_the_bench_even_when_stderr_cannot_be_written(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may come in the middle of a line that is being printed: printing another one there raises."""

    class Reentered:
        def write(self, _text: str) -> int:
            raise RuntimeError("reentrant call")

        flush = write

    bench = bench_with(hall, Hands(), hall.listen)
    monkeypatch.setattr(sys, "stderr", Reentered())
    with stopped_by_signals(bench) as interrupted:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.wait(PATIENCE_S)
        assert bench.run(watch=True).passed == 0


def test_a_signal_that_comes_while_another_one_stops_the_bench_waits_for_nothing_of_it() -> None:
    """The handler of the second one ran within that of the first, and waited for a lock that this very thread held."""

    class Stopped:
        def __init__(self) -> None:
            self.lock, self.waited_for_itself = threading.Lock(), False
            self.aborts: list[bool] = []

        def stop(self, *, abort: bool) -> None:
            if not self.lock.acquire(timeout=2):
                self.waited_for_itself = True
                return
            if not self.aborts:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.05)  # a handler of this thread, if there is one, runs now
            self.aborts.append(abort)
            self.lock.release()

    bench = Stopped()
    with stopped_by_signals(bench) as interrupted:  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.wait(PATIENCE_S)
        deadline = time.monotonic() + 30
        while len(bench.aborts) < 2 and not bench.waited_for_itself:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert (bench.aborts, bench.waited_for_itself) == ([False, True], False)


def test_a_doubt_stays_on_its_tile_while_its_board_is_written_again_in_another_slot(hall: Hall) -> None:
    """Until it is done: it may be pulled there, too."""
    put_in = threading.Event()
    shown: list[bool] = []

    def act(visit: Visit) -> None:
        if visit.phase is Phase.WRITE and visit.slot == "1" and put_in.wait(PATIENCE_S):
            hall.boards[1].unplug()
        if visit.phase is Phase.WRITE and visit.slot == "2":
            bench.slots.look()
            shown.append(bench.slots["1"].ended_as(Outcome.IN_DOUBT))

    hall.meanwhile(act)
    bench = hall.start(2, stocked=1)
    hall.board(1, 1)
    put_in.set()
    hall.until(1, SlotState.IN_DOUBT)
    hall.noticed(1, there=False)
    hall.board(1, 2)
    hall.until(2, SlotState.PASS)
    assert shown and all(shown)
    known = hall.ledger.named(CertName("a1Cam", "cam0"))
    assert known is not None
    told = [(stay.outcome, stay.identity_id, stay.attempt) for stay in hall.ledger.visits.since(0)]
    assert told == [(Outcome.IN_DOUBT, known.identity_id, 1), (Outcome.PASS, known.identity_id, 2)]
    until(lambda: not bench.slots["1"].ended_as(Outcome.IN_DOUBT))


def test_a_board_that_is_pulled_before_it_said_who_it_is_is_no_stay_and_counted_nowhere(hall: Hall) -> None:
    put_in, pulled = threading.Event(), threading.Event()

    def pull(visit: Visit) -> None:
        if visit.board is None and not pulled.is_set():
            put_in.wait(PATIENCE_S)
            hall.boards[1].unplug()
            pulled.set()

    hall.meanwhile(pull)
    bench = hall.start(1)
    hall.board(1, 1)
    put_in.set()
    assert pulled.wait(PATIENCE_S)
    until(lambda: not bench.writing)
    hall.noticed(1, there=False)
    assert hall.ledger.visits.since(0) == []
    assert not bench.tally.counted
    assert (hall.holds(1), hall.ledger.stock.by_state()[State.READY]) == ([], 50)


@pytest.mark.parametrize(
    ("at", "state", "outcome"),
    [(Phase.IDENTIFY, State.READY, Outcome.STATION_FAULT), (Phase.WRITE, State.IN_DOUBT, Outcome.IN_DOUBT)],
)
def test_who_insists_on_the_end_leaves_the_board_in_hand_where_it_is(
    hall: Hall, at: Phase, state: State, outcome: Outcome
) -> None:
    """In doubt as soon as bytes may have left, and its certificate free until then."""

    def insist(visit: Visit) -> None:
        if visit.phase is at:
            bench.stop(abort=True)

    hall.meanwhile(insist)
    bench = hall.start(1, stocked=1)
    hall.board(1, 1)
    ended = hall.wait(lambda e: isinstance(e, SlotEvent) and e.code == Code.E330)
    assert isinstance(ended, SlotEvent) and ended.state is STATE_AFTER[outcome]
    assert hall.ledger.stock.by_state()[state] == 1
    (stay,) = hall.ledger.visits.since(0)
    assert (stay.outcome, stay.code) == (outcome, Code.E330)
    assert state is State.IN_DOUBT or hall.holds(1) == []


def test_when_nobody_sees_boards_come_and_go_any_more_every_slot_says_so_and_boards_in_hand_are_finished(
    hall: Hall,
) -> None:
    class Blind(Hands):
        def events(self, timeout_s: float) -> list[PortEvent]:
            if any(isinstance(e, SlotEvent) and e.phase is Phase.WRITE for e in hall.seen):
                raise OSError("secret of the device")
            return super().events(timeout_s)

    hands = Blind()
    bench = bench_with(hall, hands, hall.listen)
    hands.plug(hall.board(1, 1).url)
    tally = bench.run(watch=True)
    assert (tally.passed, tally.exit, hall.holds(1)) == (1, Exit.STATION_FAULT, ["cam0"])
    notice = next(e for e in hall.seen if isinstance(e, Notice))
    assert (notice.code, notice.serious, notice.do) == ("E331", True, "end the station and start it again")
    assert "OSError at test_bench_trouble.py" in notice.what
    assert "secret" not in repr(hall.seen)
    bench.slots.unplugged(bench.slots["1"])
    assert [(e.state, e.code) for e in bench.slots.snapshot()] == [(SlotState.LOCKED, "E331")]
    bench.slots.unlock("", "no lock of the ledger", by="Li Wei")
    assert [(e.state, e.code) for e in bench.slots.snapshot()] == [(SlotState.LOCKED, "E331")]


def test_what_the_station_says_of_its_own_faults_is_told_in_its_words(hall: Hall) -> None:
    class Full(Hands):
        def events(self, timeout_s: float) -> list[PortEvent]:
            raise LedgerFault("disk I/O error")

    bench = bench_with(hall, Full(), hall.listen)
    assert bench.run(watch=True).exit is Exit.STATION_FAULT
    assert hall.until(1, SlotState.LOCKED).what == "the run ended early: E320 disk I/O error"


def test_a_busy_tile_is_changed_and_told_in_one_go(hall: Hall) -> None:
    """Otherwise whoever begins to listen meanwhile could hear the tile from before last."""

    def listen(event: Event) -> None:
        hall.listen(event)
        if isinstance(event, SlotEvent) and event.phase is Phase.WRITE and not asking:
            asking.append(threading.Thread(target=bench.slots.show_all, args=(heard.append,)))
            asking[0].start()
            asking[0].join(0.3)
            heard_too_soon.extend(heard)

    asking: list[threading.Thread] = []
    heard: list[SlotEvent] = []
    heard_too_soon: list[SlotEvent] = []
    bench = hall.start(1, listen=listen)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    asking[0].join(PATIENCE_S)
    assert (len(heard), heard_too_soon) == (1, [])


@pytest.mark.parametrize("seen", ["during the visit", "after the visit"])
def test_a_board_pulled_in_mid_write_stays_in_doubt_on_its_tile_whenever_that_is_seen(hall: Hall, seen: str) -> None:
    """Until the doubt is settled: EMPTY would ask for the next board, and nobody would look for this one."""
    hands = Hands()

    def pull(visit: Visit) -> None:
        if visit.phase is Phase.WRITE and hands.now:
            board.unplug()
            if seen == "during the visit":
                hands.pull()
                until(lambda: bench.slots["1"].port is None, bench.slots.snapshot)

    hall.meanwhile(pull)
    bench = bench_with(hall, hands, hall.listen)
    hall.run(bench, watch=True)
    board = hall.board(1, 1)
    hands.plug(board.url)
    told = hall.until(1, SlotState.IN_DOUBT)
    if hands.now:
        hands.pull()
    until(lambda: bench.slots["1"].port is None and not bench.writing)
    assert [(e.state, e.code, e.uid) for e in bench.slots.snapshot()] == [(SlotState.IN_DOUBT, "E311", board.uid)]
    assert bench.slots["1"].uid is None, "it may be put back in any slot"
    hall.ledger.retire(CertName(told.product_key, told.device_name), "its flash is torn", by="Li Wei")
    until(lambda: [e.state for e in bench.slots.snapshot()] == [SlotState.EMPTY])


def test_the_next_board_takes_the_place_of_a_doubt_on_the_tile(hall: Hall) -> None:
    hall.profile = HASTY
    bench = hall.start(1)
    dead = hall.board(1, 1, dead_after=5)
    hall.until(1, SlotState.IN_DOUBT)
    dead.unplug()
    while bench.slots["1"].port is not None:
        time.sleep(0.01)
    assert [e.state for e in bench.slots.snapshot()] == [SlotState.IN_DOUBT]
    hall.board(2, 1)
    hall.until(1, SlotState.PASS)
    assert hall.ledger.stock.by_state()[State.IN_DOUBT] == 1
