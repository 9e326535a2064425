# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of a shift: what each of them means, and that a refresh costs what is new and nothing more."""

from __future__ import annotations

import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, VisitRow
from station.model import BoardUid, Certificate, Identity, Provider, Secret
from station.report.counters import Counters, ShiftCount, VisitCount
from station.report.pace import part_of_plan, rate
from station.report.shift import ShiftNumbers
from station.rules import Outcome
from station.secrets.vault import Vault

BEGAN = 1_790_000_000.0
HOUR_S = 3600.0
PASS, FAIL, DOUBT, FAULT = Outcome.PASS, Outcome.FAIL, Outcome.IN_DOUBT, Outcome.STATION_FAULT


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as made:
        yield made


def visit(uid: str, outcome: Outcome, code: str = "", *, at: float = BEGAN) -> VisitRow:
    return VisitRow(at=at, slot="1", outcome=outcome, code=Code.of(code), board_uid=BoardUid(uid) if uid else None)


def counted(*visits: VisitRow) -> Counters:
    count = VisitCount(BEGAN)
    for each in visits:
        count.take(each)
    return count.counters(BEGAN + 60)


def test_a_board_that_failed_and_then_passed_is_no_failed_board() -> None:
    found = counted(visit("aa01", FAIL, "E204"), visit("aa01", PASS), visit("bb02", PASS), visit("cc03", FAIL, "E204"))
    assert (found.passed, found.failed, round(found.first_pass or 0, 6)) == (2, 1, 0.333333)
    assert found.failures == (("E204", 1),)


def test_a_doubt_is_no_failure_and_no_first_pass() -> None:
    silent = visit("aa01", DOUBT, "E201")
    assert (counted(silent).passed, counted(silent).failed, counted(silent).first_pass) == (0, 0, 0.0)
    found = counted(silent, visit("aa01", PASS))
    assert (found.passed, found.failed, found.first_pass) == (1, 0, 0.0)
    assert found.failures == ()


@pytest.mark.parametrize("code", ["E311", "E209", "E320"])
def test_a_doubt_that_blames_no_board_says_nothing_of_it(code: str) -> None:
    pulled = visit("aa01", DOUBT, code)
    assert (counted(pulled).failed, counted(pulled).first_pass, counted(pulled).failures) == (0, None, ())
    found = counted(pulled, visit("aa01", PASS))
    assert (found.passed, found.failed, found.first_pass) == (1, 0, 1.0)
    assert (found.failures, found.station_faults) == ((), ((code, 1),))


def test_a_board_that_never_answered_is_a_failed_board_each_time_and_no_first_pass() -> None:
    found = counted(visit("", FAIL, "E201"), visit("", FAIL, "E201"), visit("aa01", PASS))
    assert (found.passed, found.failed, round(found.first_pass or 0, 6)) == (1, 2, 0.333333)
    assert found.failures == (("E201", 2),)


def test_the_codes_listed_add_up_to_the_failed_boards() -> None:
    found = counted(
        visit("aa01", FAIL, "E203"),
        visit("aa01", FAIL, "E204"),
        visit("bb02", FAIL, "E204"),
        visit("cc03", FAIL, "E203"),
        visit("cc03", DOUBT, "E204"),
        visit("", FAIL, "E201"),
    )
    assert found.failures == (("E204", 2), ("E201", 1))
    assert found.failed == sum(boards for _, boards in found.failures)


def test_what_blames_no_board_is_told_apart_from_failures() -> None:
    found = counted(
        visit("aa01", FAULT, "E500"),
        visit("aa01", FAULT, "E500"),
        visit("", FAULT, "E310"),
        visit("bb02", Outcome.ALARM, "E701"),
        visit("cc03", Outcome.ALREADY_DONE),
        visit("dd04", Outcome.WRONG_LABEL, "E212"),
    )
    assert (found.passed, found.failed, found.first_pass, found.failures) == (0, 0, None, ())
    assert found.station_faults == (("E500", 2), ("E310", 1), ("E701", 1))


def test_a_reworked_board_is_one_board_and_two_of_the_hours_passes() -> None:
    found = counted(visit("aa01", PASS), visit("aa01", PASS))
    assert (found.passed, found.last_hour, found.hourly) == (1, 2, (2,))


def test_of_a_long_shift_the_last_day_is_told_by_the_hour() -> None:
    count = VisitCount(BEGAN)
    for hour in range(120):
        for _ in range(hour):
            count.take(visit("aa01", PASS, at=BEGAN + hour * HOUR_S))
    found = count.counters(BEGAN + 119.5 * HOUR_S)
    assert found.hourly == tuple(range(96, 120))
    assert found.hourly_from == BEGAN + 96 * HOUR_S


