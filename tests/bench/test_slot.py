# SPDX-License-Identifier: GPL-3.0-or-later
"""What a slot does when a visit is over: how the visit ended and what was plugged in meanwhile decide it."""

from __future__ import annotations

import time
import weakref
from typing import cast

import pytest

from station.bench.slot import After, Ended, Slot, after
from station.bench.slots import Slots
from station.bench.tile import tile
from station.codes import Code
from station.errors import BoardFault, NoCertificates, PortFault, StationError, StationFault
from station.events import Asks
from station.flow.visit import Visit
from station.ledger.store import Ledger
from station.model import BoardInfo, BoardUid, Holding, Port
from station.profiles.profile import Profile
from station.rules import Outcome

UID = BoardUid("ab0000000001")
PORT = Port(url="/dev/x", slot="1", serial="A50285BI")
SAME = Port(url="/dev/x", slot="1", serial=UID.upper())
NO_STOCK = NoCertificates("no identity is left")


def visit(outcome: Outcome, error: StationError | None = None) -> Visit:
    board = BoardInfo(uid=UID, chip="c", holding=Holding.BLANK)
    return Visit(slot="1", board=board, outcome=outcome, error=error)


@pytest.mark.parametrize(
    ("outcome", "error", "stays", "replugged"),
    [
        (Outcome.PASS, None, After.STAY, After.ANEW),
        (Outcome.IN_DOUBT, PortFault("lost", code=Code.E311), After.STAY, After.ANEW),
        (Outcome.IN_DOUBT, BoardFault("another", code=Code.E209), After.STAY, After.ANEW),
        (Outcome.REMOVED, PortFault("lost", code=Code.E311), After.STAY, After.ANEW),
        (Outcome.STATION_FAULT, NO_STOCK, After.WAIT, After.ANEW),
        (Outcome.STATION_FAULT, StationFault("no server", code=Code.E329), After.WAIT, After.ANEW),
        (Outcome.WRONG_LABEL, BoardFault("label", code=Code.E212), After.WAIT, After.ANEW),
        (Outcome.FAIL, BoardFault("differs", code=Code.E204), After.STAY, After.STAY),
        (Outcome.ALREADY_DONE, None, After.STAY, After.ANEW),
        (Outcome.STATION_FAULT, PortFault("busy", code=Code.E312), After.STAY, After.STAY),
    ],
)
def test_how_a_visit_ended_and_a_replug_decide_what_the_slot_does(
    outcome: Outcome, error: StationError | None, stays: After, replugged: After
) -> None:
    assert after(visit(outcome, error), PORT, replugged=False) is stays
    assert after(visit(outcome, error), PORT, replugged=True) is replugged
    assert after(visit(outcome, error), None, replugged=True) is After.GONE


def test_a_board_that_never_said_who_it_is_is_no_known_one_when_its_port_comes_again() -> None:
    silent = Visit(slot="1", outcome=Outcome.FAIL, error=BoardFault("no answer", code=Code.E201))
    assert after(silent, PORT, replugged=True) is after(silent, SAME, replugged=True) is After.STAY


@pytest.mark.parametrize("goes_on", [False, True], ids=["over", "goes on later"])
@pytest.mark.parametrize(
    ("outcome", "error", "kept"),
    [
        (Outcome.IN_DOUBT, PortFault("lost", code=Code.E311), True),
        (Outcome.IN_DOUBT, StationFault("no server", code=Code.E329), True),
        (Outcome.FAIL, BoardFault("differs", code=Code.E204), False),
        (Outcome.STATION_FAULT, NO_STOCK, False),
        (Outcome.PASS, None, False),
    ],
)
def test_of_a_board_that_is_taken_out_nothing_but_a_doubt_stays(
    outcome: Outcome, error: StationError | None, *, kept: bool, goes_on: bool
) -> None:
    slot = Slot("1", port=PORT)
    ended = Ended(visit=visit(outcome, error), seconds=1.0, at=0.0, monotonic=0.0)
    if goes_on:
        slot.wait(2.0, error, ended)
    else:
        slot.end(ended)
    slot.empty()
    assert (slot.port, slot.ended) == (None, ended if kept else None)


