# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a bench: its numbers, its slots and its hours, large, live and read-only."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Grid, Horizontal

from station.desk.desk import BenchWall, SlotNow
from station.desk.info import StationInfo
from station.ledger.locks import Lock
from station.model import Language
from station.report.counters import Counters
from station.report.shift import Doubt
from station.tui.banners import Banners
from station.tui.bars import DoubtBanner, HeaderBar, NoticeBar
from station.tui.figure import BigFigure
from station.tui.plates import SlotPlates
from station.tui.plots import FailureBars, HourBars
from station.tui.watch import WatchApp
from station.words.figures import Figure, counter_figures
from station.words.language import Words

REFRESH_S = 2.0
_FIGURES, _COLUMNS = 8, 4

Standing = tuple[StationInfo, Counters, tuple[Doubt, ...], tuple[SlotNow, ...]]


class WallApp(WatchApp[Standing]):
    """Asks the ledger every REFRESH_S seconds."""

    CSS = """
    #figures { grid-size: 4 2; grid-gutter: 1; height: 3fr; min-height: 11; }
    #plots { height: 2fr; margin-top: 1; }
    """

    def __init__(self, wall: BenchWall, language: Language = Language.ENGLISH) -> None:
        super().__init__(language, REFRESH_S)
        self._wall = wall

    def compose(self) -> ComposeResult:
        yield HeaderBar(StationInfo(name="", slots=()), takes_badges=False)
        yield Banners(NoticeBar(), DoubtBanner())
        with Grid(id="figures"):
            for place in range(_FIGURES):
                yield BigFigure(place % _COLUMNS)
        yield SlotPlates()
        with Horizontal(id="plots"):
            yield HourBars()
            yield FailureBars()

    def look(self) -> Standing:
        counters = self._wall.counters()  # first: what came of the slots is counted with it
        return self._wall.station(), counters, self._wall.doubts(), self._wall.slots_now()

    def station_lock(self, seen: Standing) -> Lock | None:
        return seen[0].lock

    def show(self, seen: Standing) -> None:
        info, counters, doubts, slots = seen
        self.query_one(HeaderBar).show(info, stocked=counters.ready > 0)
        self.query_one(DoubtBanner).show(doubts)
        for place, figure in enumerate(self.query(BigFigure)):
            figure.show(partial(_row, counters, place - place % _COLUMNS))
        self.query_one(SlotPlates).show(slots)
        self.query_one(HourBars).show(counters)
        self.query_one(FailureBars).show(counters)


def _row(counters: Counters, first: int, words: Words) -> tuple[Figure, ...]:
    return counter_figures(counters, words)[first : first + _COLUMNS]
