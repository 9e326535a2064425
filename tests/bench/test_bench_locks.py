# SPDX-License-Identifier: GPL-3.0-or-later
"""A locked slot says so for as long as the lock holds, whoever sets or lifts it; a doubt that is settled is not asked
for any more."""

from __future__ import annotations

import time

import pytest

from station.bench import outcome as recording
from station.bench import stays as stays_module
from station.bench.bench import Bench
from station.bench.setup import make_bench
from station.codes import Code, Exit
from station.errors import IntegrityAlarm, LedgerFault
from station.events import Event, Notice, Phase, SlotEvent, SlotState, to_json
from station.flow.visit import Visit
from station.ledger.locks import STATION, Locks
from station.ledger.store import Ledger
from station.ledger.values import Claim
from station.model import CertName
from station.rules import Outcome
from station.simulate.agent_board import SimulatedAgentBoard
from station.targets.slots import slot_of_port
from tests.bench.bench_hall import HASTY, Hall
from tests.waiting import until


def shows(bench: Bench, slot: int | str, state: SlotState, code: Code | None = None) -> None:
    """By now or soon, and not in passing."""

    def now() -> dict[str, tuple[SlotState, Code | None]]:
        return {e.slot: (e.state, e.code) for e in bench.slots.snapshot()}

    until(lambda: now()[str(slot)] == (state, code), now)


def test_a_slot_that_is_locked_says_so_from_the_first_moment_and_without_a_board(hall: Hall) -> None:
    hall.open_ledger()
    hall.ledger.locks.lock("1", Code.E602, "3 failures in a row")
    bench = hall.start(2)
    assert hall.until(1, SlotState.LOCKED).what == "3 failures in a row"
    hall.until(2, SlotState.EMPTY)
    assert not [e for e in hall.seen if isinstance(e, SlotEvent) and (e.slot, e.state) == ("1", SlotState.EMPTY)]
    bench.slots.unlock("1", "cleaned", by="Li Wei")
    shows(bench, 1, SlotState.EMPTY)


def test_a_lock_under_the_name_that_a_port_had_in_earlier_versions_holds_until_it_is_lifted(hall: Hall) -> None:
    hall.open_ledger(0)
    hall.ledger.locks.lock("tty1", Code.E602, "3 failures in a row")
    port = slot_of_port(str(hall.folder / "tty1"))
    assert port.name != "tty1"
    bench = make_bench(hall.ledger, hall.profile, [port], hall.listen)
    bench.slots.look()
    shows(bench, port.name, SlotState.LOCKED, Code.E602)
    bench.slots.unlock(port.name, "cleaned", by="Li Wei", told=[Code.E602])
    shows(bench, port.name, SlotState.EMPTY)
    assert hall.ledger.locks.held() == {}


def test_an_empty_slot_that_is_locked_by_hand_says_so_and_a_waiting_board_goes_on_afterwards(hall: Hall) -> None:
    bench = hall.start(2)
    hall.until(1, SlotState.EMPTY)
    bench.slots.lock("1", Code.E608, "bent pins", by="Li Wei")
    shows(bench, 1, SlotState.LOCKED, Code.E608)
    board = hall.board(1, 1)
    hall.noticed(1, there=True)
    shows(bench, 1, SlotState.LOCKED, Code.E608)
    board.unplug()
    hall.noticed(1, there=False)
    shows(bench, 1, SlotState.LOCKED, Code.E608)
    shows(bench, 2, SlotState.EMPTY)
    hall.board(1, 1)
    bench.slots.unlock("1", "straightened", by="Li Wei")
    hall.until(1, SlotState.PASS)


def test_what_became_of_a_board_is_seen_before_the_lock_and_the_lock_once_it_is_out(hall: Hall) -> None:
    bench = hall.start(1)
    board = hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    bench.slots.lock(STATION, Code.E608, "fire drill", by="Li Wei")
    hall.nothing_comes(turns=8)  # the locks are read each fifth turn or so
    shows(bench, 1, SlotState.PASS)
    board.unplug()
    shows(bench, 1, SlotState.LOCKED, Code.E608)


def test_a_lock_from_the_command_line_is_noticed_and_so_is_its_end(hall: Hall) -> None:
    bench = hall.start(1)
    hall.until(1, SlotState.EMPTY)
    with Ledger(hall.folder / "ledger.db", hall.vault) as other:
        other.locks.lock("1", Code.E608, "bent pins", by="Li Wei")
        shows(bench, 1, SlotState.LOCKED, Code.E608)
        other.locks.unlock("1", "straightened", by="Li Wei")
        shows(bench, 1, SlotState.EMPTY)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)


def test_the_notice_of_a_slots_lock_names_the_slot(hall: Hall) -> None:
    bench = hall.start(1)
    bench.slots.lock("1", Code.E602, "3 failures in a row")
    bench.slots.lock(STATION, Code.E603, "5 failures of 10")
    told = [to_json(e, "bench-1") for e in hall.seen if isinstance(e, Notice)]
    assert [(notice["code"], notice.get("slot")) for notice in told] == [("E602", "1"), ("E603", None)]


def test_a_tile_that_asks_for_a_board_back_is_empty_once_that_board_was_done_elsewhere(hall: Hall) -> None:
    def pull(visit: Visit) -> None:
        if visit.slot == "1" and visit.phase is Phase.WRITE:
            hall.boards[1].unplug()
            while hall.bench.slots["1"].port is not None:
                time.sleep(0.01)

    hall.meanwhile(pull)
    bench = hall.start(2)
    hall.board(1, 1)
    hall.until(1, SlotState.IN_DOUBT)
    hall.nothing_comes(turns=8)
    shows(bench, 1, SlotState.IN_DOUBT, Code.E311)
    bench.slots.lock("1", Code.E608, "bent pins", by="Li Wei")
    shows(bench, 1, SlotState.LOCKED, Code.E608)
    assert doubts(bench) == [hall.boards[1].uid, ""], "the lock hides no doubt"
    hall.board(1, 2)
    hall.until(2, SlotState.PASS)
    until(lambda: doubts(bench) == ["", ""])
    bench.slots.unlock("1", "straightened", by="Li Wei")
    shows(bench, 1, SlotState.EMPTY)


