# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers and slow clients may take of the server: a few answers, a connection for a moment."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from station import door
from station.distribution.clients import Clients, LineClient
from station.distribution.server import LineServer
from station.door import listen_at
from station.flow.visit import Permit
from station.model import BoardUid
from station.rate import Rate
from tests.cloud.self_signed import self_signed
from tests.distribution.line_clients import Desk, body
from tests.waiting import PATIENCE_S


class House:
    def __init__(self, server: LineServer, port: int, token: str) -> None:
        self.server, self.port, self.token = server, port, token

    async def post(self, content: dict[str, object], token: str, trust: ssl.SSLContext | None = None) -> int:
        reader, writer = await self.ask(content, token, trust)
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status

    async def ask(
        self, content: dict[str, object], token: str, trust: ssl.SSLContext | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await self.connect(self.request(content, token), trust)

    @staticmethod
    def request(content: dict[str, object], token: str) -> bytes:
        data = json.dumps(content).encode()
        head = f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(data)}\r\n\r\n"
        return head.encode() + data

    async def connect(
        self, data: bytes, trust: ssl.SSLContext | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = "localhost" if trust else None
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=trust, server_hostname=name)
        writer.write(data)
        return reader, writer


@asynccontextmanager
async def house(
    desk: Desk, tmp_path: Path, strangers: Rate | None = None, context: ssl.SSLContext | None = None
) -> AsyncIterator[House]:
    clients = Clients(tmp_path / "clients.json")
    token = clients.add("line-1").reveal()
    server = LineServer(desk.counter, clients, strangers)
    await server.runner.setup()
    listening = await listen_at("127.0.0.1", 0)
    letting_in = asyncio.create_task(server.let_in(listening, context))
    try:
        yield House(server, listening[0].getsockname()[1], token)
    finally:
        letting_in.cancel()
        desk.close()
        await server.close()


@pytest.mark.asyncio
async def test_strangers_are_slowed_down_and_nobody_else(desk: Desk, tmp_path: Path) -> None:
    async with house(desk, tmp_path, Rate(at_once=2, per_s=0)) as here:
        assert [await here.post(body(0), "no-token") for _ in range(4)] == [401, 401, 429, 429]
        assert await here.post(body(0), here.token) == 200


