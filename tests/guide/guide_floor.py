# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare folder with the guide on a screen: what a person there types and sees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from station.config.settings import Config, load
from station.guide.guide import Guide
from station.guide.making import Begun
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.model import Language, Secret
from station.secrets.keys import open_vault
from station.tui.guide.app import GuideApp
from tests.tui import drawn, fingers
from tests.waiting import PATIENCE_S


class Bare:
    """A folder where nothing is yet. Each `guide` is a start of the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = Begun(file=folder / "bench" / "station.toml", state=folder / "state")
        self._passphrase = Secret("")

    def load(self) -> Config | None:
        return load(self.begun.file, {}, {}) if self.begun.file.exists() else None

    def open_ledger(self) -> Ledger:
        config = self.load()
        assert config is not None
        vault = open_vault(config.key_path, lambda: self._passphrase)
        around = Surroundings(home=self.folder / "witness")
        return open_ledger(config.ledger_path, vault, around, actor=config.text("bench.name"))

    def _keep(self, passphrase: Secret) -> None:
        self._passphrase = passphrase

    def guide(self) -> Guide:
        return Guide(self.begun, load=self.load, open_ledger=self.open_ledger, keep_passphrase=self._keep)


class GuideFloor:
    """What a person at the screen can do and see."""

    def __init__(self, app: GuideApp, pilot: Pilot[None], guide: Guide) -> None:
        self.app, self.pilot, self.guide = app, pilot, guide

    async def press(self, *keys: str) -> None:
        await fingers.press(self.pilot, *keys)

    async def type(self, *lines: str) -> None:
        """Each into the line that is next, with Enter; a key at a time would take seconds."""
        for line in lines:
            await self.until(lambda: isinstance(self.app.focused, Input))
            assert isinstance(self.app.focused, Input)
            self.app.focused.insert_text_at_cursor(line)
            await self.press("enter")

    def screen(self) -> str:
        return drawn.text(self.app)

    async def sees(self, *texts: str) -> str:
        return await drawn.shows(self.app, lambda shown: all(text in shown for text in texts), texts)

    async def until(self, ask: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not ask():
            assert time.monotonic() < deadline, self.screen()
            await asyncio.sleep(0.05)


@asynccontextmanager
async def guided(
    bare: Bare, *, language: Language = Language.ENGLISH, size: tuple[int, int] = (80, 24), said: bool = True
) -> AsyncIterator[GuideFloor]:
    with closing(bare.guide()) as guide:
        app = GuideApp(guide, language, said=said)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield GuideFloor(app, pilot, guide)
