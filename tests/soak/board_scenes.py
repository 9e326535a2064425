# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes in which `station flash` or `station resolve` dies: one board after another in one slot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.demo.kinds import DemoBoard
from station.demo.setting import Demo, Wish, set_up
from station.model import Secret, State
from station.people.pins import set_pin
from tests.soak.fatal import End, station
from tests.soak.kills import Stage
from tests.soak.looking import certificates, look_into_all
from tests.soak.setting import config_for

MOST = 2_000
"""Boards of one scene: more than any command has calls."""
PIN = "246810"
_TRIES = 4
_EARLIEST, _STEP = 52, 12
"""Of the calls of a flash: before the first byte leaves, and fewer than there are while a board is written."""
_VOUCH = re.compile(r"station vouch (\S+?/[^\s\"]+)")


class BoardScene:
    """`target`'s boards; `channels` cameras on one board, or each on a board of its own as `members`."""

    def __init__(self, demo: Demo, *, members: bool = False, resolves: bool = False) -> None:
        self.demo, self.under = demo, demo.folder
        self._config, self._pin = config_for(demo), demo.folder / "pin"
        self._pin.touch(0o600)
        self._pin.write_text(PIN, "utf-8")
        set_pin(demo.ledger, "Li Wei", Secret(PIN))
        self._waiting: Iterator[DemoBoard] = iter(demo.boards)
        self._resolves, self._doubt_at = resolves, 0
        if members:
            self._flash_members()

    def _flash_members(self) -> None:
        """The profile takes NVRs and cameras, each on a board of its own."""
        file = self.demo.folder / "demo.toml"
        rows = self.demo.cloud.batch(self.demo.batch_id).rows()
        products = sorted({product for row in rows for product, _, _ in certificates(row)})
        text = file.read_text("utf-8").replace('"nvr-set"', '"nvr-members"')
        lines = [f"products = {products}" if line.startswith("products") else line for line in text.splitlines()]
        file.write_text("\n".join(lines).replace("'", '"'), "utf-8")

    def fresh(self) -> list[object]:
        self._plug_the_next()
        if not self._resolves:
            return self._command("flash")
        while not self._comes_into_doubt():
            self.board.unplug()
            self._plug_the_next()
        return self._command("resolve")

    def _plug_the_next(self) -> None:
        self.board = next(self._waiting)
        self.board.plug(self.demo.fixtures["1"])

    def _comes_into_doubt(self) -> bool:
        """Killed at one call after the other, from a little before the one that did it last time: what a flash tidies
        up first is not the same each time. False where its board was done before."""
        at = max(_EARLIEST, self._doubt_at - 2 * _STEP)
        while station(self._command("flash"), under=self.under, at=at).killed:
            if self._is_in_doubt():
                self._doubt_at = at
                return True
            at += _STEP
        return False

    def _is_in_doubt(self) -> bool:
        rows = self.demo.ledger.certificates.unsettled([State.IN_DOUBT, State.WRITING])
        return any(row.board_uid == self.board.uid for row in rows)

    def _command(self, name: str) -> list[object]:
        label = ["--label", self.board.uid] if self.demo.profile.scan_label else []
        return ["--config", self._config, name, "--slot", "1", *label, "--json"]

    def _vouching(self, name: str) -> list[object]:
        return ["--config", self._config, "vouch", name, "--yes", "--reason", "it is this one", "--pin-file", self._pin]

    def settle(self, end: End) -> list[str]:
        """Whoever finds the station dead starts it again, with the board where it was."""
        codes = []
        for _ in range(_TRIES):
            again = station(self._command("flash"), under=self.under)
            codes.append(again.code)
            if again.code == 0:
                break
            if vouch := _VOUCH.search(again.out):  # known by its label only, and blank: a person looks at it
                station(self._vouching(vouch[1]), under=self.under)
        self.board.unplug()
        held = self.board.holds()
        if codes[-1] != 0:
            return [f"board {self.board.uid} is not done, exit codes {codes}: {again.out[-300:]}{again.err[-300:]}"]
        if end.code not in (0, 6, -9):  # 6: a person is asked, as above
            return [f"the run ended with {end.code}: {end.err[-300:]}"]
        return [] if held else [f"board {self.board.uid} is called done and holds nothing"]

    def look(self) -> list[str]:
        return look_into_all(self.demo)


def boards(target: str, *, channels: int = 0, members: bool = False, resolves: bool = False) -> Stage:
    """A stage of this kind."""

    @contextmanager
    def stage(folder: Path) -> Iterator[BoardScene]:
        wish = Wish(boards=1, count=MOST, target=target, channels=channels)
        with set_up(folder, wish) as demo:
            yield BoardScene(demo, members=members, resolves=resolves)

    return stage
