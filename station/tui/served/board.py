# SPDX-License-Identifier: GPL-3.0-or-later
"""One process with a wall board of one size and language, and all that watch it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress

from station.tui.served.messages import Size
from station.tui.served.screen import REPAINT
from station.tui.served.viewer import Viewer

_DRIVER = "station.tui.served.screen:ServedDriver"
_READY = b"__GANGLION__\n"
_LARGEST = 1 << 22  # bytes of one packet: far more than the largest screen
_ENDS_S = 1.0  # after being asked to, and again after SIGTERM
_BEGIN = b"\x1b[?1049h\x1b[?25l\x1b[2J"  # for a viewer: another screen, no cursor, nothing on it


class SharedBoard:
    """`over` is called once, when the process has ended, whoever ended it."""

    def __init__(self, command: Sequence[str], size: Size, language: str, over: Callable[[SharedBoard], None]) -> None:
        self.size, self.language = size, language
        self.viewers: set[Viewer] = set()
        self.idle_since = time.monotonic()
        self._command, self._over = command, over
        self._process: Process | None = None
        self._ready = False
        self._task = asyncio.create_task(self._run())

    def join(self, viewer: Viewer) -> None:
        self.viewers.add(viewer)
        viewer.show(_BEGIN)
        if self._ready:
            self._say({"type": REPAINT})

    def leave(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        self.idle_since = time.monotonic()

    async def end(self) -> None:
        """Within a few seconds, whatever the process does."""
        self._say({"type": "quit"})
        for number in (signal.SIGTERM, signal.SIGKILL):
            done, _ = await asyncio.wait([self._task], timeout=_ENDS_S)
            if done:
                return
            self._signal(number)
        await asyncio.wait([self._task], timeout=_ENDS_S)

    async def _run(self) -> None:
        try:
            environment = os.environ | {
                "TEXTUAL_DRIVER": _DRIVER,
                "TEXTUAL_COLOR_SYSTEM": "truecolor",
                "COLUMNS": str(self.size.width),
                "ROWS": str(self.size.height),
            }
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
            )
            self._process = process
            assert process.stdout is not None
            with suppress(asyncio.IncompleteReadError, ValueError, ConnectionError):
                await self._show(process.stdout)
        finally:
            self._signal(signal.SIGKILL)
            if self._process is not None:
                await self._process.wait()
            self._over(self)

    async def _show(self, output: asyncio.StreamReader) -> None:
        """Packets: a letter, four bytes of length, the data. Of all kinds only what is painted goes on."""
        if await output.readexactly(len(_READY)) != _READY:
            return
        self._ready = True
        if self.viewers:
            self._say({"type": REPAINT})
        while True:
            head = await output.readexactly(5)
            length = int.from_bytes(head[1:], "big")
            if length > _LARGEST:
                return
            data = await output.readexactly(length)
            if head[:1] == b"D":
                for viewer in tuple(self.viewers):
                    viewer.show(data)

    def _say(self, meta: dict[str, str]) -> None:
        """Dropped where the process does not listen."""
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        if process.stdin.transport.get_write_buffer_size() > 1 << 16:
            return
        data = json.dumps(meta).encode()
        process.stdin.write(b"M" + len(data).to_bytes(4, "big") + data)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
