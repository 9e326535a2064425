# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of the wall board: a page, its files, and a socket for each browser. It answers this PC alone unless
told otherwise, and ends with all its processes within seconds. Needs the extra `serve`.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSMsgType, web

from station.bench.lines import say
from station.door import Door, listen_at
from station.errors import UsageError
from station.model import Language
from station.tui.served import gate, messages
from station.tui.served.hall import MOST_VIEWERS, Hall
from station.tui.served.viewer import Viewer
from station.words.details import said
from station.words.tongues import TONGUES

_HERE = Path(__file__).parent
_STATIC = Path(textual_serve.__file__).parent / "static"
_FILES = {"wall.css": "text/css", "wall.js": "text/javascript"}
_HEARTBEAT_S = 15.0  # a browser that is gone without a word is noticed by that
_SETTLES_S = 0.3  # a window that is drawn larger says so at each cell
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # whatever a stranger sends is no line on our terminal
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where it answers, to whom, and what the board begins with."""

    host: str
    port: int
    names: frozenset[str]
    token: gate.Admission | None
    language: Language


class Server:
    def __init__(self, serving: Serving, command: Callable[[Language], Sequence[str]]) -> None:
        self._serving = serving
        self._hall = Hall(command)
        self.watching: set[Viewer] = set()  # whose sockets are open
        self._page = Template((_HERE / "page.html").read_text("utf-8"))
        self._door = Door()
        self._runner = web.AppRunner(self._application(), access_log=None, logger=_SILENT, shutdown_timeout=1.0)

    def _application(self) -> web.Application:
        made = web.Application(middlewares=[self._guarded], client_max_size=0)
        made.add_routes(
            [
                web.get("/", self._index),
                web.get("/ws", self._socket),
                web.get("/{name:wall\\.(css|js)}", self._file),
                web.static("/static", _STATIC),
            ]
        )
        return made

    @asynccontextmanager
    async def open_at(self, listening: Sequence[socket.socket]) -> AsyncIterator[asyncio.Task[None]]:
        """Inside, browsers are let in, by the task that is yielded. At the end all processes end, within seconds."""
        await self._runner.setup()
        assert self._runner.server is not None
        letting_in = asyncio.create_task(self._door.let_in(listening, self._runner.server))
        try:
            yield letting_in
        finally:
            letting_in.cancel()
            await asyncio.wait([letting_in])
            await asyncio.gather(*(viewer.close(1001, "the station ends") for viewer in tuple(self.watching)))
            await self._hall.end()
            await self._runner.cleanup()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        with self._door.answering(request.protocol):
            return await self._answer(request, handler)

    async def _answer(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not gate.is_ours(hosts[0], self._serving.names):
            raise web.HTTPForbidden(
                text=self._in_words("this is no name of this station: station board --allow-host NAME")
            )
        token = self._serving.token
        told = request.query.get("token")
        if token is not None and told is not None and request.path == "/" and token.is_told(told):
            answer: web.StreamResponse = web.Response(status=303, headers={"Location": "/"})
            answer.set_cookie(gate.COOKIE, token.cookie, httponly=True, samesite="Strict", max_age=365 * 86400)
        elif token is not None and not token.is_kept(request.cookies.get(gate.COOKIE, "")):
            raise web.HTTPUnauthorized(text=self._in_words("open it once with /?token=TOKEN"))
        else:
            answer = await handler(request)
        if not answer.prepared:
            answer.headers["Content-Security-Policy"] = _POLICY.format(host=hosts[0])
            answer.headers["X-Content-Type-Options"] = "nosniff"
            answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    async def _index(self, request: web.Request) -> web.StreamResponse:
        scheme = "wss" if request.headers.get("X-Forwarded-Proto") == "https" else "ws"
        asked = request.query.get("fontsize", "16")
        font_size = min(100, max(6, int(asked))) if asked.isdecimal() and len(asked) < 5 else 16
        text = self._page.substitute(socket=f"{scheme}://{request.headers['Host']}/ws", font_size=font_size)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        return web.Response(text=(_HERE / name).read_text("utf-8"), content_type=_FILES[name])

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if not gate.is_same_page(request.headers.get("Origin"), request.headers["Host"]):
            raise web.HTTPForbidden(text=self._in_words("only the wall board's own page may open it"))
        if len(self.watching) >= MOST_VIEWERS:
            raise web.HTTPServiceUnavailable(text=self._in_words("too many browsers watch: close one"))
        opened = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_S, max_msg_size=messages.MOST_BYTES, compress=False, timeout=1.0, autoping=False
        )
        size = messages.size_of(request.query.get("width"), request.query.get("height"))
        viewer = Viewer(opened, request, size, self._serving.language)
        self.watching.add(viewer)
        self._door.knows(request.protocol)
        try:
            await opened.prepare(request)
            pump = asyncio.create_task(viewer.pump())
            try:
                await self._hall.watch(viewer)
                await self._listen(opened, viewer)
            finally:
                pump.cancel()
        finally:
            self._hall.leave(viewer)
            self.watching.discard(viewer)
        return opened

    def _in_words(self, why: str) -> str:
        return f"{said(why, TONGUES[self._serving.language])}\n"

    async def _listen(self, opened: web.WebSocketResponse, viewer: Viewer) -> None:
        """Until the browser goes, says too much at once, or more than may be said."""
        moves: asyncio.Task[None] | None = None
        async for message in opened:
            if not viewer.messages.allows():
                await viewer.close(1008, "too many messages")
                break
            if message.type is WSMsgType.PING:
                with suppress(ConnectionError):
                    await opened.pong(message.data)
            if message.type is not WSMsgType.TEXT:
                continue
            match messages.read(message.data):
                case messages.Size() as size if size != viewer.size:
                    viewer.size = size
                case messages.OtherLanguage():
                    viewer.language = Language(viewer.language).next
                case messages.Ping(what):
                    with suppress(ConnectionError):
                        await opened.send_json(["pong", what])
                    continue
                case _:
                    continue
            if moves is None or moves.done():
                moves = asyncio.create_task(self._settle(viewer))
        if moves is not None:
            moves.cancel()

    async def _settle(self, viewer: Viewer) -> None:
        await asyncio.sleep(_SETTLES_S)
        if viewer in self.watching:
            await self._hall.watch(viewer)


async def run(serving: Serving, command: Callable[[Language], Sequence[str]]) -> None:
    """Until a signal. UsageError where nobody can listen at that address."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        listening = await listen_at(serving.host, serving.port)
    except OSError as error:
        where = f"{serving.host}:{serving.port}"
        raise UsageError(f"cannot answer at {where}: {error.strerror}", do="choose another --port or --host") from error
    async with Server(serving, command).open_at(listening) as letting_in:
        letting_in.add_done_callback(lambda _: ended.set())
        say(f"http://{serving.host}:{serving.port}")
        await ended.wait()


def board_command(arguments: Sequence[str]) -> Callable[[Language], Sequence[str]]:
    """Of a language: the station that paints what is shown."""
    return lambda language: [sys.executable, "-m", "station", *arguments, "board", "--language", str(language)]
