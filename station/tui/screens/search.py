# SPDX-License-Identifier: GPL-3.0-or-later
"""Search by device name, board uid or label → the whole history of that certificate and board."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from station.tui.desk import Grant, History
from station.tui.figures import moment
from station.tui.say import Say
from station.tui.screens.retire import ask_to_retire
from station.tui.screens.room import Room
from station.tui.table import Record, Table
from station.tui.words.language import Words


class Search(Room):
    """The field has the focus, so a scanner types into it and its Enter searches."""

    takes_scans = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f8", "retire")]

    def __init__(self, grant: Grant, text: str = "") -> None:
        super().__init__()
        self._grant = grant
        self._text = text
        self._found: History | None = None

    def title_phrase(self, words: Words) -> str:
        return words.office.search

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.ok}    {words.office.retire}"

    def content(self) -> ComposeResult:
        yield Input(self._text, max_length=200)
        yield Say(lambda words: words.office.search_hint, id="found", classes="spaced")
        yield Table(_heads)

    def on_mount(self) -> None:
        self.query_one(Table).can_focus = False
        if self._text:
            self._search(self._text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        event.input.select_all()
        if text:
            self._search(text)

    def scanned(self, text: str) -> None:
        """From a scanner that does not type."""
        self.query_one(Input).value = text
        self._search(text)

    def _search(self, text: str) -> None:
        desk = self.desk
        self._text = text
        self.ask(lambda: desk.search(text), self._show)

    def _show(self, found: History | None) -> None:
        self._found = found
        self.query_one("#found", Say).say(self._headline)
        lines = found.lines if found else ()
        self.query_one(Table).fill(
            [Record(str(at), (moment(line.at), line.who, line.event, line.detail)) for at, line in enumerate(lines)]
        )

    def _headline(self, words: Words) -> str:
        found = self._found
        if found is None:
            return f"{words.office.nothing_found}: {self._text}"
        return f"{found.name}   {words.ledger[found.state]}   {words.office.board} {found.uid or words.office.none}"

    def action_retire(self) -> None:
        if found := self._found:
            ask_to_retire(self, self._grant, found.name, lambda: self._search(found.name))


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.when, text.who, text.event, text.evidence
