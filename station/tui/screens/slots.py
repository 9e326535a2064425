# SPDX-License-Identifier: GPL-3.0-or-later
"""Which port belongs to which slot: one board is plugged at a time, and the screen learns its port."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from station.desk.desk import Grant, SlotRow
from station.errors import StationError
from station.tui.say import Say
from station.tui.screens.holding import HoldingRoom
from station.tui.table import Table, TableRecord
from station.words.language import Words


class SlotsScreen(HoldingRoom):
    """Enter waits for one board in the slot under the cursor, F4 in one that is new. A newer wait ends the one before
    it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f4", "add")]

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant

    def title_phrase(self, words: Words) -> str:
        return words.office.slots

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.learn}    {words.office.new_slot}"

    def content(self) -> ComposeResult:
        yield Say(id="learning", classes="warn")
        yield Table(_heads)

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        self.look(self.desk.slots, self._show)

    def _show(self, slots: tuple[SlotRow, ...]) -> None:
        self.query_one(Table).fill([TableRecord(row.slot, (row.slot, row.port or "–")) for row in slots])

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        slot = self.query_one(Table).chosen()
        if slot is None:
            return
        self._learn(slot)

    def action_add(self) -> None:
        self.ask(self.desk.new_slot, self._learn)

    def _learn(self, slot: str) -> None:
        say = self.query_one("#learning", Say).say
        say(lambda words: words.office.learning.format(slot=slot))

        def learned(port: str) -> None:
            if port:  # otherwise another slot is learned by now
                say(lambda words: words.office.learned.format(slot=slot, port=port))
                self._read()

        def failed(error: StationError) -> None:
            say("")
            self.host.show_trouble(error)

        desk, given_up = self.desk, self.new_wait()
        self.ask(lambda: desk.learn_slot(self._grant, slot, given_up), learned, failed, outside=True)


def _heads(words: Words) -> tuple[str, ...]:
    return words.office.slot, words.office.port
