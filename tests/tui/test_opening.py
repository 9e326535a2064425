# SPDX-License-Identifier: GPL-3.0-or-later
"""The first frame waits for no desk; what is done meanwhile waits for it, and nothing is begun that nobody wants."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from station.codes import Exit
from station.config.settings import load
from station.desk.desk import Listener
from station.desk.info import StationInfo
from station.desk.live import LiveDesk
from station.errors import ConfigError
from station.events import SlotEvent, SlotState
from station.model import Language
from station.tui.app import BenchApp
from station.tui.opening import Opening
from station.tui.run import run_bench
from tests.tui.fake_desk import FakeDesk
from tests.tui.tui_floor import Floor
from tests.waiting import PATIENCE_S


class Behind(FakeDesk):
    """A desk whose opening takes until it is `let`."""

    def __init__(self) -> None:
        super().__init__(slot_count=2)
        self.let, self.log = threading.Event(), list[str]()
        self.refuses: Exception | None = None
        self.give_way: Callable[[], None] = lambda: None

    def prepare(self, around: ExitStack) -> LiveDesk:
        around.callback(self.log.append, "ledger closed")
        assert self.let.wait(PATIENCE_S)
        if self.refuses:
            raise self.refuses
        return cast("LiveDesk", self)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        for name in self.names:
            listener(SlotEvent(slot=name, at=1.0, state=SlotState.EMPTY))
        return super().subscribe(listener)

    @property
    def bench(self) -> Behind:
        return self

    def stop(self, *, abort: bool = False) -> None:
        self.log.append("aborted" if abort else "stopped")

    def __enter__(self) -> Behind:
        self.log.append("begun")
        return self

    def __exit__(self, *_exc: object) -> None:
        self.log.append("over")


@asynccontextmanager
async def painted(desk: Behind) -> AsyncIterator[Floor]:
    """The first frame of a station whose desk is still being opened."""
    info = StationInfo(name="bench", slots=("1", "2"))
    with Opening(desk.prepare) as opening:
        app = BenchApp(opening, info, Language.ENGLISH, ended_by_anyone=True)
        try:
            async with app.run_test(size=(120, 30), notifications=True) as pilot:
                yield Floor(app, pilot, desk)
        finally:
            desk.let.set()


@pytest.mark.asyncio
async def test_the_slots_are_seen_as_waiting_until_the_desk_is_open() -> None:
    desk = Behind()
    async with painted(desk) as bench:
        shown = await bench.sees("Wait", "Space: confirm")
        assert "Put a board in" not in shown, "nobody would see it"
        await bench.press("f2")
        await bench.sees("F2: English")
        desk.let.set()
        await bench.sees("请放入板卡")
    assert desk.log == ["begun", "stopped", "over", "ledger closed"]


@pytest.mark.asyncio
async def test_keys_and_scans_wait_for_the_desk_in_their_order() -> None:
    desk = Behind()
    async with painted(desk) as bench:
        await bench.sees("Wait")
        await bench.scan("OP77")
        await bench.press("space")
        assert not desk.done
        desk.let.set()
        await bench.until(lambda: len(desk.done) == 2)
    assert [what for what, *_ in desk.done] == ["scan", "confirm"]


@pytest.mark.asyncio
async def test_what_keeps_the_desk_from_being_opened_ends_the_screen() -> None:
    desk = Behind()
    desk.refuses = ConfigError("no key", do="make one")
    async with painted(desk) as bench:
        await bench.sees("Wait")
        desk.let.set()
        await bench.until(lambda: not bench.app.is_running)
        assert bench.app.failed is desk.refuses
    assert desk.log == ["ledger closed"]


@pytest.mark.asyncio
async def test_whoever_leaves_before_the_desk_is_open_begins_no_bench() -> None:
    desk = Behind()
    async with painted(desk) as bench:
        await bench.sees("Wait")
        await bench.press("ctrl+q", "space")
        desk.let.set()
        await bench.until(lambda: not bench.app.is_running)
    assert desk.log == ["ledger closed"]


@pytest.mark.asyncio
async def test_a_space_from_before_a_question_does_not_answer_it() -> None:
    desk = Behind()
    async with painted(desk) as bench:
        await bench.sees("Wait")
        await bench.press("space", "ctrl+q")
        await bench.sees("End this station?")
        desk.let.set()
        await bench.until(lambda: bench.app.is_open)
        await bench.sees("End this station?")
        assert bench.app.is_running
    assert not desk.done


@pytest.mark.asyncio
async def test_a_scan_over_the_help_is_for_nobody_before_there_is_a_desk() -> None:
    desk = Behind()
    async with painted(desk) as bench:
        await bench.sees("Wait")
        await bench.press("f1")
        await bench.sees("what a code means")
        await bench.scan("OP77")
        await bench.sees("Unknown code")


def test_whoever_leaves_does_not_wait_for_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.tui.opening._PATIENCE_S", 0.05)
    desk = Behind()
    with Opening(desk.prepare) as opening:
        late = threading.Thread(target=opening.open)
        late.start()
        late.join(0.05)
    assert late.is_alive()
    desk.let.set()
    late.join(PATIENCE_S)
    assert desk.log == ["ledger closed"], "and what comes too late closes itself"


def test_a_bench_that_is_unwanted_as_it_begins_is_stopped() -> None:
    """A signal between the last question and the beginning."""

    class Late(Behind):
        def __enter__(self) -> Behind:
            opening.stop()
            return super().__enter__()

    late = Late()
    late.let.set()
    with Opening(late.prepare) as opening:
        opening.open()
        assert late.log == ["begun", "stopped"]


def test_a_second_signal_leaves_the_boards_in_doubt() -> None:
    desk = Behind()
    desk.let.set()
    with Opening(desk.prepare) as opening:
        opening.open()
        opening.stop(abort=True)
        assert desk.log[-1] == "aborted"


def test_who_may_end_the_station_is_as_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bool] = []

    def show(*_: object, ended_by_anyone: bool) -> Exit:
        heard.append(ended_by_anyone)
        return Exit.OK

    monkeypatch.setattr("station.tui.run.show_bench", show)
    file = tmp_path / "station.toml"
    for text in ("", 'ended_by = "anyone"\n'):
        file.write_text(f'[bench]\nname = "LINE-3"\n{text}')
        run_bench(load(file, {}, {}), ("1",), lambda around: pytest.fail(f"nothing is opened: {around}"))
    assert heard == [False, True]
