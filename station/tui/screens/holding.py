# SPDX-License-Identifier: GPL-3.0-or-later
"""A room with a list that holds the bench for as long as it is open: no board is begun under the supervisor's hands."""

from __future__ import annotations

import asyncio
import threading

from textual.worker import WorkType

from station.tui.screens.filtering import FilterRoom


class HoldingRoom(FilterRoom):
    """Whatever way the room goes, the bench is released: by the key, with the menu, with the program.

    One waits at a time for a board: a newer wait ends the one before it, and leaving ends the last. A wait is the
    room's from the key on, so that it is ended also where its thread has not begun yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self._gone = asyncio.Event()
        self._given_up = threading.Event()  # of the one who waits now

    def new_wait(self) -> threading.Event:
        """What gives up the wait that is asked for now."""
        self._given_up.set()
        self._given_up = threading.Event()
        return self._given_up

    def on_mount(self) -> None:
        work: WorkType[None] = self._hold
        self.app.run_worker(work, group="hold")  # not the room's: it has something to do when the room is gone

    def on_unmount(self) -> None:
        self._given_up.set()
        self._gone.set()

    async def _hold(self) -> None:
        desk = self.desk
        holding = asyncio.ensure_future(asyncio.to_thread(desk.hold))
        try:
            await self._gone.wait()
        finally:
            self._given_up.set()
            await holding  # never released before it was held
            await asyncio.to_thread(desk.release)
