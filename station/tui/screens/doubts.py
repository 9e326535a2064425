# SPDX-License-Identifier: GPL-3.0-or-later
"""Every board in doubt: which, since when, why, and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.report.shift import Doubt
from station.tui.desk import Grant
from station.tui.figures import moment
from station.tui.in_doubt import briefly, doubts_advice
from station.tui.say import Say
from station.tui.screens.retire import ask_to_retire
from station.tui.screens.room import Room
from station.tui.screens.search import Search
from station.tui.table import Record, Table
from station.tui.told import reason_line
from station.tui.words.language import Words

REFRESH_S = 1.0


class Doubts(Room):
    """Enter opens the history; F8 retires an identity whose board is lost or destroyed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f8", "retire")]

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._doubts: tuple[Doubt, ...] = ()

    def title_phrase(self, words: Words) -> str:
        return words.office.doubts

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.open_set}    {words.office.retire}"

    def content(self) -> ComposeResult:
        yield Say(self._advice, classes="spaced")
        yield Table(_heads)

    def on_mount(self) -> None:
        self._read()
        self.set_interval(REFRESH_S, self._read)

    def _advice(self, words: Words) -> str:
        return doubts_advice(self._doubts, words) or words.office.no_doubts

    def _read(self) -> None:
        self.poll(self.desk.doubts, self._show)

    def _show(self, doubts: tuple[Doubt, ...]) -> None:
        self._doubts = doubts
        self.query_one(".spaced", Say).say(self._advice)
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill([_record(doubt, self.words) for doubt in self._doubts])

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        if name := self.query_one(Table).chosen():
            self.app.push_screen(Search(self._grant, name))

    def action_retire(self) -> None:
        if name := self.query_one(Table).chosen():
            ask_to_retire(self, self._grant, name, self._read)


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.to_do, text.board, text.name, text.slot, text.when, text.attempt, text.reason


def _record(doubt: Doubt, words: Words) -> Record:
    why = reason_line(doubt.why, words)
    cells = (briefly(doubt, words), doubt.uid, doubt.name, doubt.slot, moment(doubt.since), str(doubt.attempt), why)
    return Record(doubt.name, cells)
