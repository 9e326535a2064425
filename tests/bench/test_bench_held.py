# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor at work holds the bench: nothing begins, nothing in hand is interrupted, what came goes on later."""

from __future__ import annotations

from station.bench.bench import Bench
from station.codes import Code
from station.events import Phase, SlotEvent, SlotState
from station.flow.visit import Visit
from tests.bench.bench_hall import Hall
from tests.waiting import until


def codes(bench: Bench) -> dict[str, tuple[SlotState, Code | None]]:
    return {event.slot: (event.state, event.code) for event in bench.slots.snapshot()}


def test_a_board_that_comes_while_the_bench_is_held_waits_and_goes_on_at_the_last_release(hall: Hall) -> None:
    bench = hall.start(2)
    hall.until(1, SlotState.EMPTY)
    bench.slots.hold()
    with bench.slots.held():
        hall.board(1, 1)
        assert hall.until(1, SlotState.WAITING).code == "E611"
    hall.nothing_comes()
    assert codes(bench) == {"1": (SlotState.WAITING, "E611"), "2": (SlotState.EMPTY, None)}
    assert [port.slot for port in bench.slots.boards()] == ["1"]
    bench.slots.release()
    hall.until(1, SlotState.PASS)
    assert hall.holds(1) == ["cam0"]


def test_a_board_in_hand_is_finished_and_one_that_is_done_keeps_its_tile(hall: Hall) -> None:
    def listen(event: object) -> None:
        hall.listen(event)  # type: ignore[arg-type]
        if isinstance(event, SlotEvent) and event.slot == "2" and event.phase is Phase.WRITE and not held:
            held.append(True)
            bench.slots.hold()

    held: list[bool] = []
    bench = hall.start(3, listen=listen)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    hall.board(2, 2)
    hall.until(2, SlotState.PASS)
    hall.board(3, 3)
    assert hall.until(3, SlotState.WAITING).code == "E611"
    assert codes(bench)["1"] == codes(bench)["2"] == (SlotState.PASS, None)
    assert next(port.slot for port in bench.slots.boards()) == "3"  # the one to look at before those that are done


def test_a_lock_is_said_before_a_hold(hall: Hall) -> None:
    bench = hall.start(1)
    hall.until(1, SlotState.EMPTY)
    bench.slots.lock("1", Code.E608, "bent pins", by="Li Wei")
    bench.slots.hold()
    hall.board(1, 1)
    hall.noticed(1, there=True)
    assert codes(bench) == {"1": (SlotState.LOCKED, "E608")}
    bench.slots.unlock("1", "straightened", by="Li Wei")
    assert codes(bench) == {"1": (SlotState.WAITING, "E611")}


def test_a_board_that_comes_while_the_station_is_ending_is_told_so_and_no_slot_invites_one(hall: Hall) -> None:
    def end_meanwhile(visit: Visit) -> None:
        if visit.phase is Phase.WRITE and not ended:
            ended.append(True)
            hall.bench.stop()
            hall.board(2, 2)
            hall.wait(lambda e: isinstance(e, SlotEvent) and (e.slot, e.code) == ("2", Code.E642) and bool(e.do))
            until(lambda: codes(hall.bench)["2"] == (SlotState.WAITING, Code.E642))

    ended: list[bool] = []
    hall.meanwhile(end_meanwhile)
    bench = hall.start(3)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    assert codes(bench) == {
        "1": (SlotState.PASS, None),
        "2": (SlotState.WAITING, Code.E642),
        "3": (SlotState.EMPTY, Code.E642),
    }
    assert hall.holds(2) == []
