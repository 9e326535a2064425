# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing the product's profile, with a dry check of the first board: nothing is written."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.desk.desk import Check, Grant, ProfileRow
from station.errors import StationError
from station.guide.checks import check_line
from station.tui.say import Say
from station.tui.screens.holding import HoldingRoom
from station.tui.table import Table, TableRecord
from station.words.language import Words
from station.words.told import whole_error


class Profiles(HoldingRoom):
    """F5 checks a board with the profile under the cursor; Enter uses it from the next board on. A newer check ends
    the one before it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "check")]

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._profiles: tuple[ProfileRow, ...] = ()
        self._checks: tuple[Check, ...] = ()
        self._checking = 0  # how many have no answer yet
        self._by_hand = False  # the board is to be switched off and on

    def title_phrase(self, words: Words) -> str:
        return words.office.profiles

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.dry_check}    {words.office.use}"

    def content(self) -> ComposeResult:
        yield Table(_heads)
        yield Say(self._report, id="report", classes="spaced")

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        self.look(self.desk.profiles, self._show)

    def _show(self, profiles: tuple[ProfileRow, ...]) -> None:
        self._profiles = profiles
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill([_record(row, self.words) for row in self._profiles])

    def _report(self, words: Words) -> str:
        if self._checking:
            do = f"{words.bench.power_cycle}\n" if self._by_hand else ""
            return do + words.office.dry_checking
        return "\n".join(check_line(check, words) for check in self._checks)

    def action_check(self) -> None:
        name = self.query_one(Table).chosen()
        if name is None:
            return
        self._checking += 1
        self.query_one("#report", Say).say(self._report)
        desk, given_up = self.desk, self.new_wait()

        def by_hand() -> None:  # in the question's thread
            self.call_later(self._switch)

        self.ask(lambda: desk.dry_check(name, by_hand, given_up), self._checked, self._failed, outside=True)

    def _switch(self) -> None:
        self._by_hand = True
        self.query_one("#report", Say).say(self._report)

    def _failed(self, error: StationError) -> None:
        self._checked(())
        self.host.show_trouble(error)

    def _checked(self, checks: tuple[Check, ...]) -> None:
        self._checking, self._checks, self._by_hand = self._checking - 1, checks, False
        self.query_one("#report", Say).say(self._report)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        name = self.query_one(Table).chosen()
        if name is None:
            return

        def used(_: None) -> None:
            self._read()

        self.ask(lambda: self.desk.use_profile(self._grant, name), used)


def _record(row: ProfileRow, words: Words) -> TableRecord:
    trouble = " – ".join(whole_error(row.trouble, words)) if row.trouble else ""
    return TableRecord(row.name, ("►" if row.in_use else "", row.name, row.target, " ".join(row.products), trouble))


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return "", text.profile, text.target, text.product, text.evidence
