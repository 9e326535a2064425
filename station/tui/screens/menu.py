# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor's menu. Left alone for IDLE_S seconds, it closes itself and everything on top of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from station.desk.desk import Grant
from station.tui.screens.alarm import Alarm
from station.tui.screens.batches import BatchesScreen
from station.tui.screens.certificates import CertificatesScreen
from station.tui.screens.disputes import Disputes
from station.tui.screens.doubts import Doubts
from station.tui.screens.handover import HandoverRoom
from station.tui.screens.lockouts import LockOuts
from station.tui.screens.products import ProductsRoom
from station.tui.screens.profiles import Profiles
from station.tui.screens.room import Room, may_be_seen
from station.tui.screens.search import Search
from station.tui.screens.slot_logs import SlotLogs
from station.tui.screens.slots import SlotsScreen
from station.words.language import Words

IDLE_S = 300.0

_ENTRIES: tuple[tuple[Callable[[Words], str], Callable[[Grant], Room]], ...] = (
    (lambda words: words.office.batches, BatchesScreen),
    (lambda words: words.office.products, ProductsRoom),
    (lambda words: words.office.certificates, CertificatesScreen),
    (lambda words: words.office.search, Search),
    (lambda words: words.office.doubts, Doubts),
    (lambda words: words.office.lockouts, LockOuts),
    (lambda words: words.office.slots, SlotsScreen),
    (lambda words: words.office.profiles, Profiles),
    (lambda words: words.office.handover, HandoverRoom),
    (lambda words: words.office.disputes, Disputes),
    (lambda words: words.office.slot_logs, SlotLogs),
)


class Menu(Room):
    """Arrow keys and Enter; a scan goes straight to the search."""

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant

    def title_phrase(self, words: Words) -> str:
        return words.of(words.office.supervisor, self._grant.name)

    def keys_phrase(self, words: Words) -> str:
        return words.office.choose

    def content(self) -> ComposeResult:
        yield OptionList(markup=False)

    def on_mount(self) -> None:
        self.reword()
        self.set_interval(5.0, self.close_when_idle)

    def reword(self) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        options.clear_options()
        options.add_options(Option(Text(f" {title(self.words)}")) for title, _ in _ENTRIES)
        options.highlighted = at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.app.push_screen(_ENTRIES[event.option_index][1](self._grant))

    def label_scanned(self, text: str) -> None:
        """What may be a PIN, typed once more while the first one was looked at, is not searched for: that shows it."""
        if may_be_seen(text, is_label=True):
            self.app.push_screen(Search(self._grant, text, scanned=True))
        else:
            self.echo(text, lambda words: words.bench.scan_unknown)
            self.app.push_screen(Search(self._grant))

    def close_when_idle(self) -> None:
        """Back to the bench, whatever is open, when no key was pressed for IDLE_S. An alarm is not taken away."""
        alarm = any(isinstance(screen, Alarm) for screen in self.app.screen_stack)
        if alarm or time.monotonic() - self.host.last_key < IDLE_S:
            return
        while isinstance(self.app.screen, Room) or self in self.app.screen_stack:
            self.app.pop_screen()
