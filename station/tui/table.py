# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of plain texts whose head follows the language and whose cursor stays on its row when the rows change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from station.desk.desk import CertificateRow
from station.tui.say import plain, spoken
from station.words.language import Words

_WIDEST = 100


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A row: its key and its cells, which are shown as they are."""

    key: str
    cells: tuple[str, ...]


class Table(DataTable[Text]):
    """`heads` gives the column titles, `record` makes a row of whatever the screen shows."""

    def __init__(self, heads: Callable[[Words], tuple[str, ...]], *, id: str | None = None) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True, id=id)
        self._heads = heads
        self._records: tuple[TableRecord, ...] = ()

    def on_mount(self) -> None:
        self.reword()

    def reword(self) -> None:
        """Heads and rows anew, in the present language, each column as wide as its widest text."""
        self._draw(self._records)

    def _draw(self, records: tuple[TableRecord, ...]) -> None:
        """The cursor goes where its row goes; where that is gone, it stays at its height."""
        at, before = self.cursor_row, self.chosen()
        self._records = records
        at = next((row for row, record in enumerate(records) if record.key == before), at)
        self.clear(columns=True)
        for column, head in enumerate(self._heads(spoken(self))):
            self.add_column(Text(head), width=max(cell_len(head), _widest(records, column)))
        for record in self._records:
            self.add_row(*map(_cell, record.cells), key=record.key)
        self.move_cursor(row=at)

    def fill(self, records: Sequence[TableRecord]) -> None:
        """Changes only what differs when the rows are the same ones, so that a list in motion does not flicker."""
        old, new = self._records, tuple(records)
        same = [record.key for record in old] == [record.key for record in new]
        if not same or any(_widest(new, n) > column.width for n, column in enumerate(self.ordered_columns)):
            self._draw(new)
            return
        self._records = new
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            for column, cell in enumerate(after.cells):
                if before.cells[column] != cell:
                    self.update_cell_at(Coordinate(row, column), _cell(cell))

    def chosen(self) -> str | None:
        """The key under the cursor."""
        return self._records[self.cursor_row].key if 0 <= self.cursor_row < len(self._records) else None


def _widest(records: Sequence[TableRecord], column: int) -> int:
    return max((min(cell_len(record.cells[column]), _WIDEST) for record in records), default=0)


def _cell(text: str) -> Text:
    return plain(text, lines=False)


def certificate_heads(words: Words) -> tuple[str, ...]:
    """Of the lists of certificates."""
    text = words.office
    return text.name, text.state, text.board, text.set_, text.batch


def certificate_record(row: CertificateRow, words: Words) -> TableRecord:
    return TableRecord(row.name, (row.name, words.ledger[row.state], row.uid, row.set_name, row.batch))
