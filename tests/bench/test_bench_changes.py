# SPDX-License-Identifier: GPL-3.0-or-later
"""Another profile, other ports: a board whose visit has ended stays what it is, one that waits takes what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from station.bench.bench import Bench
from station.bench.setup import prepare
from station.errors import ConfigError, NeedsPerson
from station.events import Asks, Phase, SlotEvent, SlotState
from station.targets.slots import SlotSpec
from tests.bench.bench_hall import PROFILE, Hall
from tests.waiting import until

OTHER = replace(PROFILE, name="other", chips=("another chip",))


def states(bench: Bench) -> dict[str, SlotState]:
    return {event.slot: event.state for event in bench.slots.snapshot()}


def failed_and_passed(hall: Hall) -> Bench:
    """One board that failed in slot 1, one that passed in slot 2; slot 3 is empty."""
    bench = hall.start(3)
    hall.board(1, 1, refuses_flash=True)
    hall.until(1, SlotState.FAIL)
    hall.board(2, 2)
    hall.until(2, SlotState.PASS)
    until(lambda: not bench.writing)
    hall.seen.clear()
    return bench


def test_boards_whose_visit_has_ended_are_left_alone_by_another_profile(hall: Hall) -> None:
    bench = failed_and_passed(hall)
    bench.use(prepare(OTHER), OTHER)
    hall.nothing_comes()
    assert hall.seen == []
    assert len(hall.ledger.visits.since(0)) == 2
    hall.board(3, 3)
    assert hall.until(3, SlotState.FAIL).code == "E202"


def test_a_board_that_waits_is_begun_with_the_profile_that_was_chosen_meanwhile(hall: Hall) -> None:
    bench = hall.start(1)
    hall.until(1, SlotState.EMPTY)
    with bench.slots.held():
        hall.board(1, 1)
        hall.until(1, SlotState.WAITING)
        bench.use(prepare(OTHER), OTHER)
    assert hall.until(1, SlotState.FAIL).code == "E202"
    assert hall.holds(1) == []


def test_a_board_that_waits_is_asked_for_what_the_new_profile_wants_to_be_scanned(hall: Hall) -> None:
    bench = hall.start(1, stocked=0)
    hall.board(1, 1)
    hall.until(1, SlotState.NO_STOCK)
    until(lambda: not bench.writing)
    scanned = replace(PROFILE, name="scanned", scan_label=True)
    bench.use(prepare(scanned), scanned)
    hall.wait(lambda e: isinstance(e, SlotEvent) and e.asks is Asks.LABEL)
    hall.receive(1)
    hall.nothing_comes()
    assert hall.holds(1) == []


def test_a_profile_that_can_flash_nothing_is_refused_before_a_bench_has_it() -> None:
    with pytest.raises(ConfigError) as refused:
        prepare(replace(OTHER, products=()))
    assert refused.value.code == "E112"


def test_nothing_is_changed_under_a_board_in_hand(hall: Hall) -> None:
    def listen(event: object) -> None:
        hall.listen(event)  # type: ignore[arg-type]
        if isinstance(event, SlotEvent) and event.phase is Phase.WRITE and not refused:
            changes: list[Callable[[], None]] = [lambda: bench.use(prepare(OTHER), OTHER), lambda: bench.assign([])]
            for change in changes:
                with pytest.raises(NeedsPerson) as error:
                    change()
                refused.append(error.value.code)

    refused: list[str] = []
    bench = hall.start(1, listen=listen)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    assert refused == ["E609", "E609"]


def test_a_slot_gets_another_port_and_a_new_one_is_added_while_the_others_stay_as_they_are(hall: Hall) -> None:
    bench = failed_and_passed(hall)
    ports = {"1": "tty1", "2": "tty2", "3": "tty8", "4": "tty9"}
    bench.assign([SlotSpec(name=name, path=str(hall.folder / path)) for name, path in ports.items()])
    hall.until(4, SlotState.EMPTY)
    hall.board(3, 8)
    hall.board(4, 9)
    hall.until(3, SlotState.PASS)
    hall.until(4, SlotState.PASS)
    assert [e for e in hall.seen if isinstance(e, SlotEvent) and e.slot in "12"] == []
    assert states(bench) == dict.fromkeys("234", SlotState.PASS) | {"1": SlotState.FAIL}
