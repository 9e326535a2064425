# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board's two plots, each with its scale: boards by the hour, failures by code."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from station.codes import Code
from station.report.counters import Counters
from station.report.pace import HOUR_S
from station.tui.cut import filled
from station.tui.palette import AMBER, SKY, VERMILION, WHITE
from station.tui.say import spoken
from station.words.figures import bars, clock, round_top

_BAR = 6, 12  # cells, least and most: a bar and its gap, at least as wide as a time of day
_BARS_WANTED = 8
_CODE = 5  # cells: a code and its gap
_PLANNED = "┄"
_AROUND = 3  # rows: the title, the numbers, the hours


class HourBars(Widget):
    """Boards per hour, the present hour last: how many above each bar, when it began below; a scale, and the plan."""

    DEFAULT_CSS = f"HourBars {{ width: 1fr; height: 1fr; color: {SKY}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._counters = Counters()

    def show(self, counters: Counters) -> None:
        self._counters = counters
        self.refresh()

    def render(self) -> Text:
        width, height = self.size
        counted, rows = self._counters, max(1, height - _AROUND)
        top = round_top(max(*counted.hourly, counted.plan, 1))
        left = len(str(top)) + 2
        each = max(_BAR[0], min(_BAR[1], (width - left) // max(_BARS_WANTED, len(counted.hourly))))
        first = max(0, len(counted.hourly) - (width - left) // each)
        shown = counted.hourly[first:]
        planned = counted.plan * rows // top if counted.plan else -1
        scale = _scale(top, rows)
        text = Text(end="", no_wrap=True)
        text.append(spoken(self).office.per_hour)
        if counted.plan:
            plan = spoken(self).bench.plan.format(plan=counted.plan)
            text.append(f"   {_PLANNED * 2} {plan}", Style(color=AMBER))
        text.append("\n" + " " * left + "".join(f"{n:<{each}}" for n in shown) + "\n")
        for row, line in enumerate(bars(shown, rows, each - 1, top=top)):
            text.append(f"{scale[row]:>{left - 2}} ┤" if scale[row] else " " * (left - 1) + "│", Style(color=WHITE))
            _append_bar(text, line.ljust(width - left), is_planned=rows - 1 - row == min(planned, rows - 1))
        hours = (clock(counted.hourly_from + (first + n) * HOUR_S) for n in range(len(shown)))
        return text.append(" " * left + "".join(f"{hour:<{each}}" for hour in hours))


def _scale(top: int, rows: int) -> list[str]:
    """What stands at the axis, from above: the top, the middle where there is one, and 0."""
    marks = [""] * rows
    marks[rows // 2] = str(top // 2) if rows > 4 and top % 2 == 0 and rows % 2 == 0 else ""
    marks[0] = str(top)
    if rows > 1:
        marks[-1] = "0"
    return marks


def _append_bar(text: Text, line: str, *, is_planned: bool) -> None:
    """The plan is drawn where no bar is."""
    for cell in line:
        planned = is_planned and cell == " "
        text.append(_PLANNED if planned else cell, Style(color=AMBER) if planned else "")
    text.append("\n")


class FailureBars(Widget):
    """Failed boards by code, most frequent first; the longest bar is as many as its number says."""

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
        text = Text(words.office.failures + "\n", end="", no_wrap=True)
        if not self._failures:
            return text.append(words.office.none)
        top = round_top(max(count for _, count in self._failures))
        room = max(4, width // 3)
        text.append(" " * _CODE + "0" + str(top).rjust(room - 1) + "\n")
        rows, many = max(1, height - 2), len(self._failures)
        shown = many if many <= rows else rows - 1
        for code, count in self._failures[:shown]:
            length = max(1, count * room // top)
            line = f" {count}  {words.codes[code].what}"
            text.append(f"{code} ").append("█" * length, Style(color=VERMILION))
            text.append(filled(line, max(0, width - length - _CODE)) + "\n")
        return text.append(f"+{many - shown}") if many > shown else text
