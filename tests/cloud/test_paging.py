# SPDX-License-Identifier: GPL-3.0-or-later
"""The pager ends when all is held and not before, whatever order, size and totals the pages have."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cloud.capabilities import BatchNotReady, ParameterRefused
from station.cloud.paging import BatchIncomplete, Patience, all_pages
from station.cloud.values import Page, single
from station.model import Certificate, Secret
from tests.sampled import examples

HASTY = Patience(seconds=0.004, first_wait_s=0.001)


def device(number: int) -> Any:
    return single(Certificate(product_key="k", device_name=f"d{number:06}", device_secret=Secret("s")))


class Cloud:
    """A batch of `amount`, served by `page(number, size)`; subclasses and tests misbehave on top."""

    def __init__(self, amount: int, total: bool = True) -> None:
        self.amount = amount
        self.total = total
        self.asked: list[int] = []
        self.page: Callable[[int, int], Page] = self.honest

    def rows(self, start: Any, count: Any) -> Any:
        return tuple(device(n) for n in range(max(start, 0), max(min(start + count, self.amount), 0)))

    def honest(self, number: int, size: int) -> Page:
        self.asked.append(number)
        rows = self.rows((number - 1) * size, size)
        return Page(number=number, items=rows, total=self.amount if self.total else None)


def slept(seconds: float, _why: str) -> bool:
    time.sleep(seconds)
    return True


def collect(
    cloud: Cloud, size: int, *, expected: Any = None, held: Any = (), patience: Any = HASTY, rest: Any = slept
) -> Any:
    names = set(held)
    for page in all_pages(
        cloud.page, batch="7", size=size, held=lambda: len(names), expected=expected, patience=patience, rest=rest
    ):
        names.update(item.name.device_name for item in page.items)
    return names


def everything(cloud: Cloud) -> Any:
    return {f"d{n:06}" for n in range(cloud.amount)}


@given(st.integers(1, 60), st.integers(1, 15), st.booleans(), st.booleans())
def test_a_well_behaved_batch_takes_no_page_more_than_needed(
    amount: int, size: int, total: bool, expected: Any
) -> None:
    cloud = Cloud(amount, total)
    assert collect(cloud, size, expected=amount if expected else None) == everything(cloud)
    pages = -(-amount // size)
    assert cloud.asked == list(range(1, pages + 1 + (not total and not expected)))


@settings(max_examples=examples(40))
@given(st.integers(1, 40), st.integers(1, 10), st.integers(0, 2**32), st.sampled_from([0.1, 0.3]))
def test_pages_that_shift_shorten_shrink_and_hide_still_give_all(
    amount: int, size: int, seed: int, chance: Any
) -> None:
    dice = random.Random(seed)
    cloud = Cloud(amount)
    honest = cloud.page

    def page(number: int, size: int) -> Any:
        if dice.random() > chance:
            return honest(number, size)
        match dice.randrange(5):
            case 0:
                raise BatchNotReady("not yet")
            case 1:
                return honest(max(number - 1, 1), size)
            case 2:
                found = honest(number, size)
                return Page(number=number, items=found.items[: len(found.items) // 2], total=found.total)
            case 3:
                found = honest(number, size)
                return Page(number=number, items=found.items, total=max(found.total - 3, 0))
            case _:
                return Page(number=number, items=cloud.rows((number - 1) * size + 2, size), total=cloud.amount)

    cloud.page = page
    found = collect(cloud, size, expected=amount, patience=Patience(seconds=60), rest=lambda _seconds, _why: True)
    assert found == everything(cloud)


def test_a_cloud_that_gives_smaller_pages_than_asked_for_is_followed() -> None:
    cloud = Cloud(55)
    honest = cloud.page
    cloud.page = lambda number, _size: honest(number, 20)
    assert collect(cloud, 50) == everything(cloud)


def test_a_page_past_the_end_may_be_refused() -> None:
    cloud = Cloud(20)
    honest = cloud.page
    short = iter([True])

    def page(number: int, size: int) -> Any:
        if number > 2:
            raise ParameterRefused("invalid offset")
        found = honest(number, size)
        return Page(number=number, items=found.items[1:], total=20) if number == 2 and next(short, False) else found

    cloud.page = page
    assert collect(cloud, 10) == everything(cloud)


def test_a_refused_parameter_before_the_end_is_an_error() -> None:
    cloud = Cloud(20)

    def page(_number: int, _size: int) -> Page:
        raise ParameterRefused("no such product")

    cloud.page = page
    with pytest.raises(ParameterRefused):
        collect(cloud, 10)


def test_an_empty_batch_just_made_is_waited_for() -> None:
    cloud = Cloud(0)
    honest = cloud.page

    def page(number: int, size: int) -> Any:
        if len(cloud.asked) == 3:
            cloud.amount = 12
        return honest(number, size)

    cloud.page = page
    assert collect(cloud, 10, patience=Patience(seconds=5, first_wait_s=0.001)) == everything(cloud)


def test_a_batch_being_made_is_followed_to_the_amount_asked_for() -> None:
    cloud = Cloud(3)
    honest = cloud.page

    def page(number: int, size: int) -> Any:
        cloud.amount = min(cloud.amount + 2, 20)
        return honest(number, size)

    cloud.page = page
    assert len(collect(cloud, 10, expected=20, patience=Patience(seconds=5, first_wait_s=0.001))) == 20


@pytest.mark.parametrize("total", [True, False])
def test_the_same_page_for_ever_ends(total: bool) -> None:
    cloud = Cloud(20, total)
    honest = cloud.page
    cloud.page = lambda _number, size: honest(1, size)
    if total:
        with pytest.raises(BatchIncomplete, match="10 of 20"):
            collect(cloud, 10)
    else:
        assert len(collect(cloud, 10)) == 10
    assert len(cloud.asked) < 50


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_total_beyond_all_pages_ends_as_well(pages: int) -> None:
    """Past its end the cloud begins again, or gives its last page again and again."""
    cloud = Cloud(30)
    honest = cloud.page

    def page(number: int, size: int) -> Page:
        if len(cloud.asked) > 1000:
            pytest.fail("it is asked without end")
        return replace(honest((number - 1) % pages + 1, size), total=10**12)

    cloud.page = page
    with pytest.raises(BatchIncomplete, match=f"{pages * 10} of 1000000000000"):
        collect(cloud, 10)


def test_a_batch_that_never_appears_says_what_the_cloud_said() -> None:
    cloud = Cloud(20)

    def page(_number: int, _size: int) -> Page:
        raise BatchNotReady("no such batch, code 6271")

    cloud.page = page
    with pytest.raises(BatchIncomplete, match="6271"):
        collect(cloud, 10)


@pytest.mark.parametrize(("held", "first"), [(0, 1), (9, 1), (10, 1), (11, 2), (25, 3), (30, 3)])
def test_a_resumed_pull_starts_where_the_last_ended(held: int, first: int) -> None:
    cloud = Cloud(30)
    assert collect(cloud, 10, held=[f"d{n:06}" for n in range(held)]) == everything(cloud)
    assert cloud.asked[0] == first
