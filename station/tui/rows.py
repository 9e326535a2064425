# SPDX-License-Identifier: GPL-3.0-or-later
"""A bar of rows that fit as they are. They go straight to strips: Textual's own way, which reads, wraps and styles a
text anew, took most of what a key waits for.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from station.tui.canvas import Row


def cropped(strips: list[Strip], crop: Region, width: int) -> list[Strip]:
    """Of rows that are `width` cells wide, those of its columns."""
    return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]


def filtered(widget: Widget, segments: list[Segment], ground: Color) -> list[Segment]:
    """As its terminal shows them: in 16 colours, in none."""
    for line_filter in widget.get_line_filters():
        segments = line_filter.apply(segments, ground)
    return segments


class Rows(Widget):
    """No border, no padding. A style says what differs from the bar's own."""

    @abstractmethod
    def drawn(self) -> Sequence[Row]:
        """As many as there is something on; none wraps, what does not fit is cut."""

    def render_lines(self, crop: Region) -> list[Strip]:
        rows, ground, width = self.drawn(), self.rich_style, self.size.width
        rows = [*rows, *[[]] * (crop.bottom - len(rows))]
        strips = [self._strip(row, ground, width) for row in rows[crop.y : crop.bottom]]
        return cropped(strips, crop, width)

    def _strip(self, row: Row, ground: Style, width: int) -> Strip:
        segments = [Segment(text, ground + style) for text, style in row if text]
        strip = Strip(segments).adjust_cell_length(width, ground)
        return Strip(filtered(self, list(strip), self.background_colors[1]), width)
