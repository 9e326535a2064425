# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers as people on the floor read them; never translated but for the units' words."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from station.words.language import Words

if TYPE_CHECKING:
    from station.report.counters import Counters
    from station.report.line import LineNumbers

_BARS = " ▁▂▃▄▅▆▇█"
_STEPS = 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100
_BEHIND_PLAN = 0.9


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


def ago(seconds: float, words: Words) -> str:
    """How long since, in one unit."""
    return words.bench.seconds.format(n=round(seconds)) if seconds < 60 else span(seconds, words)


def part(share: float | None) -> str:
    """As `percent`, without tenths."""
    if share is None:
        return "–"
    return "100%" if share == 1.0 else f"{min(share, 0.99):.0%}"


def clock(at: float) -> str:
    """Local time of day."""
    return time.strftime("%H:%M", time.localtime(at))


def moment(at: float) -> str:
    """Local date and time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def zone(at: float) -> str:
    """What local time is ahead of UTC by: UTC+08:00."""
    ahead = time.strftime("%z", time.localtime(at))
    return f"UTC{ahead[:3]}:{ahead[3:]}"


def instant(at: float) -> str:
    """The same to the millisecond."""
    return f"{moment(at)}.{int(at * 1000) % 1000:03d}"


def sparkline(values: Sequence[int]) -> str:
    """One column a value, the largest full height; a value above zero is never invisible."""
    top = max(values, default=0)
    return "".join(_BARS[max(value * 8 // top, value > 0) if top else 0] for value in values)


def round_top(most: int) -> int:
    """The end of a scale that begins at 0 and has `most` on it: a round number, not much above."""
    unit: int = 10 ** max(0, len(str(most)) - 2)
    return next(step * unit for step in _STEPS if step * unit >= most)


def bars(values: Sequence[int], height: int, cells: int = 3, *, top: int = 0) -> list[str]:
    """Like `sparkline`, `height` rows high, so many cells a value and a gap. `top`: what the full height is, the
    largest value by default."""
    top = top or max(values, default=0) or 1
    eighths = [max(value * 8 * height // top, value > 0) for value in values]
    return [
        "".join(_BARS[min(8, max(0, filled - 8 * row))] * cells + " " for filled in eighths)
        for row in reversed(range(height))
    ]


def bars_across(value: int, most: int, cells: int) -> str:
    """A bar from the left, so many cells wide for the largest; a value above zero is never invisible."""
    return "█" * min(cells, max(value * cells // (most or 1), value > 0))


class Worry(StrEnum):
    """Why a number matters now."""

    NONE = ""
    STOCK = "stock"  # it runs out
    DOUBT = "doubt"  # a board waits to be put back
    PLAN = "plan"  # less was made than planned


class Tone(StrEnum):
    """What a number is that worries nobody."""

    PLAIN = ""
    GOOD = "good"
    BAD = "bad"


class Figure(NamedTuple):
    """A number under its name."""

    name: str
    value: str
    worry: Worry = Worry.NONE
    aside: str = ""
    """a second, quiet number"""
    tone: Tone = Tone.PLAIN

    @property
    def number(self) -> str:
        """The value without its unit."""
        return self.value.partition(" ")[0]

    @property
    def titled(self) -> str:
        """The name with the value's unit."""
        unit = self.value.partition(" ")[2]
        return f"{self.name} ({unit})" if unit else self.name


def of_doubts(acting: int, kept: int, words: Words) -> Figure:
    """Boards that somebody does something with now; beside it those that lie in the red bin, where they belong."""
    aside = words.bench.in_doubt_aside.format(count=kept) if kept else ""
    return Figure(words.bench.in_doubt, str(acting), Worry.DOUBT if acting else Worry.NONE, aside)


def of_plan(made: int, plan: int, part: float | None, words: Words) -> Figure:
    """The boards of the last 60 minutes, and how much of the plan they are."""
    if part is None:
        return Figure(words.bench.last_hour, str(made))
    aside = words.bench.of_plan.format(plan=plan, percent=f"{part:.0%}")
    return Figure(words.bench.last_hour, str(made), Worry.PLAN if part < _BEHIND_PLAN else Worry.NONE, aside)


def of_stock(ready: int, seconds_left: float | None, words: Words) -> tuple[Figure, Figure]:
    """What is left, and how long it lasts."""
    low = seconds_left is not None and seconds_left < 3600
    return (
        Figure(words.bench.left, str(ready), Worry.STOCK if low or not ready else Worry.NONE),
        Figure(words.bench.runs_out, span(seconds_left, words), Worry.STOCK if low else Worry.NONE),
    )


def counter_figures(counters: Counters, words: Words) -> tuple[Figure, ...]:
    """The eight numbers that are always visible, in their fixed order."""
    text = words.bench
    return (
        Figure(text.passed, str(counters.passed), tone=Tone.GOOD),
        Figure(text.failed, str(counters.failed), tone=Tone.BAD if counters.failed else Tone.PLAIN),
        Figure(text.yield_, percent(counters.first_pass)),
        of_plan(counters.last_hour, counters.plan, counters.part_of_plan, words),
        Figure(text.shift, f"{counters.per_hour_shift:.0f}"),
        *of_stock(counters.ready, counters.seconds_left, words),
        of_doubts(counters.in_doubt - counters.in_red_bin, counters.in_red_bin, words),
    )


def line_figures(numbers: LineNumbers, words: Words) -> tuple[Figure, ...]:
    """Of a whole line: what it made in the last hour, how well, what is left, what is in doubt."""
    seconds_left = None if numbers.hours_left is None else numbers.hours_left * 3600
    left, lasts = of_stock(numbers.ready, seconds_left, words)
    told = words.bench.line_lasts.format(span=lasts.value) if seconds_left is not None else ""
    return (
        of_plan(numbers.per_hour, numbers.plan, numbers.part_of_plan, words),
        Figure(words.bench.line_heads[2], percent(numbers.part_passed)),
        left._replace(aside=told),
        of_doubts(numbers.in_doubt - numbers.in_red_bin, numbers.in_red_bin, words),
    )