@pytest.mark.asyncio
async def test_a_client_that_asks_without_end_is_slowed_down_too(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.distribution.server.Rate", lambda **_: Rate(at_once=2, per_s=0))
    async with house(desk, tmp_path, Rate(at_once=2, per_s=0)) as here:
        assert [await here.post(body(0), here.token) for _ in range(4)] == [200, 200, 429, 429]


@pytest.mark.asyncio
@pytest.mark.parametrize("asked", [b"GET / ", b"POST /other "], ids=bytes.decode)
async def test_what_is_no_request_takes_no_certificate(desk: Desk, tmp_path: Path, asked: bytes) -> None:
    async with house(desk, tmp_path) as here:
        reader, writer = await here.connect(here.request(body(0), here.token).replace(b"POST / ", asked))
        assert int((await reader.readline()).split()[1]) == 404
        writer.close()
    assert desk.taken() == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "half", ["", "POST / HTTP/1.1\r\nHost: x\r\n", "Authorization: Bearer {}\r\nContent-Length: 9\r\n\r\n{{"]
)
async def test_a_connection_that_says_nothing_more_is_dropped(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    monkeypatch.setattr(door, "SLOW_S", 0.05)
    async with house(desk, tmp_path) as here:
        head = "POST / HTTP/1.1\r\nHost: x\r\n" if half.startswith("Auth") else ""
        reader, writer = await here.connect((head + half.format(here.token)).encode())
        assert (await _told(reader)).partition(b"\r\n")[0] in (b"", b"HTTP/1.1 408 Request Timeout")
        writer.close()


async def _told(reader: asyncio.StreamReader) -> bytes:
    """To the end of the connection."""
    with suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), PATIENCE_S)
    return b""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three have room, for as long as they like."""
    monkeypatch.setattr(door, "SLOW_S", 3600.0)
    monkeypatch.setattr(door, "MOST_CONNECTIONS", 3)


@pytest.mark.asyncio
async def test_who_says_nothing_gives_way_to_whoever_comes_next(desk: Desk, tmp_path: Path, small: None) -> None:
    async with house(desk, tmp_path) as here:
        silent = [await here.connect(b"POST / HTTP/1.1\r\n") for _ in range(3)]
        asked = []
        for reader, _ in silent:
            asked.append(await here.ask(body(0), here.token))
            assert b"200" in await asked[-1][0].readline()
            assert await _told(reader) == b""
        for _, writer in (*silent, *asked):
            writer.close()


@pytest.mark.asyncio
async def test_whoever_has_shown_a_token_keeps_the_place(desk: Desk, tmp_path: Path, small: None) -> None:
    async with house(desk, tmp_path) as here:
        known = []
        for _ in range(3):
            for _ in range(4):
                await here.connect(b"POST / HTTP/1.1\r\n")
            known.append(await here.ask(body(0), here.token))
            assert b"200" in await known[-1][0].readline()
        reader, writer = await here.ask(body(0), here.token)
        assert await _told(reader) == b"", "there is no room for a fourth"
        writer.close()
        for reader, writer in known:
            writer.write(here.request(body(0), here.token))
            await asyncio.wait_for(reader.readuntil(b"HTTP/1.1 200"), PATIENCE_S)
            writer.close()


@pytest.fixture
def secured(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's, and a client's that trusts it."""
    certificate, key = self_signed(tmp_path)
    mine = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    mine.load_cert_chain(certificate, key)
    return mine, ssl.create_default_context(cafile=str(certificate))


HELLO = b"\x16\x03\x01\x00\xf0\x01"
"""How a TLS client begins."""


@pytest.mark.asyncio
@pytest.mark.parametrize("drips", [False, True], ids=["silent", "byte by byte"])
async def test_a_handshake_that_does_not_come_to_its_end_is_ended(
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    secured: tuple[ssl.SSLContext, ssl.SSLContext],
    drips: bool,
) -> None:
    monkeypatch.setattr(door, "SLOW_S", 0.1)
    async with house(desk, tmp_path, context=secured[0]) as here:
        reader, writer = await here.connect(HELLO[:1] if drips else b"")
        ended = asyncio.ensure_future(reader.read())
        rest = iter(HELLO[1:])
        async with asyncio.timeout(PATIENCE_S):
            while not (await asyncio.wait([ended], timeout=0.04))[0]:
                if drips:
                    writer.write(bytes([next(rest, 0)]))
        assert ended.exception() is not None or ended.result() == b""
        writer.close()


