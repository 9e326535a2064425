# SPDX-License-Identifier: GPL-3.0-or-later
"""A bar of rows that fit as they are. They go straight to strips: Textual's own way, which reads, wraps and styles a
text anew, took most of what a key waits for.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from station.tui.canvas import Row

Filters = tuple[LineFilter, ...]


def cropped(strips: list[Strip], crop: Region, width: int) -> list[Strip]:
    """Of rows that are `width` cells wide, those of its columns."""
    return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]


def filtered(segments: list[Segment], filters: Iterable[LineFilter], ground: Color) -> list[Segment]:
    """As a widget's terminal shows them, by its line filters: in 16 colours, in none."""
    for line_filter in filters:
        segments = line_filter.apply(segments, ground)
    return segments


class Beside(Strip):
    """Strips in a row. What the terminal gets for each of them is kept with it: where one has changed, the others are
    not put into its codes anew."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[Strip]) -> None:
        super().__init__((segment for part in parts for segment in part), sum(part.cell_length for part in parts))
        self._parts = parts

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Textual paints a row up to the last cell that has changed, which is most often the end of one of these."""
        if start == 0 and end is not None and end not in (0, self.cell_length) and (0, end) not in self._crop_cache:
            for count, wide in enumerate(accumulate(part.cell_length for part in self._parts), 1):
                if wide == end:
                    self._crop_cache[0, end] = Beside(self._parts[:count])
        return super().crop(start, end)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Textual keeps with a strip that it is the whole of itself: a circle, and each row that was shown before would
        be garbage of thousands of objects."""
        cuts = list(cuts)
        return [self] if cuts == [self.cell_length] else super().divide(cuts)

    def render(self, console: Console) -> str:
        return "".join([part.render(console) for part in self._parts])


class Rows(Widget):
    """No border, no padding. A style says what differs from the bar's own."""

    @abstractmethod
    def drawn(self) -> Sequence[Row]:
        """As many as there is something on; none wraps, what does not fit is cut."""

    def render_lines(self, crop: Region) -> list[Strip]:
        rows, ground, width = self.drawn(), self.rich_style, self.size.width
        rows = [*rows, *[[]] * (crop.bottom - len(rows))]
        filters, paper = tuple(self.get_line_filters()), self.background_colors[1]
        strips = [as_strip(tuple(row), ground, width, filters, paper) for row in rows[crop.y : crop.bottom]]
        return cropped(strips, crop, width)


@lru_cache(2048)
def as_strip(row: tuple[tuple[str, Style], ...], ground: Style, width: int, filters: Filters, paper: Color) -> Strip:
    """The same object for what looks the same: it keeps what the terminal gets for it."""
    strip = Strip([Segment(text, ground + style) for text, style in row if text]).adjust_cell_length(width, ground)
    return Strip(filtered(list(strip), filters, paper), width)
