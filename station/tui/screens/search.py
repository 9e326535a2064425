# SPDX-License-Identifier: GPL-3.0-or-later
"""Search by device name, board uid or label → the whole history of that certificate and board."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Input

from station.desk.desk import Found, Grant
from station.model import State
from station.tui.say import Say
from station.tui.screens.board_log import BoardLog
from station.tui.screens.let_back import ask_to_let_back
from station.tui.screens.retire import ask_to_retire
from station.tui.screens.room import Room
from station.tui.table import Table, TableRecord, certificate_heads, certificate_record
from station.words.figures import moment
from station.words.language import Words
from station.words.past import PastLine, particulars, what_happened


class Search(Room):
    """The field has the focus, so a scanner types into it and its Enter searches. Where several certificates fit, Up,
    Down and Enter choose one.
    """

    takes_scans = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "log"),
        Binding("f7", "let_back"),
        Binding("f8", "retire"),
        Binding("down", "move(1)"),
        Binding("up", "move(-1)"),
        Binding("pagedown", "move(10)"),
        Binding("pageup", "move(-10)"),
    ]

    def __init__(self, grant: Grant, text: str = "", *, scanned: bool = False) -> None:
        """`text` is searched at once. `scanned`: by a person, on the screen before; else a row was opened."""
        super().__init__()
        self._grant = grant
        self._text, self._was_scanned = text, scanned
        self._found = Found()

    def title_phrase(self, words: Words) -> str:
        return words.office.search

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.ok}    {words.office.log_key}    {words.office.retire}"

    def content(self) -> ComposeResult:
        yield Input(self._text, max_length=200)
        yield Say(lambda words: words.office.search_hint, id="found", classes="spaced")
        yield Table(self._heads)

    def on_mount(self) -> None:
        self.query_one(Table).can_focus = False
        if self._text:
            (self.label_scanned if self._was_scanned else self._search)(self._text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed narrows what was found, until Enter searches anew or opens a row."""
        text = event.value.strip()
        self.query_one(Table).narrow("" if text == self._text else text)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        """A click on the row under the cursor."""
        if self._choosing and (chosen := self.query_one(Table).chosen()):
            self._search(chosen)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter on what was searched already, or on what leaves some of what was found, opens the certificate under the
        cursor."""
        text = event.value.strip()
        chosen = self.query_one(Table).chosen() if self._choosing and text else None
        event.input.select_all()
        if chosen:
            self._search(chosen)
        elif text:
            self.label_scanned(text)

    def label_scanned(self, text: str) -> None:
        """Seen large, also from a scanner that does not type."""
        self.echo(text, lambda words: words.office.search, is_label=True)
        self._search(text)

    def _search(self, text: str) -> None:
        desk = self.desk
        self._text = self.query_one(Input).value = text
        self.query_one(Table).narrow("")
        self.look(lambda: desk.search(text), self._show)

    def _show(self, found: Found) -> None:
        self._found = found
        self.query_one("#found", Say).say(self._headline)
        self.reword()

    @property
    def _choosing(self) -> bool:
        return len(self._found.certificates) > 1 and not self._found.lines

    def reword(self) -> None:
        words, found = self.words, self._found
        if self._choosing:
            records = [certificate_record(row, words) for row in found.certificates]
        else:
            records = [_line_record(at, line, words, found.uid) for at, line in enumerate(found.lines)]
        self.query_one(Table).fill(records)

    def _headline(self, words: Words) -> str:
        found, text = self._found, words.office
        if not found.certificates and not found.uid:
            return words.of(text.nothing_found, self._text)
        if self._choosing:
            return text.several_found.format(n=len(found.certificates))
        said = words.past.events
        named = [
            f"{row.name}   {words.ledger[row.state]}   {said.get(row.cloud, '')}".rstrip() for row in found.certificates
        ] or [text.no_certificate]
        return "\n".join([f"{text.board} {found.uid or text.none}", *named])

    def _heads(self, words: Words) -> tuple[str, ...]:
        text = words.office
        return certificate_heads(words) if self._choosing else (text.when, text.who, text.event, text.evidence)

    def action_move(self, by: int) -> None:
        table = self.query_one(Table)
        table.move_cursor(row=max(0, table.cursor_row + by))

    def action_log(self) -> None:
        """Of what is shown; of several to choose from, of the one under the cursor."""
        found = self._found
        name = (self.query_one(Table).chosen() or "") if self._choosing else self._text
        if found.certificates or found.uid:
            self.app.push_screen(BoardLog(name))

    def action_let_back(self) -> None:
        shown = self._found.certificates
        if len(shown) == 1 and shown[0].state is State.WITHHELD:
            name = shown[0].name
            ask_to_let_back(self, self._grant, name, lambda: self._search(name))

    def action_retire(self) -> None:
        """The one certificate that is shown; of a board that had several, the one it has now."""
        shown = [row for row in self._found.certificates if row.state is not State.RETIRED]
        if len(shown) == 1:
            name = shown[0].name
            ask_to_retire(self, self._grant, name, lambda: self._search(name))


def _line_record(at: int, line: PastLine, words: Words, board: str) -> TableRecord:
    return TableRecord(
        str(at), (moment(line.at), line.who, what_happened(line, words), particulars(line, words, board))
    )