@pytest.mark.asyncio
async def test_who_only_begins_a_handshake_has_a_place_until_another_one_needs_it(
    desk: Desk, tmp_path: Path, small: None, secured: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    mine, theirs = secured
    async with house(desk, tmp_path, context=mine) as here:
        begun = [await here.connect(HELLO) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            assert await here.post(body(0), here.token, theirs) == 200
            with suppress(ConnectionError):
                assert await begun[0][0].read() == b""  # the oldest went for it
        assert not any(reader.at_eof() for reader, _ in begun[1:])
        for _, writer in begun:
            writer.close()


@pytest.mark.asyncio
async def test_a_house_full_of_clients_that_are_through_lets_no_handshake_begin(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secured: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    monkeypatch.setattr(door, "MOST_CONNECTIONS", 1)
    mine, theirs = secured
    async with house(desk, tmp_path, context=mine) as here, asyncio.timeout(PATIENCE_S):
        answered, first = await here.ask(body(0), here.token, theirs)
        assert await answered.readline()
        reader, second = await here.connect(HELLO)
        with suppress(ConnectionError):
            assert await reader.read() == b""
        first.close()
        second.close()


class Looks(float):
    """How long nobody need say anything; that somebody looks who does not is at once, and is counted."""

    seen = 0

    def __truediv__(self, _parts: float) -> float:
        Looks.seen += 1
        return 0.0


async def looked(times: int = 3) -> None:
    until_then = Looks.seen + times
    async with asyncio.timeout(PATIENCE_S):
        while Looks.seen < until_then:
            await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_whoever_is_answered_is_not_silent_and_is_again_afterwards(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board's answer may take its time; a client that got none has a doubt."""
    monkeypatch.setattr(door, "SLOW_S", Looks(3600.0))
    asked, go_on = threading.Event(), threading.Event()

    def hold(_uid: BoardUid, _serial: str) -> None:
        asked.set()
        go_on.wait(PATIENCE_S)

    desk.open(permit=Permit(ask=hold))
    async with house(desk, tmp_path) as here:
        reader, writer = await here.ask(body(0), here.token)
        await asyncio.to_thread(asked.wait, PATIENCE_S)
        monkeypatch.setattr(door, "SLOW_S", Looks(0.0))
        await looked()
        monkeypatch.setattr(door, "SLOW_S", Looks(3600.0))
        go_on.set()
        assert b"200" in await reader.readline()
        await looked()
        assert not reader.at_eof() and not writer.is_closing(), "nobody is silent so soon"
        monkeypatch.setattr(door, "SLOW_S", Looks(0.0))
        await _told(reader)
        writer.close()


@pytest.mark.asyncio
async def test_a_handshake_that_is_not_done_when_silent_ones_are_looked_for_ends_nobody_elses_connection(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secured: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """It has a limit of its own."""
    mine, theirs = secured
    monkeypatch.setattr(door, "SLOW_S", Looks(3600.0))
    async with house(desk, tmp_path, context=mine) as here, asyncio.timeout(PATIENCE_S):
        _, begun = await here.connect(HELLO)
        assert await here.post(body(0), here.token, theirs) == 200  # who came before that one was let in
        monkeypatch.setattr(door, "SLOW_S", Looks(0.0))
        await asyncio.sleep(0)
        await looked()
        monkeypatch.setattr(door, "SLOW_S", Looks(3600.0))
        assert await here.post(body(0), here.token, theirs) == 200
        begun.close()


@pytest.mark.asyncio
async def test_whoever_is_being_answered_gives_way_after_those_who_say_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """It is known only once its token was looked at: until then it would go first, and what it is answered with it."""
    asked, go_on, who = threading.Event(), threading.Event(), Clients.who

    def held(clients: Clients, token: str) -> LineClient | None:
        asked.set()
        go_on.wait(PATIENCE_S)
        return who(clients, token)

    monkeypatch.setattr(Clients, "who", held)
    async with house(desk, tmp_path) as here:
        reader, writer = await here.ask(body(0), here.token)
        await asyncio.to_thread(asked.wait, PATIENCE_S)
        silent = [await here.connect(b"POST / HTTP/1.1\r\n") for _ in range(3)]
        answer, gone = asyncio.ensure_future(reader.readline()), asyncio.ensure_future(_told(silent[0][0]))
        done, _ = await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
        go_on.set()
        assert done == {gone}
        assert b" 200 " in await answer
        for _, one in ((reader, writer), *silent):
            one.close()


@pytest.mark.asyncio
async def test_a_pc_without_a_free_handle_lets_in_whoever_comes_later(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, refused = asyncio.get_running_loop(), list[bool]()
    accept = loop.sock_accept

    async def refuse_once(listening: socket.socket) -> tuple[socket.socket, object]:
        if not refused:
            refused.append(True)
            raise OSError(errno.EMFILE, "too many open files")
        return await accept(listening)

    monkeypatch.setattr(door, "_AFTER_TROUBLE_S", 0.0)
    monkeypatch.setattr(loop, "sock_accept", refuse_once)
    async with house(desk, tmp_path) as here:
        assert await here.post(body(0), here.token) == 200
    assert refused
