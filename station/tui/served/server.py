# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of the wall board: a page, its files, and a socket for each browser. It answers this PC alone unless
told otherwise, and ends with all its processes within seconds. Needs the extra `serve`.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSMsgType, web

from station.bench.lines import say
from station.errors import UsageError
from station.model import Language
from station.tui.served import gate, messages
from station.tui.served.hall import MOST_VIEWERS, Hall
from station.tui.served.viewer import Viewer

_HERE = Path(__file__).parent
_STATIC = Path(textual_serve.__file__).parent / "static"
_FILES = {"wall.css": "text/css", "wall.js": "text/javascript"}
_SETTLES_S = 0.3  # a window that is drawn larger says so at each cell
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
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

    def application(self) -> web.Application:
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

    async def end(self) -> None:
        await asyncio.gather(*(viewer.close(1001, "the station ends") for viewer in tuple(self.watching)))
        await self._hall.end()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not gate.is_ours(hosts[0], self._serving.names):
            raise web.HTTPForbidden(text="this is no name of this station; see --allow-host\n")
        token = self._serving.token
        told = request.query.get("token")
        if token is not None and told is not None and request.path == "/" and token.is_told(told):
            answer: web.StreamResponse = web.Response(status=303, headers={"Location": "/"})
            answer.set_cookie(gate.COOKIE, token.cookie, httponly=True, samesite="Strict", max_age=365 * 86400)
        elif token is not None and not token.is_kept(request.cookies.get(gate.COOKIE, "")):
            raise web.HTTPUnauthorized(text="open it once with ?token=…\n")
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
            raise web.HTTPForbidden(text="only this server's own page may open it\n")
        if len(self.watching) >= MOST_VIEWERS:
            raise web.HTTPServiceUnavailable(text="too many browsers watch\n")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=messages.MOST_BYTES, compress=False, timeout=1.0)
        size = messages.size_of(request.query.get("width"), request.query.get("height"))
        viewer = Viewer(socket, request, size, self._serving.language)
        self.watching.add(viewer)
        try:
            await socket.prepare(request)
            pump = asyncio.create_task(viewer.pump())
            try:
                await self._hall.watch(viewer)
                await self._listen(socket, viewer)
            finally:
                pump.cancel()
        finally:
            self._hall.leave(viewer)
            self.watching.discard(viewer)
        return socket

    async def _listen(self, socket: web.WebSocketResponse, viewer: Viewer) -> None:
        """Until the browser goes, says too much at once, or more than may be said."""
        moves: asyncio.Task[None] | None = None
        async for message in socket:
            if not viewer.messages.allows():
                await viewer.close(1008, "too many messages")
                break
            if message.type is not WSMsgType.TEXT:
                continue
            match messages.read(message.data):
                case messages.Size() as size if size != viewer.size:
                    viewer.size = size
                case messages.OtherLanguage():
                    viewer.language = Language(viewer.language).next
                case messages.Ping(what):
                    with suppress(ConnectionError):
                        await socket.send_json(["pong", what])
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
    server = Server(serving, command)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=1.0, keepalive_timeout=15.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, serving.host, serving.port, backlog=64).start()
        say(f"http://{serving.host}:{serving.port}")
        await ended.wait()
    except OSError as error:
        where = f"{serving.host}:{serving.port}"
        raise UsageError(f"cannot answer at {where}: {error.strerror}", do="choose another --port or --host") from error
    finally:
        await server.end()
        await runner.cleanup()


def board_command(arguments: Sequence[str]) -> Callable[[Language], Sequence[str]]:
    """Of a language: the station that paints what is shown."""
    return lambda language: [sys.executable, "-m", "station", *arguments, "board", "--language", str(language)]
