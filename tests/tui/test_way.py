# SPDX-License-Identifier: GPL-3.0-or-later
"""A slot lets a screen that is busy pass, and waits for none that hangs; none waits while something is due."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from station.codes import Exit
from station.desk.info import StationInfo
from station.model import Language
from station.tui.app import BenchApp
from station.tui.run import show_bench
from station.tui.way import MOST_S, TURN_S, ScreenSelector, Way, short_turns
from tests.tui.test_opening import Behind
from tests.waiting import PATIENCE_S, until


class Waited(threading.Event):
    """Tells how long somebody was ready to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []
        self.set()

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout or 0.0)
        return super().wait(timeout)


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def way() -> Way:
    made = Way()
    made._free = Waited()
    return made


def waits(way: Way) -> list[float]:
    assert isinstance(way._free, Waited)
    return way._free.asked


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """It stands until a test moves it."""
    stands = Clock()
    monkeypatch.setattr("station.tui.way.time", stands)
    return stands


@pytest.fixture(autouse=True)
def interpreter() -> Iterator[None]:
    """What a screen sets for the whole process is as before afterwards."""
    switch_s, collects = sys.getswitchinterval(), gc.isenabled()
    yield
    sys.setswitchinterval(switch_s)
    if not collects:
        gc.disable()


def test_nobody_waits_while_the_screen_has_nothing_to_do(way: Way) -> None:
    way.let_pass()
    way.take()
    way.leave()
    way.let_pass()
    assert waits(way) == []


def test_the_screen_s_turns_are_long_and_all_others_short(way: Way) -> None:
    way.take()
    assert sys.getswitchinterval() == pytest.approx(MOST_S)
    with short_turns():  # a frame is on its way to a terminal
        assert sys.getswitchinterval() == pytest.approx(TURN_S)
    assert sys.getswitchinterval() == pytest.approx(MOST_S)
    way.leave()
    assert sys.getswitchinterval() == pytest.approx(TURN_S)


def test_a_slot_goes_on_as_soon_as_the_screen_is_done(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.tui.way.MOST_S", 2 * PATIENCE_S)
    way.take()
    slot = threading.Thread(target=way.let_pass, daemon=True)
    slot.start()
    until(lambda: waits(way))
    assert slot.is_alive()
    way.leave()
    slot.join(PATIENCE_S)
    assert not slot.is_alive()


def test_a_screen_that_hangs_holds_a_slot_for_a_moment_and_none_again(way: Way, clock: Clock) -> None:
    assert MOST_S <= 0.05
    way.take()
    clock.now += MOST_S / 2
    way.let_pass()  # nobody leaves
    assert waits(way) == [pytest.approx(MOST_S / 2)]
    clock.now += MOST_S
    way.take()  # it is busy as before, whatever it is busy with
    way.let_pass()
    assert len(waits(way)) == 1


def test_a_loop_has_the_way_but_while_it_waits_for_something_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    way, left = Way(), list[bool]()
    leave = way.leave

    def noted() -> None:
        left.append(True)
        leave()

    monkeypatch.setattr(way, "leave", noted)

    async def screen() -> None:
        left.clear()
        for _ in range(3):
            assert not way.is_free
            await asyncio.sleep(0)  # another callback is due at once
        assert not left
        await asyncio.to_thread(until, lambda: way.is_free)
        assert not way.is_free

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(ScreenSelector(way))) as runner:
        runner.run(screen())


def test_the_slots_of_a_station_let_its_screen_pass(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """The clock stands: what passes has not lost its patience."""
    desk, passed = Behind(), threading.Event()
    desk.let.set()
    gc.disable()  # as at the start of a command

    def step() -> None:
        desk.give_way()
        passed.set()

    collects_at = gc.get_threshold()[0]

    async def run(app: BenchApp, *, mouse: bool) -> None:
        assert not mouse
        assert app._opening
        app._opening.open()
        assert gc.isenabled(), "where the screen hangs, nobody else collects"
        assert gc.get_threshold()[0] > collects_at, "before a key comes"
        monkeypatch.setattr("station.tui.way.MOST_S", 2 * PATIENCE_S)
        await asyncio.sleep(0.001)  # it leaves, and takes it again
        slot = threading.Thread(target=step, daemon=True)
        slot.start()
        free = desk.give_way.__self__._free  # type: ignore[attr-defined]
        until(lambda: free._cond._waiters)
        assert not passed.is_set()
        await asyncio.to_thread(passed.wait, PATIENCE_S)
        assert passed.is_set()

    monkeypatch.setattr(BenchApp, "run_async", run)
    info = StationInfo(name="bench", slots=("1", "2"))
    assert show_bench(desk.prepare, info, Language.ENGLISH, ended_by_anyone=True) is Exit.OK


def test_a_signal_ends_a_screen_that_may_be_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()
    monkeypatch.setattr(BenchApp, "leave", lambda _: left.set())

    async def run(_app: BenchApp, *, mouse: bool) -> None:
        assert not mouse
        signal.raise_signal(signal.SIGTERM)
        assert await asyncio.to_thread(left.wait, PATIENCE_S)

    monkeypatch.setattr(BenchApp, "run_async", run)
    info = StationInfo(name="bench", slots=("1", "2"))
    assert show_bench(Behind().prepare, info, Language.ENGLISH, ended_by_anyone=True) is Exit.INTERRUPTED