def doubts(bench: Bench) -> list[str]:
    return [event.doubt for event in bench.slots.snapshot()]


def test_a_board_that_is_no_longer_in_doubt_but_still_in_its_slot_is_to_be_taken_out(hall: Hall) -> None:
    hall.profile = HASTY
    bench = hall.start(1)
    hall.board(1, 1, dead_after=5)
    event = hall.until(1, SlotState.IN_DOUBT)
    hall.ledger.retire(CertName(event.product_key, event.device_name), "label lost", by="Li Wei")
    shows(bench, 1, SlotState.WAITING, Code.E612)
    bench.slots.again()  # Space is not for this one: it would get another identity
    hall.nothing_comes()
    shows(bench, 1, SlotState.WAITING, Code.E612)


def test_a_clone_in_hand_when_the_station_is_locked_by_hand_is_what_the_lock_says_afterwards(hall: Hall) -> None:
    def lock_by_hand(event: Event) -> None:
        hall.listen(event)
        if isinstance(event, SlotEvent) and event.slot == "2" and event.state is SlotState.BUSY and event.uid:
            hall.ledger.locks.lock(STATION, Code.E608, "fire drill", by="Li Wei")

    bench = hall.start(3, listen=lock_by_hand)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    (hall.folder / "2.flash").write_bytes((hall.folder / "1.flash").read_bytes())
    hall.board(2, 2)
    shows(bench, 3, SlotState.LOCKED, Code.E701)
    assert hall.ledger.locks.held()[STATION].code == "E701"


def with_a_clone(hall: Hall) -> tuple[Bench, SimulatedAgentBoard]:
    """Slot 1 has passed, and the board in slot 2 carries a copy of it."""
    bench = hall.start(3)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    (hall.folder / "2.flash").write_bytes((hall.folder / "1.flash").read_bytes())
    return bench, hall.board(2, 2)


def test_a_clone_whose_alarm_is_lifted_is_not_begun_again_until_it_was_taken_out(hall: Hall) -> None:
    bench, clone = with_a_clone(hall)
    shows(bench, 2, SlotState.LOCKED, Code.E701)
    bench.slots.unlock(STATION, "set aside", by="Li Wei")
    shows(bench, 2, SlotState.LOCKED, Code.E622)
    hall.nothing_comes()
    assert STATION not in hall.ledger.locks.held(), "it has not raised its alarm again"
    hall.board(3, 3)
    hall.until(3, SlotState.PASS)
    bench.slots.again()
    hall.nothing_comes()
    shows(bench, 2, SlotState.LOCKED, Code.E622)
    clone.unplug()
    shows(bench, 2, SlotState.EMPTY, None)
    hall.board(2, 2)  # whoever puts it in again hears of it again
    shows(bench, 2, SlotState.LOCKED, Code.E701)


def out_of_order(*_: object, **__: object) -> None:
    raise LedgerFault("disk I/O error")


def test_an_alarm_locks_the_station_although_its_visit_cannot_be_recorded(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(ledger: Ledger, visit: Visit, seconds: float) -> None:
        out_of_order() if visit.error else recording.record(ledger, visit, seconds)

    monkeypatch.setattr(stays_module, "record", record)
    bench, _ = with_a_clone(hall)
    hall.wait(lambda e: isinstance(e, Notice) and e.code == "E320")
    shows(bench, 3, SlotState.LOCKED, Code.E701)
    assert hall.ledger.locks.held()[STATION].code == "E701"


def test_an_alarm_whose_lock_cannot_be_written_stops_this_bench_and_says_so(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Locks, "lock", out_of_order)
    bench, _ = with_a_clone(hall)
    notice = hall.wait(lambda e: isinstance(e, Notice) and "E320 disk I/O error" in e.what)
    assert isinstance(notice, Notice) and (notice.code, notice.serious) == ("E701", True)
    assert "clone" in notice.what
    shows(bench, 3, SlotState.LOCKED, Code.E701)
    hall.board(3, 3)
    bench.slots.unlock(STATION, "never mind", by="Li Wei")
    hall.noticed(3, there=True)
    shows(bench, 3, SlotState.LOCKED, Code.E701)
    assert [visit.outcome for visit in hall.ledger.visits.since(0)] == [Outcome.PASS, Outcome.ALARM]
    assert bench.tally.exit is Exit.INTEGRITY


def test_the_board_under_which_the_ledger_raised_an_alarm_is_looked_at_again_once_it_is_lifted(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not to be set aside: it had no part in that."""
    reserve, alarms = Ledger.reserve, iter([IntegrityAlarm("a forbidden change", code=Code.E704)])

    def refused_once(ledger: Ledger, *what: object, **how: object) -> Claim:
        for alarm in alarms:
            raise alarm
        return reserve(ledger, *what, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "reserve", refused_once)
    bench = hall.start(1)
    hall.until(1, SlotState.EMPTY)
    hall.board(1, 1)
    shows(bench, 1, SlotState.LOCKED, Code.E704)
    until(lambda: not bench.writing)
    bench.slots.unlock(STATION, "looked into", by="Li Wei")
    shows(bench, 1, SlotState.PASS)
    assert hall.holds(1) == ["cam0"]
