# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen that looks at a ledger now and then, and takes no input but F2 and Ctrl-Q."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.worker import WorkType

from station.errors import StationError
from station.events import Notice
from station.ledger.locks import Lock
from station.model import Language
from station.tui.bars import NoticeBar
from station.tui.floor import FloorApp

Seen = TypeVar("Seen")


class WatchApp(FloorApp, Generic[Seen]):
    """Looks every `every_s` seconds, off the UI thread. While it cannot, a notice says why over what was seen last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", priority=True),
        Binding("ctrl+c", "quit", priority=True),
    ]

    def __init__(self, language: Language, every_s: float) -> None:
        super().__init__(language)
        self._every_s = every_s
        self._looking = False

    @abstractmethod
    def look(self) -> Seen:
        """May take its time, and raise a StationError."""

    @abstractmethod
    def show(self, seen: Seen) -> None:
        """On the screen."""

    @abstractmethod
    def station_lock(self, seen: Seen) -> Lock | None:
        """What stops all work."""

    def on_mount(self) -> None:
        self._ask()
        self.set_interval(self._every_s, self._ask)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()

    def _ask(self) -> None:
        """Never two at once, however slow the disk or the server is."""
        if not self._looking:
            self._looking = True
            work: WorkType[None] = self._look
            self.run_worker(work, group="look")

    async def _look(self) -> None:
        try:
            await self._look_and_show()
        except NoMatches:
            if self.is_running:  # else it has ended meanwhile, and its parts go one by one
                raise
        finally:
            self._looking = False

    async def _look_and_show(self) -> None:
        try:
            seen = await asyncio.to_thread(self.look)
        except StationError as error:
            notice = Notice(at=time.time(), code=error.code, what=error.what, do=error.do)
            self.query_one(NoticeBar).show(notice)
            return
        lock = self.station_lock(seen)
        locked = Notice(at=0.0, code=lock.code, what=lock.what, serious=True) if lock else None
        self.query_one(NoticeBar).show(locked)
        self.show(seen)
