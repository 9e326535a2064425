# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of plain texts whose head follows the language and whose cursor stays on its row when the rows change. Where
the screen is too narrow its widest columns give way, and their texts go on in the next line: nothing is cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.coordinate import Coordinate
from textual.geometry import Size
from textual.widgets import DataTable

from station.desk.desk import CertificateRow
from station.ledger.values import CertColumn
from station.printable import printable
from station.tui.say import spoken
from station.words.language import Words

_WIDEST = 100
_NARROWEST = 6


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A row: its key and its cells, which are shown as they are."""

    key: str
    cells: tuple[str, ...]


class Table(DataTable[Text]):
    """`heads` gives the column titles. `part`: what it is filled with is a part of the list, sorted already by whoever
    has the whole."""

    def __init__(self, heads: Callable[[Words], tuple[str, ...]], *, id: str | None = None, part: bool = False) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True, id=id)
        self._part = part
        self._heads = heads
        self._all: tuple[TableRecord, ...] = ()
        self._records: tuple[TableRecord, ...] = ()  # of all, those that are shown, as they are sorted
        self._drawn_for = Size()
        self._wanted = ""
        self.sorted_by: tuple[int, bool] | None = None
        """By which column, and whether backwards."""

    def on_mount(self) -> None:
        self.reword()

    def on_resize(self, event: events.Resize) -> None:
        if event.size != self._drawn_for:
            self._draw(self._records)

    def on_click(self, event: events.Click) -> None:
        """Anywhere in the row under the cursor it is Enter; the table itself wants the same column too."""
        column = event.style.meta.get("column", -1)
        if column >= 0 and event.style.meta.get("row") == self.cursor_row:
            self.cursor_coordinate = Coordinate(self.cursor_row, column)

    def reword(self) -> None:
        """Heads and rows anew, in the present language, each column as wide as its widest text."""
        self._draw(self._records)

    def _draw(self, records: tuple[TableRecord, ...]) -> None:
        """The cursor goes where its row goes; where that is gone, it stays at its height."""
        at, before = self.cursor_row, self.chosen()
        self._records = records
        at = next((row for row, record in enumerate(records) if record.key == before), at)
        self.clear(columns=True)
        heads = self._marked(self._heads(spoken(self)))
        self._drawn_for = self.size
        wanted = [max(cell_len(head), _widest(records, column)) for column, head in enumerate(heads)]
        words = [_widest_word(records, column) for column in range(len(heads))]
        least = [max(cell_len(head), word) for head, word in zip(heads, words, strict=True)], words
        room = (self.size.width or _WIDEST * len(heads)) - 2 * self.cell_padding * len(heads)
        widths = _in_room(wanted, room, least)
        if self._lines(records, widths if widths != wanted else ()) >= self.size.height:
            widths = _in_room(wanted, room - self.styles.scrollbar_size_vertical, least)
        for head, width in zip(heads, widths, strict=True):
            self.add_column(Text(head), width=width)
        height = 1 if widths == wanted else None  # what it takes
        for record in self._records:
            self.add_row(*map(_cell, record.cells), key=record.key, height=height)
        self.move_cursor(row=at)

    def _lines(self, records: Sequence[TableRecord], widths: Sequence[int]) -> int:
        """That the rows take; `widths`: where texts go on in the next line. Of more rows than are seen, how many."""
        if not widths or len(records) >= self.size.height:
            return len(records)
        console = self.app.console
        return sum(
            max(len(_cell(cell).wrap(console, width)) for cell, width in zip(record.cells, widths, strict=True))
            for record in records
        )

    def fill(self, records: Sequence[TableRecord]) -> None:
        """Changes only what differs when the rows are the same ones, so that a list in motion does not flicker."""
        self._all = tuple(records)
        old, new = self._records, self._arranged()
        if old == new:
            return
        same = [record.key for record in old] == [record.key for record in new]
        if not same or any(_widest(new, n) > column.width for n, column in enumerate(self.ordered_columns)):
            self._draw(new)
            return
        self._records = new
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            for column, cell in enumerate(after.cells):
                if before.cells[column] != cell:
                    self.update_cell_at(Coordinate(row, column), _cell(cell))

    def narrow(self, text: str) -> None:
        """Only the rows one of whose cells has this text in it."""
        self._wanted = text.casefold().strip()
        self.fill(self._all)

    def sort_on(self, *, anew: bool) -> None:
        """By the next column, behind the last one as the rows came; or by the same one the other way round."""
        column, backwards = self.sorted_by or (-1, False)
        if anew:
            self.sorted_by = (column + 1, False) if column + 1 < len(self.ordered_columns) else None
        elif self.sorted_by:
            self.sorted_by = column, not backwards
        self._draw(self._arranged())

    def sort_by(self, column: int) -> None:
        """By this one; the other way round where it is so already."""
        backwards = self.sorted_by == (column, False)
        self.sorted_by = column, backwards
        self._draw(self._arranged())

    def _arranged(self) -> tuple[TableRecord, ...]:
        shown = [one for one in self._all if any(self._wanted in cell.casefold() for cell in one.cells)]
        if self.sorted_by and not self._part:
            column, backwards = self.sorted_by
            shown.sort(key=lambda record: _natural(record.cells[column]), reverse=backwards)
        return tuple(shown)

    def _marked(self, heads: tuple[str, ...]) -> tuple[str, ...]:
        if self.sorted_by is None:
            return heads
        column, backwards = self.sorted_by
        return tuple(f"{head} {'▼' if backwards else '▲'}" if n == column else head for n, head in enumerate(heads))

    def chosen(self) -> str | None:
        """The key under the cursor."""
        return self._records[self.cursor_row].key if 0 <= self.cursor_row < len(self._records) else None


def _fitted(wanted: Sequence[int], room: int, least: Sequence[int]) -> list[int]:
    """Widths that sum up to no more than `room`, or to what they are at `least`: the widest give way first."""
    widths = list(wanted)
    while sum(widths) > room:
        spare = [column for column, width in enumerate(widths) if width > least[column]]
        if not spare:
            break
        widths[max(spare, key=lambda column: widths[column])] -= 1
    return widths


def _in_room(wanted: Sequence[int], room: int, least: Iterable[Sequence[int]]) -> list[int]:
    """No head is cut while another column can give way, then no word is taken apart."""
    widths = list(wanted)
    for one in (*least, [_NARROWEST] * len(widths)):
        widths = _fitted(widths, room, one)
    return widths


def _widest_word(records: Sequence[TableRecord], column: int) -> int:
    """What is not taken apart while another column can give way; Chinese may be at any character."""
    words = (word for record in records for word in record.cells[column].split() if cell_len(word) == len(word))
    return max((min(len(word), _WIDEST) for word in words), default=_NARROWEST)


def _widest(records: Sequence[TableRecord], column: int) -> int:
    return max((min(cell_len(record.cells[column]), _WIDEST) for record in records), default=0)


def _natural(text: str) -> list[tuple[int, str]]:
    """Numbers by their size, all else by its letters."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


class _Cell(Text):
    """Columns have their widths; `DataTable` would measure each cell all the same, half of what filling one takes."""

    __rich_measure__ = None  # type: ignore[assignment]


def _cell(text: str) -> Text:
    return _Cell(printable(text, lines=False), end="")


def certificate_heads(words: Words) -> tuple[str, ...]:
    """Of the lists of certificates."""
    text = words.office
    return text.name, text.state, text.board, text.set_, text.batch


CERTIFICATE_COLUMNS = (CertColumn.NAME, CertColumn.STATE, CertColumn.BOARD, CertColumn.SET, CertColumn.BATCH)
"""What the ledger calls them."""


def certificate_cells(row: CertificateRow, state: str) -> tuple[str, ...]:
    """`state`: its word, or as the ledger has it."""
    return row.name, state, row.uid, row.set_name, row.batch


def certificate_record(row: CertificateRow, words: Words) -> TableRecord:
    return TableRecord(row.name, certificate_cells(row, words.ledger[row.state]))
