# SPDX-License-Identifier: GPL-3.0-or-later
"""A wall board, of a bench or of a line, in a terminal of any size."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from station.tui.watch import WatchApp
from tests.tui import drawn


class OnWall:
    """What can be seen from the hall."""

    def __init__(self, app: WatchApp[Any], pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    def screen(self) -> str:
        return drawn.text(self.app)

    async def sees(self, *texts: str, misses: tuple[str, ...] = ()) -> str:
        """Waits until all of these texts are on it, and none of those."""

        def holds(shown: str) -> bool:
            return all(text in shown for text in texts) and not any(text in shown for text in misses)

        return await drawn.shows(self.app, holds, f"{texts} without {misses}")


@asynccontextmanager
async def on_wall(app: WatchApp[Any], size: tuple[int, int] = (160, 45)) -> AsyncIterator[OnWall]:
    async with app.run_test(size=size) as pilot:
        yield OnWall(app, pilot)
