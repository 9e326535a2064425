# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a line: what its benches make together, and each of them, large, live and read-only."""

from __future__ import annotations

import time
from functools import partial

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from station.desk.desk import LineWall
from station.events import SlotState
from station.ledger.locks import Lock
from station.model import Language
from station.printable import printable
from station.report.line import LineNumbers
from station.tui.banners import Banners
from station.tui.bars import DoubtBanner, NoticeBar
from station.tui.bench_plates import BenchPlates
from station.tui.cut import filled
from station.tui.figure import BigFigure
from station.tui.palette import AMBER, BLACK, WHITE
from station.tui.say import spoken
from station.tui.watch import WatchApp
from station.words.figures import clock, line_figures
from station.words.language import Words

REFRESH_S = 5.0
_FIGURES = 4
_NAMED = 12  # cells: of the line's name, at least


class LineBar(Widget):
    """The line, its products, how many of its benches are there, what is locked, and the time."""

    DEFAULT_CSS = "LineBar { height: 1; background: #1B2430; color: #A9B2BF; }"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._numbers: LineNumbers | None = None

    def on_mount(self) -> None:
        self.set_interval(5.0, self.refresh)

    def show(self, numbers: LineNumbers) -> None:
        self._numbers = numbers
        self.refresh()

    def render(self) -> Text:
        words, found = spoken(self), self._numbers
        right, alert, left = f" {clock(time.time())} ", "", f" {self._name}"
        if found:
            left = "   ".join([left, *found.products, _there(found, words)])
            alert = _alert(found, words, self.size.width - cell_len(right) - _NAMED)
        room = self.size.width - cell_len(right) - cell_len(alert)
        strong = Style(bold=True, color=BLACK, bgcolor=AMBER)
        parts = filled(left, room), (alert, strong), (right, Style(bold=True, color=WHITE))
        return Text.assemble(*parts, end="", no_wrap=True)


def _there(found: LineNumbers, words: Words) -> str:
    there = sum(bench.seen.present is not False for bench in found.benches)
    return words.bench.line_benches.format(there=there, all=len(found.benches))


def _alert(found: LineNumbers, words: Words, room: int) -> str:
    """No stock, and slots that are locked: as many as have room, and how many more there are."""
    none_left = "" if found.ready else words.states[SlotState.NO_STOCK][0]
    locks = [printable(f"{lock.where} {lock.code}") for lock in found.locks if lock.where]
    forms = []
    for named in range(len(locks), -1, -1):
        more = [f"+{len(locks) - named}"] if named < len(locks) else []
        locked = " ".join([words.states[SlotState.LOCKED][0], *locks[:named], *more]) if locks else ""
        told = "   ".join(part for part in (none_left, locked) if part)
        forms.append(f" {told} " if told else "")
    return next((form for form in forms if cell_len(form) <= room), forms[-1])


class LineWallApp(WatchApp[LineNumbers]):
    """Asks the line's ledger every REFRESH_S seconds."""

    CSS = "#figures { height: 2fr; min-height: 5; max-height: 12; } BigFigure { margin-right: 1; }"
    CSS += "BenchPlates { height: 5fr; }"

    def __init__(self, wall: LineWall, language: Language = Language.ENGLISH) -> None:
        super().__init__(language, REFRESH_S)
        self._wall = wall

    def compose(self) -> ComposeResult:
        yield LineBar(self._wall.name)
        yield Banners(NoticeBar(), DoubtBanner())
        with Horizontal(id="figures"):
            for place in range(_FIGURES):
                yield BigFigure(place)
        yield BenchPlates()

    def look(self) -> LineNumbers:
        return self._wall.numbers()

    def station_lock(self, seen: LineNumbers) -> Lock | None:
        return next((lock for lock in seen.locks if not lock.where), None)

    def show(self, seen: LineNumbers) -> None:
        self.query_one(LineBar).show(seen)
        self.query_one(DoubtBanner).show(seen.doubts)
        for figure in self.query(BigFigure):
            figure.show(partial(line_figures, seen))
        self.query_one(BenchPlates).show(seen.benches)
