# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots as their tiles show them; from each to the log of its last boards, those that said nothing too."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import DataTable

from station.desk.desk import Grant
from station.events import SlotEvent
from station.tui.screens.board_log import BoardLog
from station.tui.screens.filtering import FilterRoom
from station.tui.table import Table, TableRecord
from station.words.language import Words


class SlotLogs(FilterRoom):
    """Enter opens a slot's log. It needs no grant, since it changes nothing."""

    def __init__(self, _grant: Grant) -> None:
        super().__init__()

    def title_phrase(self, words: Words) -> str:
        return words.office.slot_logs

    def keys_phrase(self, words: Words) -> str:
        return words.office.open_set

    def content(self) -> ComposeResult:
        yield Table(_heads)

    def on_mount(self) -> None:
        self.reword()

    def bench_changed(self) -> None:
        """It may come before the table is there."""
        super().bench_changed()
        self.reword()

    def reword(self) -> None:
        for table in self.query(Table):
            table.fill([_record(event, self.words) for event in self.host.seen().slots])

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        if slot := self.table.chosen():
            self.app.push_screen(BoardLog(slot=slot))


def _record(event: SlotEvent, words: Words) -> TableRecord:
    why = f"{event.code} {words.told(event.code, event.what).what}" if event.code else ""
    name = f"{event.product_key}/{event.device_name}" if event.device_name else ""
    return TableRecord(event.slot, (event.slot, words.states[event.state][0], event.uid, name, why))


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.slot, text.state, text.board, text.name, text.reason
