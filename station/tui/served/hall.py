# SPDX-License-Identifier: GPL-3.0-or-later
"""Who watches which board: one for each size and language that is watched, within bounds.

Where there is no room for another process, a viewer gets the largest board that fits on its screen, or is told to come
again later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from station.model import Language
from station.rate import Rate
from station.tui.served.board import SharedBoard
from station.tui.served.messages import Size
from station.tui.served.viewer import Viewer

MOST_VIEWERS = 64
MOST_BOARDS = 6  # of about 60 MB
_MOST_ENDING = 3  # processes that are on their way out
LINGERS_S = 20.0  # a board that nobody watches: a page that is loaded anew finds it
_AGAIN_LATER = 1013


class Hall:
    """`command` of a language: of the station whose board is shown."""

    def __init__(self, command: Callable[[Language], Sequence[str]]) -> None:
        self._command = command
        self._boards: dict[tuple[Size, str], SharedBoard] = {}
        self._watched: dict[Viewer, SharedBoard] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._starts = Rate(at_once=2 * MOST_BOARDS, per_s=0.5)

    async def watch(self, viewer: Viewer) -> None:
        """What it wants now; it leaves what it has watched."""
        wanted = self._board(viewer.size, viewer.language)
        if wanted is None:
            await viewer.close(_AGAIN_LATER, "too many sizes are watched, come again later")
        elif self._watched.get(viewer) is not wanted:
            self.leave(viewer)
            self._watched[viewer] = wanted
            wanted.join(viewer)

    def leave(self, viewer: Viewer) -> None:
        board = self._watched.pop(viewer, None)
        if board is not None:
            board.leave(viewer)
            asyncio.get_running_loop().call_later(LINGERS_S, self._end_idle)

    async def end(self) -> None:
        """All processes, at once."""
        ends = [board.end() for board in tuple(self._boards.values())]
        await asyncio.gather(*ends, *self._ending, return_exceptions=True)

    def _board(self, size: Size, language: str) -> SharedBoard | None:
        found = self._boards.get((size, language))
        if found is not None:
            return found
        if len(self._boards) >= MOST_BOARDS:
            self._end_longest_idle()
        room = len(self._boards) < MOST_BOARDS and len(self._ending) < _MOST_ENDING
        if room and self._starts.allows():
            made = SharedBoard(self._command(Language(language)), size, language, self._is_over)
            self._boards[size, language] = made
            return made
        fitting = [one for one in self._boards.values() if one.language == language and one.size.fits(size)]
        return max(fitting, key=lambda one: one.size.width * one.size.height, default=None)

    def _end_idle(self) -> None:
        for board in tuple(self._boards.values()):
            if not board.viewers and time.monotonic() - board.idle_since >= LINGERS_S:
                self._end(board)

    def _end_longest_idle(self) -> None:
        idle = [board for board in self._boards.values() if not board.viewers]
        if idle:
            self._end(min(idle, key=lambda board: board.idle_since))

    def _end(self, board: SharedBoard) -> None:
        del self._boards[board.size, board.language]
        task = asyncio.create_task(board.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def _is_over(self, board: SharedBoard) -> None:
        """It ended: by itself, or its process was killed. Its viewers load the page again."""
        with suppress(KeyError):
            if self._boards[board.size, board.language] is board:
                del self._boards[board.size, board.language]
        for viewer in tuple(board.viewers):
            self.leave(viewer)
            viewer.drop()
