# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers and slow clients may take of the server: a few answers, a connection for a moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from station.distribution import server as served
from station.distribution.clients import Clients
from station.distribution.server import LineServer
from station.rate import Rate
from tests.distribution.line_clients import Desk, body
from tests.waiting import PATIENCE_S


class House:
    def __init__(self, server: LineServer, port: int, token: str) -> None:
        self.server, self.port, self.token = server, port, token

    async def post(self, content: dict[str, object], token: str) -> int:
        data = json.dumps(content).encode()
        head = f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(data)}\r\n\r\n"
        reader, writer = await self.connect(head.encode() + data)
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status

    async def connect(self, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        return reader, writer

    async def is_dropped(self, reader: asyncio.StreamReader) -> bool:
        """By the server, which looks now and then."""
        ended = asyncio.ensure_future(reader.read())
        async with asyncio.timeout(PATIENCE_S):
            while not ended.done():
                self.server.drop_silent()
                await asyncio.sleep(0.01)
        return ended.exception() is not None or ended.result() == b"" or b" 408 " in ended.result()


@asynccontextmanager
async def house(desk: Desk, tmp_path: Path, strangers: Rate | None = None) -> AsyncIterator[House]:
    clients = Clients(tmp_path / "clients.json")
    token = clients.add("line-1").reveal()
    server = LineServer(desk.counter, clients, strangers)
    await server.runner.setup()
    listening = await asyncio.get_running_loop().create_server(server.protocol, "127.0.0.1", 0)
    try:
        yield House(server, listening.sockets[0].getsockname()[1], token)
    finally:
        listening.close()
        desk.close()
        await server.close()


@pytest.mark.asyncio
async def test_strangers_are_slowed_down_and_nobody_else(desk: Desk, tmp_path: Path) -> None:
    async with house(desk, tmp_path, Rate(at_once=2, per_s=0)) as here:
        assert [await here.post(body(0), "no-token") for _ in range(4)] == [401, 401, 429, 429]
        assert await here.post(body(0), here.token) == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "half", ["", "POST / HTTP/1.1\r\nHost: x\r\n", "Authorization: Bearer {}\r\nContent-Length: 9\r\n\r\n{{"]
)
async def test_a_connection_that_says_nothing_more_is_dropped(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    monkeypatch.setattr(served, "SLOW_S", 0.05)
    async with house(desk, tmp_path) as here:
        head = "POST / HTTP/1.1\r\nHost: x\r\n" if half.startswith("Auth") else ""
        reader, writer = await here.connect((head + half.format(here.token)).encode())
        assert await here.is_dropped(reader)
        writer.close()


@pytest.mark.asyncio
async def test_a_full_house_lets_nobody_in_and_is_none_for_ever(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "MOST_CONNECTIONS", 1)
    async with house(desk, tmp_path) as here:
        first, writer = await here.connect(b"POST / HTTP/1.1\r\n")
        second, other = await here.connect(b"POST / HTTP/1.1\r\n\r\n")
        with pytest.raises(ConnectionError):
            assert not await second.read()
            raise ConnectionResetError
        writer.close()
        other.close()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    assert await here.post(body(0), here.token) == 200
                    break
                except (ConnectionError, IndexError):
                    await asyncio.sleep(0.01)
        assert not await first.read()
