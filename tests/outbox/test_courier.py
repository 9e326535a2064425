# SPDX-License-Identifier: GPL-3.0-or-later
"""What a receiver gets: everything, in each board's order, whatever it refuses, and for how long it takes nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import ConfigError, StationError
from station.ledger.outbox import ReceiverStatus
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.model import BoardUid
from station.outbox import courier as couriers
from station.outbox.courier import Courier
from station.outbox.event import Event
from station.rules import Outcome
from station.secrets.vault import Vault
from tests.outbox.stays import Mes, passed, require_each_once_in_order, stayed
from tests.schemas.held import hold_line


def courier(ledger: Ledger, mes: Mes, said: list[str] | None = None) -> Courier:
    heard = said if said is not None else []
    return Courier(mes, ledger, "LINE-3", lambda _name, error, refused: heard.append(error.what if error else refused))


def standing(ledger: Ledger) -> ReceiverStatus:
    (one,) = ledger.outbox.standings()
    return one


def test_an_event_says_all_of_a_stay_and_nothing_secret(ledger: Ledger, mes: Mes) -> None:
    ledger.outbox.begin("mes")
    passed(ledger, 1)
    stayed(ledger, None, Outcome.STATION_FAULT)
    courier(ledger, mes).send()
    event, other = mes.contents
    about = {"schema": 1, "event": "visit", "number": 1, "bench": "LINE-3", "slot": "1", "uid": "a0b1c2000001"}
    about |= {
        "serial": "SN-0001",
        "product": "a1Camera",
        "device": "cam1",
        "batch": "4711",
        "order": None,
        "profile": "cam",
    }
    about |= {"outcome": "PASS", "code": None, "attempt": 1, "seconds": 1.5, "proof": "readback"}
    assert {key: event[key] for key in about} == about
    assert event["phases"] == {"identify": 0.25, "write": 0.75, "verify": 0.5}
    assert event["began"] < event["ended"]
    assert set(event) == {*about, "id", "visit", "time", "phases", "began", "ended"} == set(other)
    hold_line("outbox", event)
    hold_line("outbox", other)
    assert (other["uid"], other["device"], other["proof"], other["phases"]) == (None, None, None, {})
    assert not any(word in str(event) for word in ("secret-of-", "OP7"))


def test_a_receiver_begins_with_what_ends_from_then_on_or_with_a_day(ledger: Ledger, mes: Mes) -> None:
    stayed(ledger, 1, at=1000.0)
    stayed(ledger, 1, at=2000.0)
    courier(ledger, mes).send()
    assert mes.told == []
    stayed(ledger, 1)
    courier(ledger, mes).send()
    assert mes.told == [3]
    late = Mes("late")
    late.since = 1500.0
    courier(ledger, late).send()
    assert late.told == [2, 3]
    late.since = 0.0
    courier(ledger, late).send()
    assert late.told == [2, 3], "it goes on where it is"


def test_the_same_stay_has_the_same_id_and_another_one_of_its_number_has_another(
    ledger: Ledger, mes: Mes, tmp_path: object
) -> None:
    ledger.outbox.begin("mes")
    ledger.outbox.begin("other")
    stayed(ledger, 1)
    other = Mes("other")
    courier(ledger, mes).send()
    courier(ledger, other).send()
    assert mes.contents == other.contents
    with closing(Ledger(ledger.path.parent / "set_back.db", Vault(bytes(range(32))))) as set_back:
        set_back.outbox.begin("mes")
        stayed(set_back, 1, what="after it was set back")
        courier(set_back, mes).send()
    assert mes.told == [1, 1]
    assert mes.contents[0]["id"] != mes.contents[1]["id"]


def test_what_nobody_takes_waits_however_long(ledger: Ledger, mes: Mes) -> None:
    said: list[str] = []
    ledger.outbox.begin("mes")
    for board in (1, 2, 1):
        stayed(ledger, board)
    mes.deaf = True
    one = courier(ledger, mes, said)
    for _ in range(3):
        with pytest.raises(StationError, match="nobody listens"):
            one.send()
    assert (standing(ledger).waiting, standing(ledger).trouble) == (3, "nobody listens")
    mes.deaf = False
    one.send()
    assert (mes.told, standing(ledger).waiting, standing(ledger).trouble) == ([1, 2, 3], 0, "")


def test_a_refused_event_holds_back_its_board_and_no_other(ledger: Ledger, mes: Mes) -> None:
    said: list[str] = []
    ledger.outbox.begin("mes")
    for board in (1, 2, 1, None, None, 3):
        stayed(ledger, board)
    mes.refuses = {1, 4}
    one = courier(ledger, mes, said)
    one.send()
    assert mes.told == [2, 5, 6], "a stay without a board stands behind none"
    assert said == ["event 1: it answered 422", "event 4: it answered 422"]
    stayed(ledger, 1)
    one.send()
    assert mes.told == [2, 5, 6]
    now = standing(ledger)
    assert ([event.number for event in now.refused], now.waiting) == ([1, 4], 2)


def test_tried_again_a_board_goes_on_in_its_order(ledger: Ledger, mes: Mes) -> None:
    ledger.outbox.begin("mes")
    for board in (1, 2, 1, 1):
        stayed(ledger, board)
    mes.refuses = {1, 3}
    one = courier(ledger, mes)
    one.send()
    mes.refuses = {3}
    assert ledger.outbox.retry("mes", None) == [1]
    stayed(ledger, 1)
    one.send()
    assert mes.told == [2, 1], "3 is refused in its turn, and 4 and 5 wait for it"
    mes.refuses = set()
    assert ledger.outbox.retry("mes", 3) == [3]
    one.send()
    assert mes.told == [2, 1, 3, 4, 5]
    assert (standing(ledger).waiting, standing(ledger).refused) == (0, [])


def test_what_is_skipped_never_goes_and_lets_the_others_go(ledger: Ledger, mes: Mes) -> None:
    ledger.outbox.begin("mes")
    for board in (1, 1, 2):
        stayed(ledger, board)
    mes.refuses = {1}
    one = courier(ledger, mes)
    one.send()
    ledger.outbox.skip("mes", 1, "entered by hand", by="Li Wei")
    one.send()
    assert mes.told == [3, 2]
    stayed(ledger, 2)
    mes.deaf = True
    ledger.outbox.skip("mes", 4, "it stops all others", by="Li Wei")  # before it was ever tried
    stayed(ledger, 3)
    mes.deaf = False
    one.send()
    assert mes.told == [3, 2, 5]
    for number in (1, 2, 4, 99):
        with pytest.raises(ConfigError, match=f"event {number} does not wait"):
            ledger.outbox.skip("mes", number, "again", by="Li Wei")
    with pytest.raises(ConfigError, match="was not refused"):
        ledger.outbox.retry("mes", 2)
    with pytest.raises(ConfigError, match="no receiver"):
        ledger.outbox.retry("nobody", None)


@pytest.mark.parametrize("is_refused", [False, True])
def test_what_is_skipped_while_it_is_sent_stays_skipped_and_costs_no_other(
    ledger: Ledger, mes: Mes, *, is_refused: bool
) -> None:
    class Skipping(Mes):
        def deliver(self, event: Event) -> None:
            try:
                super().deliver(event)
            finally:
                if event.number == skipped:
                    ledger.outbox.skip("mes", event.number, "entered by hand", by="Li Wei")

    skipped, mes = 0, Skipping()
    ledger.outbox.begin("mes")
    stayed(ledger, 1)
    mes.refuses = {1}
    one = courier(ledger, mes)
    one.send()
    for board in (2, 1):
        stayed(ledger, board)
    mes.refuses = {2} if is_refused else set()
    skipped = 2 if is_refused else 1  # a new one, or one that is tried again
    ledger.outbox.retry("mes", 1)
    one.send()
    assert mes.told == ([1, 3] if is_refused else [1, 2, 3])
    assert (standing(ledger).waiting, standing(ledger).refused) == (0, [])


def spelt(ledger: Ledger, uid: str) -> None:
    board = BoardUid(uid)
    ledger.visits.record(VisitRow(at=time.time(), slot="1", outcome=Outcome.FAIL, board_uid=board, seconds=1.5))


def test_a_board_that_an_older_station_spelt_otherwise_is_one_board(tmp_path: Path, mes: Mes) -> None:
    state = tmp_path / "state" / "ledger.db"
    with Ledger(state, Vault(bytes(range(32)))) as ledger:
        ledger.outbox.begin("mes")
        spelt(ledger, "sn5a00c0ffee01")
        stayed(ledger, 2)
        spelt(ledger, "5a00c0ffee01")
        with closing(sqlite3.connect(state)) as old, old:
            old.execute("INSERT INTO spellings VALUES ('sn5a00c0ffee01', '5a00c0ffee01')")
        mes.refuses = {1}
        one = courier(ledger, mes)
        one.send()
        spelt(ledger, "5a00c0ffee01")
        one.send()
        assert mes.told == [2], "3 and 4 wait behind 1, which is of the same board"
        mes.refuses = set()
        ledger.outbox.retry("mes", None)
        one.send()
        assert mes.told == [2, 1, 3, 4]


def test_only_one_sends_to_a_receiver_at_a_time(ledger: Ledger, mes: Mes) -> None:
    ledger.outbox.begin("mes")
    stayed(ledger, 1)
    with ledger.outbox.alone("mes") as alone:
        assert alone
        assert courier(ledger, mes).send() is False
    assert mes.told == []
    assert courier(ledger, mes).send() is True
    assert mes.told == [1]


def test_a_defect_of_a_receiver_is_said_once_and_stops_nobody(ledger: Ledger, mes: Mes) -> None:
    said: list[str] = []
    ledger.outbox.begin("mes")
    stayed(ledger, 1)
    mes.deliver = lambda _event: 1 / 0  # type: ignore[assignment, method-assign]
    one = courier(ledger, mes, said)
    assert 0.5 <= one._once() <= 1.0
    assert 1.0 <= one._once() <= 2.0
    assert len(said) == 1
    assert said[0].startswith("defect: ZeroDivisionError")
    assert standing(ledger).waiting == 1


def test_its_time_is_over_in_the_middle_and_what_has_left_is_known(ledger: Ledger, mes: Mes) -> None:
    ledger.outbox.begin("mes")
    for board in range(3):
        stayed(ledger, board)
    one = courier(ledger, mes)
    deliver = mes.deliver

    def last(event: object) -> None:
        deliver(event)  # type: ignore[arg-type]
        one.end(0.0)

    mes.deliver = last  # type: ignore[method-assign]
    one.run()
    assert (mes.told, standing(ledger).waiting) == ([1], 2)


@pytest.mark.parametrize("at_once", [1, 3])
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_refused_and_tried_again_each_comes_in_its_boards_order(
    at_once: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    boards = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=10))
    folder, mes = tmp_path_factory.mktemp("outbox"), Mes()
    before, couriers.AT_ONCE = couriers.AT_ONCE, at_once  # type: ignore[misc]
    try:
        with Ledger(folder / "ledger.db", Vault(bytes(range(32)))) as ledger:
            ledger.outbox.begin("mes")
            one = courier(ledger, mes)
            for board in boards:
                stayed(ledger, board, at=time.time())
                mes.refuses = data.draw(st.sets(st.integers(1, len(boards))))
                if data.draw(st.booleans()):
                    ledger.outbox.retry("mes", None)
                if data.draw(st.booleans()):
                    one.send()
            mes.refuses = set()
            while ledger.outbox.retry("mes", None) or standing(ledger).waiting:
                one.send()
    finally:
        couriers.AT_ONCE = before  # type: ignore[misc]
    require_each_once_in_order(mes.contents, range(1, len(boards) + 1))
    assert len(mes.told) == len(boards)
