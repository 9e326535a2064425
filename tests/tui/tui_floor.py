# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench on the fake desk, at any size and in any language."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from station.model import Language, Secret
from station.tui.app import BenchApp
from station.tui.letters import fit
from tests.tui import drawn, fingers
from tests.tui.fake_desk import PIN, FakeDesk
from tests.waiting import PATIENCE_S

Size = tuple[int, int]


def block(word: str, rows: int = 5, width: int = 40) -> str:
    """The second row of the word in block letters, enough to know it by."""
    return fit(word, width, rows)[1].strip()


class Floor:
    """What a person at the screen can do and see."""

    def __init__(self, app: BenchApp, pilot: Pilot[None], desk: FakeDesk) -> None:
        self.app, self.pilot, self.desk = app, pilot, desk

    async def press(self, *keys: str) -> None:
        await fingers.press(self.pilot, *keys)

    async def scan(self, text: str) -> None:
        """As a scanner types: all keys at once, then Enter."""
        await self.type_at(text, 0.0)

    async def type_at(self, text: str, gap_s: float) -> None:
        """Keys that came so far apart, whatever this machine is busy with; then Enter."""
        now = fingers.unhurried(self.pilot)
        for number, letter in enumerate(text):
            fingers.post(self.pilot, letter, now + number * gap_s)
        await self.press("enter")

    def screen(self) -> str:
        """What is on the screen now, as text."""
        return drawn.text(self.app)

    async def sees(self, *texts: str, within_s: float = PATIENCE_S) -> str:
        """Waits until all texts are on the screen."""
        wanted = f"{texts} to appear"
        return await drawn.shows(self.app, lambda shown: all(text in shown for text in texts), wanted, within_s)

    async def misses(self, text: str, within_s: float = PATIENCE_S) -> str:
        """Waits until the text is gone."""
        return await drawn.shows(self.app, lambda shown: text not in shown, f"{text!r} to go", within_s)

    async def until(self, ask: Callable[[], object], within_s: float = PATIENCE_S) -> None:
        """Waits until something is so that is not on the screen."""
        deadline = time.monotonic() + within_s
        while not ask():
            assert time.monotonic() < deadline, "it never came"
            await asyncio.sleep(0.05)

    async def supervise(self, *entry: str) -> None:
        """In the menu, as one whose PIN was right, then along `entry`. How a PIN is typed is the matter of others."""
        self.app.admit(self.desk.unlock(Secret(PIN), "Li Wei"))
        await fingers.has_come(self.pilot)
        if entry:
            await self.press(*entry)
        else:
            await self.sees("Supervisor: Li Wei")


@asynccontextmanager
async def floor(
    desk: FakeDesk | None = None,
    size: Size = (120, 30),
    language: Language = Language.ENGLISH,
    *,
    ended_by_anyone: bool = False,
) -> AsyncIterator[Floor]:
    desk = desk or FakeDesk()
    app = BenchApp(desk, desk.station(), language, ended_by_anyone=ended_by_anyone)
    async with app.run_test(size=size, notifications=True) as pilot:
        await fingers.has_come(pilot)  # what is in doubt comes over the bench before a key
        yield Floor(app, pilot, desk)
