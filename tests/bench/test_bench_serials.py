# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial numbers on a bench: asked for like a label, after it, one slot at a time; a wrong one is asked for again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.bench.bench import Bench
from station.events import Asks, SlotEvent, SlotState
from station.model import BoardUid
from station.profiles.scans import Demand, SerialRule
from station.rules import Outcome
from station.serial_number import NotASerial
from tests.bench.bench_hall import PROFILE, Hall
from tests.waiting import until

RULE = SerialRule(ask=Demand.REQUIRED, pattern="^SN[0-9]+$")


@pytest.fixture
def numbered(hall: Hall) -> Hall:
    hall.profile = replace(PROFILE, serial=RULE)
    return hall


def soon(bench: Bench, slot: str, what: Asks) -> None:
    until(lambda: [(e.slot, e.asks) for e in bench.slots.snapshot() if e.asks] == [(slot, what)], bench.slots.snapshot)


def test_each_board_in_turn_is_asked_for_its_own(numbered: Hall) -> None:
    bench = numbered.start(2)
    numbered.board(1, 1)
    soon(bench, "1", Asks.SERIAL)
    numbered.board(2, 2)
    numbered.noticed(2, there=True)
    assert bench.slots.hear("sn1") == ("1", Asks.SERIAL)
    soon(bench, "2", Asks.SERIAL)
    with pytest.raises(NotASerial):
        bench.slots.scan("OTHER")
    with pytest.raises(NotASerial):  # required: the card for none is no answer
        bench.slots.scan("NONE")
    assert bench.slots.scan("SN2") == "2"
    assert numbered.until(1, SlotState.PASS).serial == "SN1"
    assert numbered.until(2, SlotState.PASS).serial == "SN2"


def test_the_neighbours_serial_number_is_said_and_asked_for_again(numbered: Hall) -> None:
    bench = numbered.start(1)
    assert numbered.ledger.serials.give(BoardUid(f"ab{9:014x}"), "SN9", "7") is None
    numbered.board(1, 1)
    soon(bench, "1", Asks.SERIAL)
    bench.slots.scan("SN9")
    told = numbered.wait(lambda e: isinstance(e, SlotEvent) and e.code == "E217")
    assert isinstance(told, SlotEvent) and (told.state, told.asks) == (SlotState.READY, Asks.SERIAL)
    assert numbered.holds(1) == []
    bench.slots.scan("SN1")
    numbered.until(1, SlotState.PASS)
    until(lambda: len(numbered.ledger.visits.since(0)) == 2)
    assert [(v.outcome, v.details.get("serial")) for v in numbered.ledger.visits.since(0)] == [
        (Outcome.WRONG_LABEL, None),
        (Outcome.PASS, "SN1"),
    ]


def test_label_first_then_serial_number(numbered: Hall) -> None:
    numbered.profile = replace(numbered.profile, scan_label=True)
    bench = numbered.start(1)
    numbered.board(1, 1)
    soon(bench, "1", Asks.LABEL)
    bench.slots.scan(f"AB{9:014X}")
    soon(bench, "1", Asks.SERIAL)
    bench.slots.scan("SN1")
    soon(bench, "1", Asks.LABEL)  # the neighbour's label: its serial number does not count either
    assert numbered.ledger.serials.board_of("SN1") is None
    bench.slots.scan(f"AB{1:014X}")
    soon(bench, "1", Asks.SERIAL)
    bench.slots.scan("SN2")
    assert numbered.until(1, SlotState.PASS).serial == "SN2"


def test_where_it_is_optional_the_card_for_none_goes_on(numbered: Hall) -> None:
    numbered.profile = replace(numbered.profile, serial=replace(RULE, ask=Demand.OPTIONAL))
    bench = numbered.start(1)
    numbered.board(1, 1)
    soon(bench, "1", Asks.SERIAL)
    bench.slots.scan("none")
    assert numbered.until(1, SlotState.PASS).serial == ""
