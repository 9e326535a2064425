# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines around the slots: who and where on top, what went wrong below it, the counters at the bottom."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from textual.widget import Widget

from station.codes import Code
from station.events import Notice, SlotState
from station.printable import printable
from station.tui.canvas import Row
from station.tui.cut import filled, first_fitting, shortened
from station.tui.letters import drawable, fit
from station.tui.palette import AMBER, BLACK, BLUE, PURPLE, SKY, VERMILION, WHITE, WORRIES
from station.tui.rows import Rows
from station.tui.say import spoken
from station.words.figures import Figure, clock, counter_figures, sparkline
from station.words.in_doubt import doubt_line, doubt_shouts, to_act_on
from station.words.instruction import ever_shorter
from station.words.language import Words
from station.words.tongues import language_key

if TYPE_CHECKING:
    from station.desk.info import StationInfo
    from station.report.counters import Counters, SetProgress
    from station.report.shift import Doubt

_DOUBT_MARK = " ?  "
_SET_ROOM = 34
_NAME = 8  # cells of the station's, at least
_WIDE = 8 * 10 + _SET_ROOM  # from here on the set in work stands beside the counters
_TALL = 150, 44
TALL_ROWS = 5
"""Of a bar with block letters."""
_PLAIN = Style()
_BOLD = Style(bold=True)
_STRONG = Style(bold=True, color=WHITE)
_NONE_LEFT = Style(bold=True, color=BLACK, bgcolor=AMBER)
_ASIDE = Style(color=SKY)
_QUIET = Style(color="#A9B2BF")


def has_room_for_blocks(width: int, height: int) -> bool:
    """Whether a screen is so large that its bars have block letters."""
    return width >= _TALL[0] and height >= _TALL[1]


class HeaderBar(Rows):
    """Station, product, operator, shift, clock; and that no identity is left."""

    DEFAULT_CSS = "HeaderBar { height: 1; background: #1B2430; }"

    def __init__(self, info: StationInfo, *, takes_badges: bool = True) -> None:
        """`takes_badges`: who is asked to scan one can do so here."""
        super().__init__()
        self._info, self._stocked, self._takes_badges = info, True, takes_badges

    def on_mount(self) -> None:
        self.set_interval(5.0, self.refresh)

    def show(self, info: StationInfo, *, stocked: bool) -> None:
        if (info, stocked) != (self._info, self._stocked):
            self._info, self._stocked = info, stocked
            self.refresh()

    def drawn(self) -> Sequence[Row]:
        info, text = self._info, spoken(self).bench
        right = f" {clock(time.time())} "
        none_left = "" if self._stocked else f" {spoken(self).states[SlotState.NO_STOCK][0]} "
        whoever = text.nobody if self._takes_badges else ""
        who = spoken(self).of(text.operator, told) if (told := info.operator or whoever) else ""
        shift = f"{text.since} {clock(info.shift_started)}" if info.shift_started else ""
        room = self.size.width - cell_len(right) - cell_len(none_left)
        work = info.profile, info.product, info.batch and text.batch.format(batch=info.batch)
        # who works since when matters more than at what
        lines = [_joined(info.name, *work[:count], who, shift) for count in (3, 2, 1, 0)]
        lines.append(_joined(info.name, who))
        lines.append(_joined(shortened(info.name, max(_NAME, room + 1 - cell_len(_joined(".", who)))), who))
        left = first_fitting(lines, room)
        parts = (filled(left, room), _QUIET), (none_left, _NONE_LEFT), (right, _STRONG)
        return [list(parts)]


def _joined(*parts: str) -> str:
    return " " + "   ".join(printable(part) for part in parts if part)


class DoubtBanner(Rows):
    """Stays as long as something is to be done about a board in doubt; one in the red bin is where it belongs."""

    DEFAULT_CSS = f"DoubtBanner {{ height: 1; background: {PURPLE}; color: {BLACK}; display: none; }}"

    def __init__(self) -> None:
        super().__init__()
        self._doubts: tuple[Doubt, ...] = ()

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return self._doubts

    def show(self, doubts: tuple[Doubt, ...]) -> None:
        if doubts == self._doubts:
            return
        self._doubts = doubts
        self.display = bool(to_act_on(doubts))
        self.refresh()

    def drawn(self) -> Sequence[Row]:
        width, words = self.size.width, spoken(self)
        line = doubt_line(self._doubts, words, width - len(_DOUBT_MARK))
        return _banner(doubt_shouts(self._doubts, words), _DOUBT_MARK + line, self)


class NoticeBar(Rows):
    """The station's latest trouble, until it is over or a person has read it."""

    DEFAULT_CSS = f"""
    NoticeBar {{ height: 1; background: {AMBER}; color: {BLACK}; display: none; }}
    NoticeBar.serious {{ background: {VERMILION}; }}
    """

    def __init__(self) -> None:
        super().__init__()
        self._notice: Notice | None = None

    def acknowledge(self) -> None:
        """What the operator has read goes; what is serious waits for a supervisor."""
        if self._notice and not self._notice.serious:
            self.show(None)

    def take_back(self, code: Code) -> None:
        """The trouble of this code is over. What is serious stays for the supervisor."""
        if self._notice and self._notice.code == code and not self._notice.serious:
            self.show(None)

    def show(self, notice: Notice | None) -> None:
        """None clears it. Something harmless does not hide something serious."""
        if not (notice and self._notice and self._notice.serious and not notice.serious):
            self.stand(notice)

    @property
    def notice(self) -> Notice | None:
        """What stands on it."""
        return self._notice

    def stand(self, notice: Notice | None) -> None:
        """This one, whatever was there."""
        if notice == self._notice:
            return
        self._notice = notice
        self.display = notice is not None
        self.set_class(bool(notice and notice.serious), "serious")
        self.refresh()

    def drawn(self) -> Sequence[Row]:
        notice = self._notice
        if notice is None:
            return ()
        known = spoken(self).codes[notice.code]
        lines = [f" !  {notice.code}  {said}" for said in (f"{known.what}  –  {known.do}", known.do)]
        shouts = (*(f"{notice.code} {do}" for do in ever_shorter(known.do, spoken(self))), notice.code)
        return _banner(shouts, first_fitting(lines, self.size.width), self)


