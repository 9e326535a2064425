# SPDX-License-Identifier: GPL-3.0-or-later
"""A served wall in this process whose boards are small programs of a test's own, and browsers that behave or do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import aiohttp

from station.door import listen_at
from station.model import Language
from station.tui.served import gate
from station.tui.served.server import Server, Serving
from tests.waiting import PATIENCE_S, is_gone

PAINTS = r"""printf '__GANGLION__\nD\0\0\0\5LANGUAGE:00'
while [ "$(head -c 24 | wc -c)" = 24 ]; do printf 'D\0\0\0\5LANGUAGE:00'; done"""
"""Says its language, and again when it is asked to paint anew, which are 24 bytes."""
FLOODS = r"""n=0; printf '__GANGLION__\n'
while [ $n -lt 4000 ]; do printf 'D\0\0\20\0%04096d' 0; n=$((n + 1)); done; touch FLOODED
while [ "$(head -c 24 | wc -c)" = 24 ]; do printf 'D\0\0\20\0%04096d' 0; done"""
"""16 MB as fast as it can, and a screen more each time it is asked to paint anew."""
STUBBORN = r"""trap '' TERM; printf '__GANGLION__\nD\0\0\0\2en'; while :; do sleep 1000; done"""


Socket: TypeAlias = aiohttp.ClientWebSocketResponse


class Served:
    """At `url`; `pids` of the boards that were started are files in its folder."""

    def __init__(self, port: int, folder: Path, server: Server) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port, self.folder, self.server = port, folder, server

    @property
    def pids(self) -> list[int]:
        return [int(file.name) for file in self.folder.iterdir()]

    def alive(self) -> list[int]:
        return [pid for pid in self.pids if not is_gone(pid)]

    async def watch(
        self, browser: aiohttp.ClientSession, query: str = "", *, origin: str | None = "", host: str = ""
    ) -> Socket:
        """As its own page does, unless said otherwise."""
        headers = {"Host": host} if host else None
        origin = self.url if origin == "" else origin
        return await browser.ws_connect(f"{self.url}/ws?{query}", origin=origin, headers=headers)


@asynccontextmanager
async def served(
    folder: Path, script: str, token: gate.Admission | None = None, language: Language = Language.ENGLISH
) -> AsyncIterator[Served]:
    folder.mkdir()

    def command(language: Language) -> list[str]:
        return ["/bin/sh", "-c", f"touch {folder}/$$; {script.replace('LANGUAGE', language)}"]

    names = gate.own_names("127.0.0.1", ["wall.factory"])
    serving = Serving(host="127.0.0.1", port=0, names=names, token=token, language=language)
    server = Server(serving, command)
    listening = await listen_at("127.0.0.1", 0)
    async with server.open_at(listening):
        yield Served(listening[0].getsockname()[1], folder, server)


async def painted(socket: Socket, wanted: bytes) -> bytes:
    """What the browser got, up to this."""
    shown = b""
    while wanted not in shown:
        message = await socket.receive(timeout=PATIENCE_S)
        assert message.type is aiohttp.WSMsgType.BINARY, (message, shown)
        shown += message.data
    return shown


async def until_so(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not ask():
            await asyncio.sleep(0.02)


def handshake(port: int) -> bytes:
    """Of a browser's web socket, as the page opens it."""
    host = f"127.0.0.1:{port}"
    head = f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return (head + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode()
