# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP side: one POST a request, from clients that have a token. Whatever else comes is turned away before it costs
anything: connections, bytes, seconds and requests are bounded. Needs the extra `serve`.

No page in a browser gets through: browsers say where a page is from (Origin), and whoever says that is refused.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from station import door
from station.codes import Code
from station.distribution import answer
from station.distribution.answer import LineAnswer
from station.distribution.clients import Clients, LineClient
from station.distribution.counter import Counter
from station.distribution.request import MOST_BYTES, read
from station.door import Door
from station.errors import StationError, UsageError, defect
from station.rate import Rate

_LONGEST_TOKEN = 128
_WORKERS = 16
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_SILENT = logging.Logger("silent", logging.CRITICAL + 1)


class _TurnedAway(Exception):
    """Before anything was decided; `status` of HTTP."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class LineServer:
    """`strangers`: how often those are answered who have no token."""

    def __init__(self, counter: Counter, clients: Clients, strangers: Rate | None = None) -> None:
        self._counter, self._clients = counter, clients
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="request")
        self._rates: dict[str, Rate] = {}
        self._strangers = strangers or Rate(at_once=20, per_s=1)
        self._door = Door()
        application = web.Application(client_max_size=MOST_BYTES)
        application.add_routes([web.route("*", "/{path:.*}", self._answer)])
        self.runner = web.AppRunner(
            application, access_log=None, logger=_SILENT, shutdown_timeout=1.0, auto_decompress=False
        )

    async def let_in(self, listening: Sequence[socket.socket], context: ssl.SSLContext | None) -> None:
        """Whoever comes, until it is cancelled; once the runner is set up."""
        assert self.runner.server is not None
        await self._door.let_in(listening, self.runner.server, context)

    async def close(self) -> None:
        """After the counter: nobody waits for it any more."""
        await self.runner.cleanup()
        self._pool.shutdown(wait=True)

    async def _answer(self, request: web.Request) -> web.Response:
        """Everything is answered in the exchange's own words."""
        with self._door.answering(request.protocol):
            told = await self._told(request)
        return web.Response(status=told.status, body=told.body, content_type="application/json", headers=_HEADERS)

    async def _told(self, request: web.Request) -> LineAnswer:
        loop = asyncio.get_running_loop()
        try:
            client = await loop.run_in_executor(self._pool, self._admitted, request)
            self._door.knows(request.protocol)
            async with asyncio.timeout(door.SLOW_S):
                asked = read(await request.read())
            return await loop.run_in_executor(self._pool, self._counter.hear, client, asked)
        except _TurnedAway as turned:
            return _refused(turned.status, turned.why)
        except web.HTTPRequestEntityTooLarge:
            return _refused(413, f"a request has {MOST_BYTES} bytes at most")
        except TimeoutError:
            return _refused(408, "the request came too slowly")
        except StationError as error:
            return answer.refused(error)
        except Exception as error:  # whatever it is, its text may quote what was to be answered
            return answer.refused(defect(error), status=500)

    def _admitted(self, request: web.Request) -> LineClient:
        if "Origin" in request.headers:
            raise _TurnedAway(403, "this is for line clients, not for browsers")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        fits = scheme.lower() == "bearer" and 0 < len(token) <= _LONGEST_TOKEN
        client = self._clients.who(token.strip()) if fits else None
        if client is None:
            known = self._strangers.allows()
            raise _TurnedAway(401 if known else 429, "Authorization: Bearer TOKEN is missing, or names no client")
        if request.method != "POST" or request.path != "/":
            raise _TurnedAway(404, "requests are sent by POST to /")
        if not self._rates.setdefault(client.name, Rate(at_once=64, per_s=32)).allows():
            raise _TurnedAway(429, "this client asks too often")
        return client


def _refused(status: int, why: str) -> LineAnswer:
    error = UsageError(why, do="correct the client: station serve --help", code=Code.E100)
    return answer.refused(error, status=status)