def _banner(shouts: Iterable[str], line: str, bar: Widget) -> Sequence[Row]:
    """The line, and above it where the bar is high enough the first of `shouts` that fits."""
    width, height = bar.size
    rows = height - 1
    block = next((block for shout in shouts if (block := fit(drawable(shout), width - 2, rows))), ()) if rows else ()
    lines = [*(f" {row}" for row in block), *[""] * (rows - len(block)), line]
    return [[(filled(one, width), _BOLD)] for one in lines]


class CountersBar(Rows):
    """Two lines; five with block digits where the screen has room for them."""

    DEFAULT_CSS = f"CountersBar {{ height: 2; background: #10161E; }} CountersBar.tall {{ height: {TALL_ROWS}; }}"

    def __init__(self) -> None:
        super().__init__()
        self._counters: Counters | None = None  # nobody has counted yet

    def show(self, counters: Counters) -> None:
        if counters != self._counters:
            self._counters = counters
            self.refresh()

    def fit_to(self, width: int, height: int) -> None:
        self.set_class(has_room_for_blocks(width, height), "tall")

    @property
    def rows(self) -> int:
        """Its height."""
        return TALL_ROWS if self.has_class("tall") else 2

    def drawn(self) -> Sequence[Row]:
        words, width = spoken(self), self.size.width
        if self._counters is None:
            return ()
        figures = counter_figures(self._counters, words)
        aside = _aside(self._counters, words) if width >= _WIDE else ()
        each = (width - (_SET_ROOM if aside else 0)) // len(figures)
        rows: list[Row] = [[] for _ in range(self.size.height)]
        for figure in figures:
            _column(rows, figure, each)
        for row, extra in zip(rows, aside, strict=False):
            row.append((extra, _ASIDE))
        return rows


def _aside(counters: Counters, words: Words) -> tuple[str, ...]:
    """Beside the numbers on a wide screen: the set in work, boards per hour as a picture."""
    lines = []
    if current := counters.current_set:
        lines.append(_set_line(current, words, _SET_ROOM))
    lines.append(sparkline(counters.hourly))
    return tuple(lines)


def _set_line(current: SetProgress, words: Words, room: int) -> str:
    """The name gives way: how many are done is never cut."""
    line = partial(words.bench.set_line.format, done=current.done, total=current.total)
    return line(name=shortened(current.name, room - cell_len(line(name=""))))


class SetBar(Rows):
    """The set in work and what it still misses, on a row of its own where it has no place beside the counters."""

    DEFAULT_CSS = f"SetBar {{ height: 1; background: #10161E; color: {SKY}; display: none; }}"

    def __init__(self) -> None:
        super().__init__()
        self._current: SetProgress | None = None

    def show(self, current: SetProgress | None) -> None:
        if current != self._current:
            self._current = current
            self.refresh()

    @property
    def is_due(self) -> bool:
        """There is a set in work, and no place for it beside the counters."""
        return self._current is not None and self.most_rows > 0

    @property
    def most_rows(self) -> int:
        """Of this screen, with a set in work."""
        return int(self.app.size.width < _WIDE)

    def drawn(self) -> Sequence[Row]:
        current, words = self._current, spoken(self)
        if current is None:
            return ()
        missing = words.bench.set_missing.format(missing=current.total - current.done)
        line = _set_line(current, words, self.size.width - cell_len(f" , {missing}"))
        return [[(filled(f" {line}, {missing}", self.size.width), _PLAIN)]]


def _column(rows: list[Row], figure: Figure, width: int) -> None:
    """Name above, value below, in block digits when the bar is tall: its unit stands with the name then."""
    plain = Style(color=BLACK, bgcolor=WORRIES[figure.worry], bold=True) if figure.worry else _STRONG
    block = fit(figure.number, width - 2, 3) if len(rows) > 2 else ()
    rows[0].append((filled(f" {figure.titled if block else figure.name}", width), _QUIET))
    lines = block or (figure.value,)
    aside = f" {figure.aside}" if figure.aside else ""
    for row in range(1, len(rows)):
        line = lines[row - 1] if row <= len(lines) else ""
        beside = aside if row == len(lines) and cell_len(f" {line}{aside}") <= width else ""
        style = plain if row <= len(lines) else _PLAIN
        rows[row] += [(filled(f" {line}", width - cell_len(beside)), style), (beside, _QUIET)]


class KeysBar(Rows):
    """The keys of this screen, and the product's colour line."""

    DEFAULT_CSS = f"KeysBar {{ height: 1; background: {BLUE}; color: {WHITE}; }}"

    def drawn(self) -> Sequence[Row]:
        words = spoken(self)
        text = words.bench
        keys = (text.keys_confirm, text.keys_help, language_key(words), text.keys_supervisor, text.keys_quit)
        return [[(filled(" " + "    ".join(keys), self.size.width), _PLAIN)]]
