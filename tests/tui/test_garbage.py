# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage goes while nobody waits for the screen, and all the same where the screen has no time for it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.strip import Strip

from station.tui import garbage
from station.tui.garbage import collect, collected_by_the_screen
from station.tui.rows import Beside
from tests.tui.fake_desk import FakeDesk
from tests.tui.tui_floor import floor


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def dropped() -> weakref.ref[Cycle]:
    """Of what only a collection takes away."""
    return weakref.ref(Cycle())


@pytest.fixture(autouse=True)
def young() -> Iterator[None]:
    """What other tests left is no matter of these, and Python by itself collects nothing."""
    by_itself = gc.isenabled()
    gc.disable()
    gc.freeze()
    yield
    if by_itself:
        gc.enable()


def enough() -> list[list[object]]:
    return [[] for _ in range(garbage._ENOUGH + 200)]  # what goes meanwhile is taken off


def test_it_goes_when_there_is_enough_of_it_and_no_key_has_just_come() -> None:
    gone, held = dropped(), enough()
    collect(garbage._QUIET_S / 2)
    assert gone(), "its key waits for this"
    collect(garbage._QUIET_S)
    assert not gone()
    gone = dropped()
    collect(garbage._QUIET_S)
    assert gone(), "there is hardly any"
    assert held


def test_what_has_grown_old_goes_too_however_many_keys_come() -> None:
    old = Cycle()
    gone = weakref.ref(old)
    gc.collect()
    del old
    held = []
    for _ in range(garbage._YOUNG_ONLY):
        held.append(enough())
        collect(garbage._QUIET_S)
        assert gone(), "all of it is gone through each time"
    held.append(enough())
    collect(garbage._QUIET_S)
    assert not gone()


def test_python_collects_by_itself_where_the_screen_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_TOO_MUCH", 2 * garbage._ENOUGH)
    before = gc.get_threshold()
    with collected_by_the_screen():
        gone = dropped()
        gc.enable()
        held = enough()
        assert gone(), "the screen has had no time for it yet"
        held += [*enough(), *enough()]
        gc.disable()
    assert not gone()
    assert gc.get_threshold() == before
    assert held


def test_a_row_of_tiles_that_is_shown_no_more_is_no_garbage() -> None:
    class Row(Beside):
        """One whose end can be seen."""

    row = Row([Strip([Segment("ab")]), Strip([Segment("cde")])])
    gone = weakref.ref(row)
    assert row.divide([5]) == [row]
    assert [list(part) for part in row.divide([1, 5])] == [[Segment("a")], [Segment("b"), Segment("cde")]]
    del row
    assert not gone()


@pytest.mark.asyncio
async def test_the_bench_screen_collects_it_and_goes_through_nothing_that_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(garbage, "_ENOUGH", 1)
    settled = []
    monkeypatch.setattr("station.tui.app.settle", lambda: settled.append(True))
    async with floor(FakeDesk()) as bench:
        gone = dropped()
        await bench.until(lambda: not gone())
        assert settled
