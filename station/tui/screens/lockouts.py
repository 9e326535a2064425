# SPDX-License-Identifier: GPL-3.0-or-later
"""Locking and unlocking slots and the whole station, with a reason each time."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.widgets import DataTable

from station.desk.desk import Grant, SlotRow
from station.desk.info import StationInfo
from station.events import SlotState
from station.ledger.believed import only_recovery
from station.ledger.locks import Lock
from station.ledger.trouble import CODE
from station.report.shift import unix
from station.tui.screens.filtering import FilterRoom
from station.tui.screens.reason import Reason
from station.tui.screens.trouble import TroubleScreen
from station.tui.table import Table, TableRecord
from station.words.figures import moment
from station.words.language import Words
from station.words.told import lock_line

_STATION = "*"


class LockOuts(FilterRoom):
    """Enter unlocks what is locked and locks what is not. What only a recovery ends is said, and no unlock offered."""

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._locks: dict[str, Lock | None] = {}

    def title_phrase(self, words: Words) -> str:
        return words.office.lockouts

    def keys_phrase(self, words: Words) -> str:
        return words.office.lock_or_unlock

    def content(self) -> ComposeResult:
        yield Table(_heads)

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        desk = self.desk
        self.look(lambda: (desk.station(), desk.slots()), self._show)

    def _show(self, found: tuple[StationInfo, tuple[SlotRow, ...]]) -> None:
        info, slots = found
        self._locks = {_STATION: info.lock} | {slot.slot: slot.lock for slot in slots}
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill([TableRecord(slot, self._cells(slot)) for slot in self._locks])

    def _cells(self, slot: str) -> tuple[str, ...]:
        lock, words = self._locks[slot], self.words
        if lock is None:
            return self._named(slot, words), "", "", ""
        since = moment(unix(lock.since))
        return self._named(slot, words), words.states[SlotState.LOCKED][0], since, lock_line(lock, words)

    def _named(self, slot: str, words: Words) -> str:
        return words.office.whole_station if slot == _STATION else slot

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        slot = self.query_one(Table).chosen()
        if slot is None:
            return
        lock = self._locks[slot]
        if lock is not None and lock.code == CODE:
            self.app.push_screen(TroubleScreen(only_recovery(lock.what)))
            return
        locked = lock is not None
        act = partial(self.desk.unlock_slot, told=(lock.code,)) if lock is not None else self.desk.lock_slot
        which = None if slot == _STATION else slot

        def question(words: Words) -> str:
            text = words.office.unlock_reason if locked else words.office.lock_reason
            where = words.office.whole_station if slot == _STATION else words.past.slot.format(slot=slot)
            return text.format(slot=where)

        def done(_: None) -> None:
            self._read()

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: act(self._grant, which, reason), done)

        self.app.push_screen(Reason(question), reasoned)


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.slot, text.state, text.when, text.reason
