# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of plain texts whose head follows the language and whose cursor stays on its row when the rows change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.widgets import DataTable

from station.tui.language import Words
from station.tui.say import spoken


@dataclass(frozen=True, slots=True)
class Record:
    """A row: its key and its cells, which are shown as they are."""

    key: str
    cells: tuple[str, ...]


class Table(DataTable[Text]):
    """`heads` gives the column titles, `record` makes a row of whatever the screen shows."""

    def __init__(self, heads: Callable[[Words], tuple[str, ...]], *, id: str | None = None) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True, id=id)
        self._heads = heads
        self._records: tuple[Record, ...] = ()

    def on_mount(self) -> None:
        self.reword()

    def reword(self) -> None:
        """Heads and rows anew, in the present language."""
        at = self.cursor_row
        self.clear(columns=True)
        for head in self._heads(spoken(self)):
            self.add_column(Text(head))
        for record in self._records:
            self.add_row(*map(Text, record.cells), key=record.key)
        self.move_cursor(row=at)

    def fill(self, records: Sequence[Record]) -> None:
        """Changes only what differs when the rows are the same ones, so that a long list does not flicker."""
        new = tuple(records)
        if [record.key for record in new] == [record.key for record in self._records]:
            for old, record in zip(self._records, new, strict=True):
                for column, cell in enumerate(record.cells):
                    if old.cells[column] != cell:
                        self.update_cell_at(
                            self.get_cell_coordinate(record.key, self.ordered_columns[column].key),
                            Text(cell),
                            update_width=True,
                        )
            self._records = new
            return
        self._records = new
        self.reword()

    def chosen(self) -> str | None:
        """The key under the cursor."""
        return self._records[self.cursor_row].key if 0 <= self.cursor_row < len(self._records) else None
