# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's certificates and sets, a page at a time, filtered by state. As they arrived, a million of them are no
slower than ten; to sort 50,000 takes the ledger 0.1 s.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.desk.desk import CertificateRow, Grant
from station.ledger.values import Sort
from station.model import State
from station.tui.say import Say
from station.tui.screens.filtering import FilterRoom
from station.tui.screens.let_back import ask_to_let_back
from station.tui.screens.retire import ask_to_retire
from station.tui.screens.search import Search
from station.tui.screens.set_view import SetView
from station.tui.table import CERTIFICATE_COLUMNS, Table, certificate_cells, certificate_heads, certificate_record
from station.words.language import Words

PAGE = 100


class CertificatesScreen(FilterRoom):
    """What is typed is found in names and uids. F3 goes through the states; Enter opens a set or a history; the list
    grows when its end is reached.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "filter"),
        Binding("f7", "let_back"),
        Binding("f8", "retire"),
    ]

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._state: State | None = None
        self._rows: tuple[CertificateRow, ...] = ()
        self._more_to_come = False
        self._text = ""
        self._rows_for = ""  # the filter that the rows answer

    def title_phrase(self, words: Words) -> str:
        shown = words.ledger[self._state] if self._state else words.office.all_states
        return f"{words.office.certificates}   {words.of(words.office.state, shown)}"

    def keys_phrase(self, words: Words) -> str:
        text = words.office
        back = [text.let_back] if self._state is State.WITHHELD else []
        return "    ".join([text.open_set, text.filter, *back, text.retire])

    def content(self) -> ComposeResult:
        yield Table(certificate_heads, part=True)

    def on_mount(self) -> None:
        self._read()

    def reword(self) -> None:
        self._fill()

    def _read(self, behind: str = "") -> None:
        self._more_to_come = False
        state, text, sort, desk = self._state, self._text, self._sort(), self.desk
        self.look(lambda: (text, behind, desk.certificates(state, behind, PAGE, text, sort)), self._show)

    def _sort(self) -> Sort | None:
        if self.table.sorted_by is None:
            return None
        column, backwards = self.table.sorted_by
        row = self._rows[-1] if self._rows else None
        last = certificate_cells(row, row.state)[column] if row else ""
        return Sort(by=CERTIFICATE_COLUMNS[column], backwards=backwards, last=last)

    def sorted_anew(self) -> None:
        """By the ledger, which has them all."""
        self._read()

    def narrow(self, text: str) -> None:
        """Asked of the ledger, a page at a time: what is here may be the smallest part."""
        self._text = text.strip()
        self._read()

    def fits_none(self, text: str) -> bool:
        """What the ledger has not answered yet is looked up as a whole."""
        return self._rows_for != text or not self._rows

    def _show(self, page: tuple[str, str, tuple[CertificateRow, ...]]) -> None:
        text, behind, rows = page
        self._rows_for = text
        again = {row.name for row in rows}  # what moved since the page before was read
        self._rows = (*(row for row in self._rows if row.name not in again), *rows) if behind else rows
        self._more_to_come = len(rows) == PAGE
        self._fill()
        if not behind:
            self.table.move_cursor(row=0)

    def _fill(self) -> None:
        self.table.fill([certificate_record(row, self.words) for row in self._rows])

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        if self._more_to_come and self.table.cursor_row >= len(self._rows) - 1:  # now: it was led away from there
            self._read(behind=self._rows[-1].name)

    def action_filter(self) -> None:
        states = [None, *State]
        self._state = states[(states.index(self._state) + 1) % len(states)]
        self.query_one(".title", Say).reword()
        self.query_one("Say.keys", Say).reword()
        self._read()

    def _row(self) -> CertificateRow | None:
        key = self.table.chosen()
        return next((row for row in self._rows if row.name == key), None)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        row = self._row()
        if row is None:
            return
        self.app.push_screen(SetView(self._grant, row.name) if row.set_name else Search(self._grant, row.name))

    def action_let_back(self) -> None:
        row = self._row()
        if row and row.state is State.WITHHELD:
            ask_to_let_back(self, self._grant, row.name, self._read)

    def action_retire(self) -> None:
        if row := self._row():
            ask_to_retire(self, self._grant, row.name, self._read)

    def label_scanned(self, text: str) -> None:
        self.app.push_screen(Search(self._grant, text, scanned=True))
