# SPDX-License-Identifier: GPL-3.0-or-later
"""One id a visit: in its tiles, its row, its lines of the audit and what the factory's systems are told of it."""

from __future__ import annotations

import json

from station.codes import Code
from station.errors import StationFault
from station.events import SlotEvent, SlotState
from station.flow.visit import Permit
from station.model import BoardUid
from station.outbox.event import event_of
from tests.bench.bench_hall import Hall


def visits_told(hall: Hall, slot: int) -> list[str]:
    """Each once, in the order of the tiles."""
    with hall.changed:
        told = [event for event in hall.seen if isinstance(event, SlotEvent) and event.slot == str(slot)]
    return list(dict.fromkeys(event.visit for event in told if event.visit))


def test_all_that_is_told_and_kept_of_a_visit_has_its_id_and_no_other_visit_has_it(hall: Hall) -> None:
    hall.start(2)
    for n in (1, 2):
        hall.board(n, n)
        hall.until(n, SlotState.PASS)
    ids = [visits_told(hall, n) for n in (1, 2)]
    assert [len(of_slot) for of_slot in ids] == [1, 1]
    assert ids[0] != ids[1]
    for number, (visit,) in enumerate(ids, 1):
        (stay,) = hall.ledger.visits.of_board(BoardUid.parse(f"ab{number:014x}"))
        assert stay.details["visit"] == visit
        told = hall.ledger.outbox.lasting(stay.number, visit)
        assert told and event_of(told, "b").content["visit"] == visit
    lines = [(line.event, json.loads(line.detail).get("visit")) for line in hall.ledger.audit.log()]
    for (visit,) in ids:
        assert [event for event, of in lines if of == visit] == ["reserved", "writing", "consumed", "visit"]
    assert {event for event, of in lines if of is None} <= {"what stays say", "received"}


def test_a_visit_that_is_waited_out_is_one_however_often_its_board_is_looked_at(hall: Hall) -> None:
    asked: list[str] = []

    def ask(uid: BoardUid, _serial: str) -> None:
        asked.append(uid)
        if len(asked) == 1:
            raise StationFault("the line's server is away", code=Code.E329)

    hall.open_ledger()
    bench = hall.made(1)
    bench.permit = Permit(ask=ask)
    hall.run(bench)
    hall.board(1, 1)
    hall.until(1, SlotState.PASS)
    assert len(asked) == 2
    assert len(visits_told(hall, 1)) == 1
    assert len(hall.ledger.visits.since(0.0)) == 1
