# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's screen, its desk opened behind the first frame."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from station.bench.signals import stopped_by_signals
from station.codes import Exit
from station.desk.info import StationInfo
from station.model import Language
from station.tui.app import BenchApp
from station.tui.garbage import collected_by_the_screen, settle
from station.tui.opening import Opening
from station.tui.way import ScreenSelector, Way, short_turns
from station.words.tongues import TONGUES

if TYPE_CHECKING:
    from station.config.settings import Config
    from station.desk.live import LiveDesk


def run_bench(
    config: Config, slots: Sequence[str], prepare: Callable[[ExitStack], LiveDesk], language: Language | None = None
) -> Exit:
    """Until the operator or a signal ends it; the boards in hand are finished first. `slots`: the names of those that
    the desk has; `prepare` as an `Opening` has it. Raises what keeps the desk from being opened."""
    info = StationInfo(name=config.text("bench.name"), slots=tuple(slots))
    anyone = config.text("bench.ended_by") == "anyone"
    return show_bench(prepare, info, language or Language(config.text("bench.language")), ended_by_anyone=anyone)


def show_bench(
    prepare: Callable[[ExitStack], LiveDesk], info: StationInfo, language: Language, *, ended_by_anyone: bool
) -> Exit:
    """The screen and its desk, until it is closed. INTERRUPTED after a signal or the end of the terminal, STATION_FAULT
    when the screen crashed."""

    def made(around: ExitStack) -> LiveDesk:
        desk = prepare(around)
        desk.bench.give_way = way.let_pass
        desk.words = lambda: TONGUES[app.language]
        settle()
        gc.enable()
        return desk

    way, opening = Way(), Opening(made)
    app = BenchApp(opening, info, language, ended_by_anyone=ended_by_anyone)

    def leave() -> None:
        opening.wait()
        app.leave()

    def told(*, twice: bool) -> None:
        if not twice:
            threading.Thread(target=leave, daemon=True).start()

    with (
        stopped_by_signals(opening, told, needs_terminal=True) as interrupted,
        opening,
        short_turns(),
        collected_by_the_screen(),
        asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(ScreenSelector(way))) as runner,
    ):
        runner.run(app.run_async(mouse=False))  # a click or a wheel must not move what a key is meant for
    if app.failed is not None:
        raise app.failed
    if interrupted.is_set():
        return Exit.INTERRUPTED
    return Exit.STATION_FAULT if app.return_code else Exit.OK