def test_nothing_of_the_board_before_is_left_for_the_next_one() -> None:
    """A doubt that was settled least of all: the next one would be on no tile."""
    slot = Slot("1", port=PORT)
    slot.wants = (Asks.LABEL, Asks.SERIAL)
    slot.hear("label")
    slot.hear("SN-1")
    slot.starved = slot.turned_away = slot.settled = True
    slot.receive(PORT, wants=())
    assert (slot.label, slot.serial, slot.starved, slot.turned_away) == (None, "", False, False)
    slot.end(Ended(visit=visit(Outcome.IN_DOUBT), seconds=1.0, at=0.0, monotonic=0.0))
    assert slot.ended_as(Outcome.IN_DOUBT)
    slot.empty()
    assert slot.ended_as(Outcome.IN_DOUBT)


def test_a_board_that_its_port_tells_to_be_the_same_goes_on_waiting() -> None:
    assert after(visit(Outcome.STATION_FAULT, NO_STOCK), SAME, replugged=True) is After.WAIT


def test_a_done_board_whose_port_came_back_with_its_uid_is_done() -> None:
    assert after(visit(Outcome.ALREADY_DONE), SAME, replugged=True) is After.STAY


@pytest.mark.parametrize(
    ("port", "ago_s", "is_done"),
    [(SAME, 0.0, True), (SAME, 3600.0, False), (PORT, 0.0, False)],
    ids=["at once", "much later", "it cannot be told"],
)
def test_a_board_is_done_without_another_look_only_while_it_comes_back_from_its_own_reset(
    port: Port, ago_s: float, *, is_done: bool
) -> None:
    slot = Slot("1", port=PORT)
    slot.end(Ended(visit=visit(Outcome.PASS), seconds=1.0, at=0.0, monotonic=time.monotonic() - ago_s))
    slot.empty()
    assert (slot.came_back(port) is not None) is is_done


def test_space_takes_a_doubt_off_the_only_empty_slot_that_shows_one_and_retries_boards_first() -> None:
    slots = Slots(cast("Ledger", None), Profile(name="p", target="agent"), ("1", "2", "3"), lambda _event: None)
    doubt, fault = visit(Outcome.IN_DOUBT, PortFault("lost", code=Code.E311)), visit(Outcome.STATION_FAULT)
    for name, ended in (("1", doubt), ("2", doubt), ("3", fault)):
        slots[name].end(Ended(visit=ended, seconds=1.0, at=0.0, monotonic=0.0))
    slots["3"].port = PORT

    def showing() -> list[str]:
        slots.again()
        return [slot.name for slot in slots if slot.ended is not None]

    assert showing() == ["1", "2"]  # the third one's board is begun again
    assert showing() == ["1", "2"]  # nobody can tell which is meant
    slots["1"].vacate()
    assert showing() == []


def test_space_for_a_board_that_is_to_be_tried_again_takes_no_doubt_off_another_slot() -> None:
    slots = Slots(cast("Ledger", None), Profile(name="p", target="agent"), ("1", "2"), lambda _event: None)
    doubt, fault = visit(Outcome.IN_DOUBT, PortFault("lost", code=Code.E311)), visit(Outcome.STATION_FAULT)
    for name, ended in (("1", doubt), ("2", fault)):
        slots[name].end(Ended(visit=ended, seconds=1.0, at=0.0, monotonic=0.0))
    slots["2"].port = PORT
    slots.again()
    assert (slots["1"].ended_as(Outcome.IN_DOUBT), slots["2"].waits) == (True, True)


def test_what_a_slot_says_of_a_board_that_is_done_is_not_made_anew_whenever_another_slot_changes() -> None:
    slot = Slot("1", port=PORT)
    slot.end(Ended(visit=visit(Outcome.PASS), seconds=1.0, at=0.0, monotonic=0.0))
    first, second = (tile(slot, None, held=False, asks=None, lacks=None) for _ in range(2))
    assert first is second
    assert slot.ended is not None
    gone = weakref.ref(slot.ended)
    slot.vacate()
    slot.done = None
    assert gone() is None, "a visit's error may know a secret"
