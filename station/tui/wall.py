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
from station.report.counters import HOUR_S, Counters
from station.report.shift import Doubt
from station.tui.bars import DoubtBanner, HeaderBar, NoticeBar
from station.tui.floor import FloorApp
from station.tui.letters import fit_alike
from station.tui.palette import BLACK, BLUE, SKY, VERMILION, WHITE, WORRIES
from station.tui.say import spoken
from station.words.figures import Figure, bars, clock, counter_figures

REFRESH_S = 2.0
_FIGURES, _COLUMNS = 8, 4

Standing = tuple[StationInfo, Counters, tuple[Doubt, ...]]
_BAR = 6  # cells: a bar and its gap, as wide as a time of day


class BigFigure(Widget):
    """A number as large as its row's places allow, its name above."""

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
        figure, block = self._figure(), self._block()
        aside = f"   {figure.aside}" if figure.aside else ""
        return Text.assemble(f"{figure.titled}{aside}\n\n", ("\n".join(block), Style(bold=True)), end="", no_wrap=True)

    def _block(self) -> tuple[str, ...]:
        """In the same letters as its row, which else would seem to matter less or more."""
        figures = counter_figures(self._counters, spoken(self))
        first = self._place - self._place % _COLUMNS
        numbers = tuple(figure.number for figure in figures[first : first + _COLUMNS])
        blocks = fit_alike(numbers, self.size.width, self.size.height - 2)
        return blocks[self._place - first] if blocks else (self._figure().number,)

    def _colours(self, figure: Figure) -> tuple[str, str]:
        if figure.worry:
            return BLACK, WORRIES[figure.worry]
        if self._place == 1 and not self._counters.failed:
            return WHITE, "#10161E"
        return self._PAPERS.get(self._place, (WHITE, "#10161E"))


class HourBars(Widget):
    """Boards per hour, the present hour last: how many above each bar, when it began below."""

    DEFAULT_CSS = f"HourBars {{ width: 1fr; height: 1fr; color: {SKY}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._hourly: tuple[int, ...] = ()
        self._from = 0.0

    def show(self, counters: Counters) -> None:
        self._hourly, self._from = counters.hourly, counters.hourly_from
        self.refresh()

    def render(self) -> Text:
        width, height = self.size
        first = max(0, len(self._hourly) - width // _BAR)
        shown = self._hourly[first:]
        hours = [clock(self._from + (first + n) * HOUR_S) for n in range(len(shown))]
        rows = [
            spoken(self).office.per_hour,
            "".join(f"{n:<{_BAR}}" for n in shown),
            *bars(shown, max(1, height - 3), _BAR - 1),
            "".join(f"{hour:<{_BAR}}" for hour in hours),
        ]
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
