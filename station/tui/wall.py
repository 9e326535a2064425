# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board: the numbers of a station, large, live and read-only. It takes no input but F2 and Ctrl-Q."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from rich.cells import set_cell_size
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal
from textual.widget import Widget
from textual.worker import WorkType

from station.codes import Code
from station.desk.desk import StationInfo, Wall
from station.errors import StationError
from station.events import Notice
from station.model import Language
from station.report.counters import Counters
from station.report.shift import Doubt
from station.tui.bars import DoubtBanner, HeaderBar, NoticeBar
from station.tui.floor import FloorApp
from station.tui.letters import fit
from station.tui.palette import BLACK, BLUE, SKY, VERMILION, WHITE, WORRIES
from station.tui.say import spoken
from station.words.figures import Figure, bars, counter_figures

REFRESH_S = 2.0
_FIGURES = 8

Standing = tuple[StationInfo, Counters, tuple[Doubt, ...]]


class BigFigure(Widget):
    """A number as large as its place allows, its name above."""

    DEFAULT_CSS = "BigFigure { height: 1fr; width: 1fr; padding: 0 1; background: #10161E; }"
    _PAPERS: ClassVar[dict[int, tuple[str, str]]] = {0: (WHITE, BLUE), 1: (BLACK, VERMILION)}

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self._counters = Counters()

    def show(self, counters: Counters) -> None:
        self._counters = counters
        self.styles.color, self.styles.background = self._colours(self._figure())
        self.refresh()

    def _figure(self) -> Figure:
        return counter_figures(self._counters, spoken(self))[self._place]

    def render(self) -> Text:
        figure = self._figure()
        block = fit(figure.number, self.size.width, self.size.height - 2) or (figure.number,)
        aside = f"   {figure.aside}" if figure.aside else ""
        return Text.assemble(f"{figure.titled}{aside}\n", ("\n".join(block), Style(bold=True)), end="", no_wrap=True)

    def _colours(self, figure: Figure) -> tuple[str, str]:
        if figure.worry:
            return BLACK, WORRIES[figure.worry]
        if self._place == 1 and not self._counters.failed:
            return WHITE, "#10161E"
        return self._PAPERS.get(self._place, (WHITE, "#10161E"))


class HourBars(Widget):
    """Boards per hour, the present hour last."""

    DEFAULT_CSS = f"HourBars {{ width: 1fr; height: 1fr; color: {SKY}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._hourly: tuple[int, ...] = ()

    def show(self, counters: Counters) -> None:
        self._hourly = counters.hourly
        self.refresh()

    def render(self) -> Text:
        width, height = self.size
        shown = self._hourly[-(width // 4) :]
        rows = [spoken(self).office.per_hour, *bars(shown, max(1, height - 3)), " ".join(f"{n:^3}" for n in shown)]
        return Text("\n".join(rows), end="", no_wrap=True)


class FailureBars(Widget):
    """Failures by code, most frequent first."""

    DEFAULT_CSS = f"FailureBars {{ width: 1fr; height: 1fr; color: {WHITE}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._failures: tuple[tuple[Code, int], ...] = ()

    def show(self, counters: Counters) -> None:
        self._failures = counters.failures
        self.refresh()

    def render(self) -> Text:
        width, height = self.size
        words = spoken(self)
        most = max((count for _, count in self._failures), default=1)
        text = Text(words.office.failures + "\n", end="", no_wrap=True)
        for code, count in self._failures[: max(0, height - 1)]:
            length = max(1, count * (width // 3) // most)
            line = f" {count}  {words.codes[code].what}"
            text.append(f"{code} ").append("█" * length, Style(color=VERMILION))
            text.append(set_cell_size(line, max(0, width - length - 5)) + "\n")
        return text


class WallApp(FloorApp):
    """Asks the ledger every REFRESH_S seconds, off the UI thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", priority=True),
        Binding("ctrl+c", "quit", priority=True),
    ]
    CSS = "#figures { grid-size: 4 2; grid-gutter: 1; height: 2fr; } #plots { height: 1fr; margin-top: 1; }"

    def __init__(self, wall: Wall, language: Language = Language.ENGLISH) -> None:
        super().__init__(language)
        self._wall = wall
        self._reading = False

    def compose(self) -> ComposeResult:
        yield HeaderBar(StationInfo(name="", slots=()))
        yield NoticeBar()
        yield DoubtBanner()
        with Grid(id="figures"):
            for place in range(_FIGURES):
                yield BigFigure(place)
        with Horizontal(id="plots"):
            yield HourBars()
            yield FailureBars()

    def on_mount(self) -> None:
        self._ask()
        self.set_interval(REFRESH_S, self._ask)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()

    def _ask(self) -> None:
        """Never two at once, however slow the disk is."""
        if not self._reading:
            self._reading = True
            work: WorkType[None] = self._read
            self.run_worker(work, group="read")

    async def _read(self) -> None:
        try:
            self._show(await asyncio.to_thread(self._standing))
        except StationError as error:
            notice = Notice(at=time.time(), code=error.code, what=error.what, do=error.do)
            self.query_one(NoticeBar).show(notice)
        finally:
            self._reading = False

    def _standing(self) -> Standing:
        return self._wall.station(), self._wall.counters(), self._wall.doubts()

    def _show(self, standing: Standing) -> None:
        info, counters, doubts = standing
        self.query_one(HeaderBar).show(info, stocked=counters.ready > 0)
        self.query_one(DoubtBanner).show(doubts)
        lock = info.lock
        locked = Notice(at=0.0, code=lock.code, what=lock.what, serious=True) if lock else None
        self.query_one(NoticeBar).show(locked)
        for figure in self.query(BigFigure):
            figure.show(counters)
        self.query_one(HourBars).show(counters)
        self.query_one(FailureBars).show(counters)
