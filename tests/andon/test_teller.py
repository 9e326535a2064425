# SPDX-License-Identifier: GPL-3.0-or-later
"""One output's queue: nobody waits for it, nothing is lost without a count, and its death is said once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from station.andon.teller import Teller
from station.errors import StationError
from station.events import SlotState
from tests.andon.receivers import Fickle, line
from tests.waiting import PATIENCE_S, until


class Said:
    def __init__(self) -> None:
        self.all: list[str] = []

    def __call__(self, name: str, error: StationError) -> None:
        self.all.append(f"{name}: {error.code} {error.what}")


@pytest.fixture
def fickle() -> Iterator[Fickle]:
    made = Fickle()
    yield made
    made.goes_on.set()


def uids(fickle: Fickle) -> list[object]:
    return [one.content["uid"] for one in fickle.told]


def test_lines_come_in_order_and_what_failed_is_told_again_before_the_next(fickle: Fickle) -> None:
    said = Said()
    fickle.works = False
    teller = Teller(fickle, said, first_s=0.01)
    for number in range(5):
        teller.tell(line(uid=f"5a{number}"))
    until(lambda: said.all)
    fickle.works = True
    until(lambda: len(fickle.told) == 5)
    teller.end()
    teller.join(PATIENCE_S)
    assert uids(fickle) == [f"5a{number}" for number in range(5)]
    assert said.all == ["fickle: E316 it is dead"]
    assert fickle.closed


def test_while_it_hangs_the_oldest_lines_are_dropped_and_the_next_one_says_how_many(fickle: Fickle) -> None:
    said = Said()
    teller = Teller(fickle, said, room=3)
    fickle.goes_on.clear()
    teller.tell(line(uid="in-hand"))
    assert fickle.begun.wait(PATIENCE_S)
    for number in range(10):
        teller.tell(line(uid=f"5a{number}"))  # returns: the output is held up until below
    fickle.goes_on.set()
    until(lambda: len(fickle.told) == 4)
    assert uids(fickle) == ["in-hand", "5a7", "5a8", "5a9"]
    assert [one.content.get("dropped") for one in fickle.told] == [None, 7, None, None]
    assert until(lambda: said.all) == ["fickle: E316 it does not keep up, 7 lines were dropped"]


def test_a_count_of_dropped_lines_is_not_lost_with_the_line_that_had_it(fickle: Fickle) -> None:
    teller = Teller(fickle, Said(), room=2, first_s=0.01)
    fickle.goes_on.clear()
    fickle.works = False
    for number in range(9):
        teller.tell(line(uid=f"5a{number}"))
    fickle.goes_on.set()
    for number in range(9, 12):
        teller.tell(line(uid=f"5a{number}"))
    fickle.works = True
    until(lambda: uids(fickle)[-1:] == ["5a11"])
    counts = [one.content.get("dropped", 0) for one in fickle.told]
    assert sum(count for count in counts if isinstance(count, int)) + len(fickle.told) == 12


def test_a_lamp_is_told_only_what_is_so_now_and_counts_nothing() -> None:
    lamp = Fickle(only_latest=True)
    teller = Teller(lamp, Said())
    lamp.goes_on.clear()
    teller.tell(line(uid="in-hand"))
    assert lamp.begun.wait(PATIENCE_S)
    for number in range(10):
        teller.tell(line(uid=f"5a{number}"))
    lamp.goes_on.set()
    until(lambda: len(lamp.told) == 2)
    assert uids(lamp) == ["in-hand", "5a9"]
    assert "dropped" not in lamp.told[-1].content


def test_a_lamp_that_may_have_been_away_is_told_again() -> None:
    lamp = Fickle(only_latest=True, again_s=0.01)
    teller = Teller(lamp, Said())
    teller.tell(line(uid="now"))
    until(lambda: len(lamp.told) > 3)
    teller.end()
    assert {one.content["uid"] for one in lamp.told} == {"now"}


def test_an_output_that_comes_and_goes_is_said_to_be_dead_once(fickle: Fickle) -> None:
    said = Said()
    teller = Teller(fickle, said, first_s=0.01)
    for number in range(1, 4):
        fickle.works = False
        fickle.begun.clear()
        teller.tell(line())
        assert fickle.begun.wait(PATIENCE_S)
        fickle.works = True
        until(lambda: len(fickle.told) == number)  # noqa: B023 - asked at once
    assert said.all == ["fickle: E316 it is dead"]
    teller.end()


def test_an_output_is_told_of_its_tiles_alone(fickle: Fickle) -> None:
    fickle.on = frozenset({"FAIL"})  # type: ignore[assignment]
    teller = Teller(fickle, Said())
    for state in (SlotState.PASS, SlotState.FAIL, SlotState.EMPTY):
        teller.tell(line(state))
    teller.end()
    teller.join(PATIENCE_S)
    assert [one.light for one in fickle.told] == ["FAIL"]


def test_the_end_tells_what_is_queued_and_leaves_a_hanging_output_behind(fickle: Fickle) -> None:
    teller = Teller(fickle, Said())
    fickle.goes_on.clear()
    teller.tell(line())
    assert fickle.begun.wait(PATIENCE_S)
    teller.end()
    teller.join(0.0)  # it is held up: whoever ends does not wait, and closes it
    assert fickle.closed == 1
