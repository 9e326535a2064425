# SPDX-License-Identifier: GPL-3.0-or-later
"""A room that holds the bench for as long as it is open: no board is begun under the supervisor's hands."""

from __future__ import annotations

import asyncio

from textual.worker import WorkType

from station.tui.screens.room import Room


class HoldingRoom(Room):
    """Whatever way the room goes, the bench is released: by the key, with the menu, with the program."""

    def __init__(self) -> None:
        super().__init__()
        self._gone = asyncio.Event()

    def on_mount(self) -> None:
        work: WorkType[None] = self._hold
        self.app.run_worker(work, group="hold")  # not the room's: it has something to do when the room is gone

    def on_unmount(self) -> None:
        self._gone.set()

    async def _hold(self) -> None:
        desk = self.desk
        holding = asyncio.ensure_future(asyncio.to_thread(desk.hold))
        try:
            await self._gone.wait()
        finally:
            await holding  # never released before it was held
            await asyncio.to_thread(desk.release)
