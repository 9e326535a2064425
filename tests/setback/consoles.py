# SPDX-License-Identifier: GPL-3.0-or-later
"""Console boards that can be exchanged while one is written: their lines do not name the board."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from station.profiles.shipped import copy_of
from station.simulate.cable import Cable
from station.simulate.console import ConsoleBoard, read_identity
from tests.setback.pcs import PC, Done

DIALECT = "zephyr-settings"


class Consoles:
    """Boards by number; each has its storage file for life."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    @staticmethod
    def profile_on(pc: PC) -> None:
        text = copy_of(DIALECT, "console", ["a1Cam"])
        (pc.disk / "profiles" / "console.toml").write_text(text)

    def uid(self, number: int) -> str:
        return f"a1b2c3d4e5{number:02x}"

    def board(self, number: int) -> ConsoleBoard:
        return ConsoleBoard(
            DIALECT, uid=self.uid(number), store=self.folder / f"{number}.store", link=self.folder / f"tty{number}"
        )

    def flash(self, pc: PC, number: int, *, swapped_for: int | None = None, at: int = 0) -> tuple[Done, int]:
        """And how many bytes were sent; after `at` of them the other board is in its place."""
        with ExitStack() as plugged:
            for each in (number, swapped_for):
                if each is not None:
                    plugged.enter_context(self.board(each))
            cable = plugged.enter_context(Cable(str(self.folder / f"tty{number}"), self.folder / "socket"))
            if swapped_for is not None:
                cable.swap_after(at, str(self.folder / f"tty{swapped_for}"))
            done = pc("flash", "--profile", "console", "--port", cable.url)
            return done, cable.sent

    def holds(self, number: int) -> str | None:
        found = read_identity(self.folder / f"{number}.store", DIALECT)
        return found[0].device_name if found else None

    def stored(self, number: int) -> bytes:
        file = self.folder / f"{number}.store"
        return file.read_bytes() if file.exists() else b""

    def wipe(self, number: int) -> None:
        (self.folder / f"{number}.store").unlink(missing_ok=True)
