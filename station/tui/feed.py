# SPDX-License-Identifier: GPL-3.0-or-later
"""From the bench's threads to the UI thread: a flood collapses to the latest value of each slot.

However many events come, the UI thread gets one `Changed` message at a time, and asks for no more than PER_SECOND,
or BEHIND_A_DIALOG while one is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from station.events import Notice, SlotEvent

if TYPE_CHECKING:
    from station.desk.desk import FeedItem, Scanned

PER_SECOND = 8
"""Repaints of the bench per second at most: what an eye can follow, slower than 16 boards report."""
BEHIND_A_DIALOG = 5
"""The same while a dialog is over it: the whole screen is dimmed anew each time, and the dialog's keys wait for it."""


class Changed(Message):
    """There is something to take from the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What came since the last one: the latest event of each slot, every notice and scan in order."""

    slots: tuple[SlotEvent, ...]
    notices: tuple[Notice, ...]
    scans: tuple[Scanned, ...]


class Feed:
    """Filled by any thread; emptied by the UI thread, which then calls `rearm` when it is ready for more."""

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._slots: dict[str, SlotEvent] = {}
        self._notices: list[Notice] = []
        self._scans: list[Scanned] = []
        self._asleep = True

    def put(self, item: FeedItem) -> None:
        """Never blocks longer than a dictionary takes."""
        with self._lock:
            match item:
                case SlotEvent():
                    self._slots[item.slot] = item
                case Notice():
                    self._notices.append(item)
                case _:
                    self._scans.append(item)
            wake, self._asleep = self._asleep, False
        if wake:
            self._wake()

    def take(self) -> News:
        """All that has come; the feed is empty afterwards and stays quiet until `rearm`."""
        with self._lock:
            news = News(slots=tuple(self._slots.values()), notices=tuple(self._notices), scans=tuple(self._scans))
            self._slots, self._notices, self._scans = {}, [], []
        return news

    def rearm(self) -> None:
        """Wake again, at once if something came meanwhile."""
        with self._lock:
            waiting = bool(self._slots or self._notices or self._scans)
            self._asleep = not waiting
        if waiting:
            self._wake()
