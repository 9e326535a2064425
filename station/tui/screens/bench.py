# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's screen: slots, counters, doubt. No settings, no focus, no mouse; Space, a scanner and F2 are all."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size

from station.codes import Code
from station.events import Notice, SlotEvent, SlotState
from station.tui.banners import Banners
from station.tui.bars import CountersBar, DoubtBanner, HeaderBar, KeysBar, NoticeBar, SetBar
from station.tui.echo import ScanEcho
from station.tui.feed import News
from station.tui.grid import SlotGrid
from station.tui.host import Shown
from station.tui.screens.room import Asking, Room

if TYPE_CHECKING:
    from station.desk.info import StationInfo
    from station.errors import StationError
    from station.ledger.locks import Lock
    from station.report.counters import Counters
    from station.report.shift import Doubt

    Standing = tuple[float, StationInfo, Counters, tuple[Doubt, ...]]
    """When it was asked (Unix time), and the answers."""

REFRESH_S = 1.0
"""How often counters and doubts are read again: they come from the ledger, not from events."""
_BARS = 2  # rows: header and keys
_SMALL = 40  # rows of a screen that has none to spare


class BenchScreen(Asking[None]):
    """Stays at the bottom of the stack for as long as the program runs."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "confirm"), Binding("f9", "supervisor")]

    def __init__(self, info: StationInfo, *, is_open: bool = True) -> None:
        super().__init__()
        self._begins_at_once = is_open
        # Held and not looked up: events may come before the first layout and after the last.
        self._header, self._notices, self._doubts = HeaderBar(info), NoticeBar(), DoubtBanner()
        self._grid, self._counters, self._set = SlotGrid(info.slots, is_open=is_open), CountersBar(), SetBar()
        self._keys, self._banners = KeysBar(), Banners(self._notices, self._doubts)
        self._locked = False
        self._unread: Code | None = None  # the code that keeps the standing from being read

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._banners
        yield self._grid
        yield self._counters
        yield self._set
        yield self._keys

    def on_mount(self) -> None:
        self._fit_to(self.app.size)  # the first layout is the real one
        if self._begins_at_once:
            self.begin()

    def begin(self) -> None:
        """The desk answers from now on."""
        self.read_standing()
        self.set_interval(REFRESH_S, self.read_standing)

    def on_resize(self, event: events.Resize) -> None:
        self._fit_to(event.size)

    def _fit_to(self, size: Size) -> None:
        self._counters.fit_to(size.width, size.height)
        self._banners.fit_to(size.width, size.height)
        self._make_room()

    def _make_room(self) -> None:
        """The slots keep their rows. On a small screen a banner takes the place of the keys, a second one that of the
        header, a third one that of the set in work; on a large one they have rows of their own.
        """
        height, around = self.app.size.height, _BARS + self._counters.rows
        small = height < _SMALL
        self._grid.give(max(1, height - around - (0 if small else self._banners.most_rows + self._set.most_rows)))
        banners = (self._notices.display, self._doubts.display, self._set.is_due)
        self._keys.display = not (small and any(banners))
        self._header.display = not (small and sum(banners) > 1)
        self._set.display = self._set.is_due and not (small and all(banners))
        room = next((screen for screen in reversed(self.app.screen_stack) if isinstance(screen, Room)), None)
        if room is not None:
            room.bench_changed()

    def read_standing(self) -> None:
        desk = self.desk
        self.poll(lambda: (time.time(), desk.station(), desk.counters(), desk.doubts()), self.show_standing)

    def poll_failed(self, error: StationError) -> None:
        """On the bar: a dialog would stand between the operator and the boards."""
        self._unread = error.code
        self._notices.show(Notice(at=time.time(), code=error.code, what=error.what, do=error.do))
        self._make_room()

    def show_standing(self, standing: Standing) -> None:
        asked, info, counters, doubts = standing
        if self._unread:
            self._notices.take_back(self._unread)
            self._unread = None
        self._header.show(info, stocked=counters.ready > 0)
        self._grid.have(info.slots)
        self._counters.show(counters)
        self._set.show(counters.current_set)
        self._doubts.show(doubts)
        self._show_lock(asked, info.lock)
        self._make_room()

    def _show_lock(self, asked: float, lock: Lock | None) -> None:
        """Read from the ledger: a lock outlives a restart, and may come from another station or the command line."""
        if lock is not None:
            notice = Notice(at=asked, code=lock.code, what=lock.what, serious=True)
            self._notices.show(notice)
            self.host.alarm(notice)
        elif self._locked:
            self._notices.show(None)
            self.host.alarm_is_over(asked)
        self._locked = lock is not None

    def show_news(self, news: News) -> None:
        """What came from the bench since the last repaint. A trouble that no slot has any more is over."""
        before, were = self._troubles(), {event.slot: event for event in self.slots()}
        for event in news.slots:
            self._grid.show(event)
        self._lay_bare(event for event in news.slots if _looks_otherwise(event, were.get(event.slot)))
        for notice in news.notices:
            self._notices.show(notice)
        for code in before - self._troubles():
            self._notices.take_back(code)
        self._make_room()

    def _lay_bare(self, changed: Iterable[SlotEvent]) -> None:
        """A scan that is still shown large covers no tile that has changed."""
        places = [self._grid.place(event.slot) for event in changed]
        for echo in self.query(ScanEcho) if places else ():
            if echo.display and any(place.overlaps(echo.region) for place in places):
                echo.step_aside()

    def _troubles(self) -> set[Code]:
        return {event.code for event in self.slots() if event.code is not None}

    def supervised(self) -> None:
        """A supervisor is here: even a serious notice has been seen."""
        self._notices.show(None)
        self._make_room()

    def busy(self) -> tuple[str, ...]:
        """The slots at work, by what the screen last heard."""
        return tuple(event.slot for event in self.slots() if event.state is SlotState.BUSY)

    def slots(self) -> tuple[SlotEvent, ...]:
        return self._grid.events()

    def seen(self) -> Shown:
        return Shown(slots=self.slots(), doubts=self._doubts.doubts, notice=self._notices.notice)

    def alarmed(self) -> tuple[SlotEvent, ...]:
        """The slots whose board raised an alarm, by what the screen last heard."""
        return tuple(event for event in self.slots() if event.uid and event.code is not None and event.code.is_alarm)

    def action_confirm(self) -> None:
        self.ask(self.desk.confirm, self._confirmed)

    def _confirmed(self, _: None) -> None:
        self._notices.acknowledge()
        self._make_room()

    def action_supervisor(self) -> None:
        self.host.open_office()

    def confirmed(self) -> None:
        self.action_confirm()


def _looks_otherwise(event: SlotEvent, before: SlotEvent | None) -> bool:
    """Another word or another reason; how far a board is may wait."""
    return before is not None and (event.state, event.code) != (before.state, before.code)
