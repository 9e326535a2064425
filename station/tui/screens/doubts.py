# SPDX-License-Identifier: GPL-3.0-or-later
"""Every board in doubt: which, since when, why, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.report.shift import Doubt
from station.rules import Fate
from station.tui.say import Phrase
from station.tui.screens.board_log import BoardLog
from station.tui.screens.list_room import ListRoom
from station.tui.screens.reason import Reason
from station.tui.screens.retire import ask_to_retire
from station.tui.screens.search import Search
from station.tui.table import Table, TableRecord
from station.words.figures import moment
from station.words.in_doubt import briefly, doubts_advice
from station.words.language import Words
from station.words.told import reason_line


class Doubts(ListRoom[Doubt]):
    """Enter opens the history, F4 the log; F8 retires an identity whose board is lost or destroyed. F5 and F6 say what
    became of another board that may hold a part of it, F7 that a blank board without a uid is the one in doubt.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "log"),
        Binding("f5", f"settle('{Fate.WIPED}')"),
        Binding("f6", f"settle('{Fate.SCRAPPED}')"),
        Binding("f7", "vouch"),
        Binding("f8", "retire"),
    ]

    refresh_s = 1.0

    def title_phrase(self, words: Words) -> str:
        return words.office.doubts

    def keys_phrase(self, words: Words) -> str:
        text = words.office
        about_other = any(doubt.waits_for for doubt in self._items)
        return "    ".join((text.open_set, text.log_key, text.settle if about_other else text.vouch, text.retire))

    def heads_of(self, words: Words) -> tuple[str, ...]:
        text = words.office
        return text.to_do, text.board, text.name, text.slot, text.when, text.attempt, text.reason

    def source(self) -> Callable[[], tuple[Doubt, ...]]:
        return self.desk.doubts

    def advice(self, words: Words) -> str:
        return doubts_advice(self._items, words) or words.office.no_doubts

    def record_of(self, item: Doubt, words: Words) -> TableRecord:
        why = reason_line(item.code, item.reason, words)
        cells = (briefly(item, words), item.uid, item.name, item.slot, moment(item.since), str(item.attempt), why)
        return TableRecord(item.name, cells)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        if name := self.query_one(Table).chosen():
            self.app.push_screen(Search(self._grant, name))

    def action_log(self) -> None:
        if name := self.query_one(Table).chosen():
            self.app.push_screen(BoardLog(name))

    def action_settle(self, fate: str) -> None:
        doubt = self.chosen()
        if doubt is None or not doubt.waits_for:
            return
        end, desk, uid = Fate(fate), self.desk, doubt.waits_for
        self._say_so(
            lambda words: words.office.settle_reason[end].format(uid=uid, name=doubt.name),
            lambda reason: desk.settle(self._grant, uid, end, reason),
            lambda words: words.office.settled.format(uid=uid),
        )

    def action_vouch(self) -> None:
        doubt, desk = self.chosen(), self.desk
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
            self.notify(said(self.words))
            self.read()

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: act(reason), done)

        self.app.push_screen(Reason(question), reasoned)

    def action_retire(self) -> None:
        if name := self.query_one(Table).chosen():
            ask_to_retire(self, self._grant, name, self.read)