def test_a_clock_set_back_before_the_shift_began_stops_no_screen() -> None:
    count = VisitCount(BEGAN)
    count.take(visit("aa01", PASS))
    assert count.counters(BEGAN - 5 * HOUR_S).hourly == (1,)


BLAMELESS = (FAIL, DOUBT, FAULT, Outcome.ALARM)

# -- as from scratch ---------------------------------------------------------------------------------------------------


def from_scratch(visits: Sequence[VisitRow], now: float) -> Counters:
    """By definition, in as many passes as there are figures. `visits` as they were stored."""
    judged = [v for v in visits if v.outcome in (PASS, FAIL, DOUBT) and (v.outcome == PASS or v.code != "E311")]
    board_of = [v.board_uid or f"nameless {place}" for place, v in enumerate(judged)]
    last = dict(zip(board_of, judged, strict=True))
    first = dict(zip(reversed(board_of), reversed(judged), strict=True))
    passes = [v.at for v in judged if v.outcome == PASS]
    failed = Counter(v.code for v in last.values() if v.outcome == FAIL and v.code)
    hours = [0] * (int((now - BEGAN) // HOUR_S) + 1)
    for at in passes:
        hours[min(int((at - BEGAN) // HOUR_S), len(hours) - 1)] += 1
    return Counters(
        passed=sum(v.outcome == PASS for v in last.values()),
        failed=sum(v.outcome == FAIL for v in last.values()),
        first_pass=sum(v.outcome == PASS for v in first.values()) / len(first) if first else None,
        last_hour=sum(at > now - HOUR_S for at in passes),
        per_hour_shift=len(passes) / max((now - BEGAN) / HOUR_S, 1 / 60),
        hourly=tuple(hours[-24:]),
        hourly_from=BEGAN + HOUR_S * max(0, len(hours) - 24),
        failures=tuple(sorted(failed.items(), key=lambda one: (-one[1], one[0]))),
        station_faults=tuple(
            Counter(v.code for v in visits if v.code and v not in judged and v.outcome in BLAMELESS).most_common()
        ),
    )


STAYS = st.builds(
    visit,
    uid=st.sampled_from(["", "aa01", "bb02", "cc03", "dd04"]),
    outcome=st.sampled_from(Outcome),
    code=st.sampled_from(["", "E201", "E204", "E311"]),
    at=st.integers(0, 40 * 3600 * 4).map(lambda quarters: BEGAN + quarters / 4),  # seconds that floats hold exactly
)
BETWEEN_REFRESHES = st.lists(st.tuples(st.lists(STAYS, max_size=8), st.integers(0, 6 * 3600)), max_size=8)


@given(BETWEEN_REFRESHES)
def test_visits_taken_one_by_one_in_any_order_of_time_come_to_the_same_as_from_scratch(
    steps: list[tuple[list[VisitRow], int]],
) -> None:
    count, stored, now = VisitCount(BEGAN), list[VisitRow](), BEGAN
    for new, later_s in steps:
        now += later_s
        stored += new
        for each in new:
            count.take(each)
        assert count.counters(now) == from_scratch(stored, now)


@settings(max_examples=15)
@given(BETWEEN_REFRESHES)
def test_what_is_stored_late_or_before_the_shift_is_counted_once_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[VisitRow], int]]
) -> None:
    with Ledger(tmp_path_factory.mktemp("shift") / "ledger.db", Vault(bytes(32))) as ledger:
        ledger.visits.record(visit("ee05", FAIL, "E204", at=BEGAN - 1))
        count, now = ShiftCount(ledger, BEGAN), BEGAN
        for new, later_s in steps:
            now += later_s
            for each in new:
                ledger.visits.record(each)
            ledger.visits.record(visit("ee05", PASS, at=BEGAN - 60))  # the clock was set back meanwhile
            assert count.counters(now) == from_scratch(ledger.visits.since(BEGAN), now)


# -- the cost of a refresh ---------------------------------------------------------------------------------------------


def calls_of_a_refresh(numbers: ShiftNumbers) -> int:
    """Calls of functions, Python's and others: the same on a slow machine."""
    calls = 0

    def one_more(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(one_more)
    numbers.counters()
    sys.setprofile(None)
    return calls


def test_a_refresh_costs_the_same_in_a_shift_that_nobody_hands_over(ledger: Ledger) -> None:
    numbers = ShiftNumbers(ledger)
    cost = []
    for until in (20, 400):
        for number in range(len(ledger.visits.since(0)), until):
            ledger.visits.record(visit(f"b{number:05}", PASS, at=time.time()))
        numbers.counters()
        cost.append(calls_of_a_refresh(numbers))
    assert cost[0] == cost[1]


# -- identities left ---------------------------------------------------------------------------------------------------


def stock_up(ledger: Ledger, count: int) -> None:
    batch = BatchKey(provider=Provider.LIVING, batch_id="8", product_key="a1Cam")
    made = [Certificate(product_key="a1Cam", device_name=f"cam{n}", device_secret=Secret("s")) for n in range(count)]
    ledger.receive(batch, [Identity(primary=one) for one in made])


def passes(ledger: Ledger, count: int, *, ago_s: float) -> None:
    for number in range(count):
        ledger.visits.record(visit(f"b{ago_s:.0f}x{number}", PASS, at=time.time() - ago_s))


def lasts_h(ledger: Ledger) -> float:
    left_s = ShiftNumbers(ledger).counters().seconds_left
    assert left_s is not None
    return left_s / HOUR_S


def test_identities_last_as_long_as_the_last_hour_says_and_nights_do_not_count(ledger: Ledger) -> None:
    stock_up(ledger, 20)
    passes(ledger, 8, ago_s=20 * HOUR_S)
    assert ShiftNumbers(ledger).counters().seconds_left is None  # of a night nothing follows
    passes(ledger, 5, ago_s=60)
    assert lasts_h(ledger) == pytest.approx(20 / 5)


def test_one_board_after_a_break_is_no_rate(ledger: Ledger) -> None:
    """The last hours of the shift are, eight at most."""
    stock_up(ledger, 20)
    passes(ledger, 8, ago_s=3.5 * HOUR_S)
    passes(ledger, 1, ago_s=60)
    assert lasts_h(ledger) == pytest.approx(20 / (9 / 3.5), rel=0.01)
    assert rate(1, (0,) * 23 + (1,), 29.5 * HOUR_S) is None
    assert rate(1, (*[0] * 15, 30, 0, 0, 0, 0, 0, 0, 0, 1), 100.5 * HOUR_S) is None
    assert rate(1, (*[0] * 16, 30, 0, 0, 0, 0, 0, 0, 1), 100.5 * HOUR_S) == 31 / 7.5


def test_the_last_identities_are_said_to_end_after_as_few_boards(ledger: Ledger) -> None:
    stock_up(ledger, 2)
    passes(ledger, 1, ago_s=60)
    assert ShiftNumbers(ledger).counters().seconds_left is None
    passes(ledger, 1, ago_s=30)
    assert lasts_h(ledger) > 0


def test_a_plan_is_kept_by_the_last_hour_or_by_what_there_was_of_a_younger_shift(ledger: Ledger) -> None:
    assert ShiftNumbers(ledger).counters().part_of_plan is None
    passes(ledger, 5, ago_s=HOUR_S / 2)
    counted = ShiftNumbers(ledger, plan=20).counters()
    assert counted.part_of_plan == pytest.approx(0.5, rel=0.01)
    assert part_of_plan(5, 20, 2 * HOUR_S) == 0.25


def test_how_the_last_stay_in_each_slot_ended_is_known(ledger: Ledger) -> None:
    for slot, outcome, at in (("1", PASS, 9), ("2", FAIL, 8), ("1", DOUBT, 7), ("3", FAULT, 6)):
        ledger.visits.record(replace(visit("", outcome, at=time.time() - at), slot=slot))
    numbers = ShiftNumbers(ledger)
    numbers.counters()
    assert {slot: one.outcome for slot, one in numbers.last_stays().items()} == {"1": DOUBT, "2": FAIL, "3": FAULT}


def test_nothing_is_said_of_how_long_stock_lasts_after_a_board_or_two(ledger: Ledger) -> None:
    stock_up(ledger, 20)
    passes(ledger, 4, ago_s=60)
    assert ShiftNumbers(ledger).counters().seconds_left is None
    passes(ledger, 1, ago_s=30)
    assert lasts_h(ledger) > 0


def test_a_young_shift_has_its_average_alone(ledger: Ledger) -> None:
    stock_up(ledger, 20)
    assert ShiftNumbers(ledger).counters().seconds_left is None
    passes(ledger, 5, ago_s=HOUR_S / 2)
    assert lasts_h(ledger) == pytest.approx(20 / 10, rel=0.01)
