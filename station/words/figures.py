# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as people on the floor read them; never translated but for the units' words."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from station.report.counters import Counters
from station.words.language import Words

_BARS = " ▁▂▃▄▅▆▇█"


def percent(share: float | None) -> str:
    """0.987 → "98.7%"; a dash before the first board. 100% only when it is all of them."""
    if share is None:
        return "–"
    return "100%" if share == 1.0 else f"{min(share * 100, 99.9):.1f}%"


def span(seconds: float | None, words: Words) -> str:
    """How long something lasts, in one unit; a dash when nobody knows."""
    if seconds is None:
        return words.office.none
    if seconds < 2 * 3600:
        return words.bench.minutes.format(n=math.ceil(seconds / 60))
    if seconds < 48 * 3600:
        return words.bench.hours.format(n=round(seconds / 3600))
    return words.bench.days.format(n=round(seconds / 86400))


def clock(at: float) -> str:
    """Local time of day."""
    return time.strftime("%H:%M", time.localtime(at))


def moment(at: float) -> str:
    """Local date and time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def sparkline(values: Sequence[int]) -> str:
    """One column a value, the largest full height; a value above zero is never invisible."""
    top = max(values, default=0)
    return "".join(_BARS[max(value * 8 // top, value > 0) if top else 0] for value in values)


def bars(values: Sequence[int], height: int, cells: int = 3) -> list[str]:
    """Like `sparkline`, `height` rows high, so many cells a value and a gap."""
    top = max(values, default=0) or 1
    eighths = [max(value * 8 * height // top, value > 0) for value in values]
    return [
        "".join(_BARS[min(8, max(0, filled - 8 * row))] * cells + " " for filled in eighths)
        for row in reversed(range(height))
    ]


class Worry(StrEnum):
    """Why a number matters now."""

    NONE = ""
    STOCK = "stock"  # it runs out
    DOUBT = "doubt"  # a board waits to be put back


class Figure(NamedTuple):
    """A number under its name."""

    name: str
    value: str
    worry: Worry = Worry.NONE
    aside: str = ""
    """a second, quiet number"""

    @property
    def number(self) -> str:
        """The value without its unit."""
        return self.value.partition(" ")[0]

    @property
    def titled(self) -> str:
        """The name with the value's unit."""
        unit = self.value.partition(" ")[2]
        return f"{self.name} ({unit})" if unit else self.name


def _of_doubts(counters: Counters, words: Words) -> Figure:
    """Boards that somebody does something with now; beside it those that lie in the red bin, where they belong."""
    acting, kept = counters.in_doubt - counters.in_red_bin, counters.in_red_bin
    aside = words.bench.in_doubt_aside.format(count=kept) if kept else ""
    return Figure(words.bench.in_doubt, str(acting), Worry.DOUBT if acting else Worry.NONE, aside)


def counter_figures(counters: Counters, words: Words) -> tuple[Figure, ...]:
    """The eight numbers that are always visible, in their fixed order."""
    text = words.bench
    low = counters.seconds_left is not None and counters.seconds_left < 3600
    return (
        Figure(text.passed, str(counters.passed)),
        Figure(text.failed, str(counters.failed)),
        Figure(text.yield_, percent(counters.first_pass)),
        Figure(text.last_hour, str(counters.last_hour)),
        Figure(text.shift, f"{counters.per_hour_shift:.0f}"),
        Figure(text.left, str(counters.ready), Worry.STOCK if low or not counters.ready else Worry.NONE),
        Figure(text.runs_out, span(counters.seconds_left, words), Worry.STOCK if low else Worry.NONE),
        _of_doubts(counters, words),
    )
