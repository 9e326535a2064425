# SPDX-License-Identifier: GPL-3.0-or-later
"""Every board in doubt: which, since when, why, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.desk.desk import Grant
from station.report.shift import Doubt
from station.rules import Fate
from station.tui.say import Phrase, Say
from station.tui.screens.reason import Reason
from station.tui.screens.retire import ask_to_retire
from station.tui.screens.room import Room
from station.tui.screens.search import Search
from station.tui.table import Table, TableRecord
from station.words.figures import moment
from station.words.in_doubt import briefly, doubts_advice
from station.words.language import Words
from station.words.told import reason_line

REFRESH_S = 1.0


class Doubts(Room):
    """Enter opens the history; F8 retires an identity whose board is lost or destroyed. F5 and F6 say what became of
    another board that may hold a part of it, F7 that a blank board without a uid is the one in doubt.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", f"settle('{Fate.WIPED}')"),
        Binding("f6", f"settle('{Fate.SCRAPPED}')"),
        Binding("f7", "vouch"),
        Binding("f8", "retire"),
    ]

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._doubts: tuple[Doubt, ...] = ()

    def title_phrase(self, words: Words) -> str:
        return words.office.doubts

    def keys_phrase(self, words: Words) -> str:
        text = words.office
        about_other = any(doubt.waits_for for doubt in self._doubts)
        return "    ".join((text.open_set, text.settle if about_other else text.vouch, text.retire))

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
        self.query_one(".keys", Say).say(self._keys)
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill([_record(doubt, self.words) for doubt in self._doubts])

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        if name := self.query_one(Table).chosen():
            self.app.push_screen(Search(self._grant, name))

    def _chosen(self) -> Doubt | None:
        name = self.query_one(Table).chosen()
        return next((doubt for doubt in self._doubts if doubt.name == name), None)

    def action_settle(self, fate: str) -> None:
        doubt = self._chosen()
        if doubt is None or not doubt.waits_for:
            return
        end, desk, uid = Fate(fate), self.desk, doubt.waits_for
        self._say_so(
            lambda words: words.office.settle_reason[end].format(uid=uid, name=doubt.name),
            lambda reason: desk.settle(self._grant, uid, end, reason),
            lambda words: words.office.settled.format(uid=uid),
        )

    def action_vouch(self) -> None:
        doubt, desk = self._chosen(), self.desk
        if doubt is not None and not doubt.waits_for:
            name, uid = doubt.name, doubt.uid
            self._say_so(
                lambda words: words.office.vouch_reason.format(name=name, uid=uid),
                lambda reason: desk.vouch(self._grant, name, reason),
                lambda words: words.office.vouched.format(uid=uid),
            )

    def _say_so(self, question: Phrase, act: Callable[[str], None], said: Phrase) -> None:
        """A supervisor's word, with how it is known."""

        def done(_: None) -> None:
            self.notify(said(self.words), markup=False)
            self._read()

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: act(reason), done)

        self.app.push_screen(Reason(question), reasoned)

    def action_retire(self) -> None:
        if name := self.query_one(Table).chosen():
            ask_to_retire(self, self._grant, name, self._read)


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.to_do, text.board, text.name, text.slot, text.when, text.attempt, text.reason


def _record(doubt: Doubt, words: Words) -> TableRecord:
    why = reason_line(doubt.code, doubt.reason, words)
    cells = (briefly(doubt, words), doubt.uid, doubt.name, doubt.slot, moment(doubt.since), str(doubt.attempt), why)
    return TableRecord(doubt.name, cells)
