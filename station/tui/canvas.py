# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells to paint on: characters and styles by place, given back as runs of one style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

Row = list[tuple[str, Style]]
Place = tuple[tuple[int, int], tuple[int, int]]
"""Left and top, width and height."""


@cache
def styled(ink: str | None, paper: str, *, bold: bool | None = None, reverse: bool | None = None) -> Style:
    """The same object each time: its terminal codes are worked out once, and runs are told apart by identity first."""
    return Style(color=ink, bgcolor=paper, bold=bold, reverse=reverse)


@lru_cache(4096)
def _narrow(text: str) -> bool:
    """Whether each character takes exactly one cell."""
    return all(cell_len(letter) == 1 for letter in text)


class Canvas:
    """Cells of a character and a style; a wide character owns its cell and leaves the next one empty."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width, self.height = width, height
        self._letters = [[" "] * width for _ in range(height)]
        self._styles = [[style] * width for _ in range(height)]

    def copy(self) -> Canvas:
        """The same cells, to be painted on."""
        other = Canvas.__new__(Canvas)
        other.width, other.height = self.width, self.height
        other._letters, other._styles = [row[:] for row in self._letters], [row[:] for row in self._styles]
        return other

    def put(self, x: int, y: int, text: str, style: Style) -> None:
        """Writes from (x, y) to the right; what does not fit is cut."""
        if not 0 <= y < self.height or x < 0:
            return
        cells = _cells(text, self.width - x)
        if cells:
            end = x + len(cells)
            self._split(self._letters[y], x, end)
            self._letters[y][x:end] = cells
            self._styles[y][x:end] = [style] * len(cells)

    def fill(self, place: Place, style: Style) -> None:
        """Blanks."""
        (x, y), (width, height) = place
        for row in range(height):
            self.put(x, y + row, " " * width, style)

    def _split(self, row: list[str], start: int, end: int) -> None:
        """Half of a wide character cannot stay: where one is cut at `start` or `end`, its other half is a blank."""
        if start and row[start] == "":
            row[start - 1] = " "
        if end < self.width and row[end] == "":
            row[end] = " "

    def swap(self, width: int, styles: Mapping[Style, Style]) -> None:
        """In the first `width` columns each style of `styles` gives way to its other."""
        for row in self._styles:
            for start, end in _bounds(row[:width]):
                row[start:end] = [styles.get(row[start], row[start])] * (end - start)

    def rows(self) -> list[Row]:
        """Runs of one style joined."""
        return [_runs(letters, styles) for letters, styles in zip(self._letters, self._styles, strict=True)]

    def text(self) -> Text:
        lines = [Text.assemble(*row, end="", no_wrap=True) for row in self.rows()]
        return Text("\n", end="", no_wrap=True).join(lines)


def _cells(text: str, room: int) -> Sequence[str]:
    """One string a cell; as much of the text as has room."""
    if _narrow(text):
        return text[: max(0, room)]
    cells: list[str] = []
    for letter in text:
        wide = cell_len(letter)
        if len(cells) + wide > room:
            break
        cells += (letter, "")[:wide]
    return cells


def _runs(letters: Sequence[str], styles: Sequence[Style]) -> Row:
    return [("".join(letters[start:end]), styles[start]) for start, end in _bounds(styles)]


def _bounds(styles: Sequence[Style]) -> list[tuple[int, int]]:
    """Where each run of one style starts and ends, told by identity: `styled` gives the same object each time."""
    bounds, start = [], 0
    run = styles[0] if styles else None
    for at, style in enumerate(styles):
        if style is not run:
            bounds.append((start, at))
            start, run = at, style
    return [*bounds, (start, len(styles))] if styles else []
