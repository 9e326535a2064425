# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes at the served wall that no browser sends, and none at all: each ends itself, and nobody else notices."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from station import door
from station.model import Language, Secret
from station.tui.served import gate, server
from tests.tui.served_hall import PAINTS, Served, Socket, handshake, painted, served, until_so
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.asyncio

TEXT, GOES_ON, BINARY, CLOSE, PING, PONG = 1, 0, 2, 8, 9, 10
TOO_LARGE, NO_PROTOCOL, NO_TEXT, TOO_MANY = 1009, 1002, 1007, 1008
SILENT = b"GET / HTTP/1.1\r\n"


def frame(kind: int, data: bytes = b"", *, whole: bool = True, length: int | None = None, masked: bool = True) -> bytes:
    """RFC 6455, masked with zeros; `length`: what it says of itself."""
    size = len(data) if length is None else length
    short = size if size < 126 else 127
    head = bytes([0x80 * whole | kind, 0x80 * masked | short])
    return head + (struct.pack(">Q", size) if short == 127 else b"") + bytes(4 * masked) + data


def in_parts(kind: int, part: bytes, times: int) -> bytes:
    return frame(kind, part, whole=False) + frame(GOES_ON, part, whole=False) * times


ENDED = {
    "a frame of half the address space": (frame(TEXT, b"[", length=1 << 62), TOO_LARGE),
    "a frame longer than that": (frame(TEXT, b"[", length=(1 << 64) - 1), TOO_LARGE),
    "a message in more parts than it may be long": (in_parts(TEXT, b"x" * 100, 60), TOO_LARGE),
    "pings for ever": (frame(PING, b"x") * 300, TOO_MANY),
    "answers to what was not asked": (frame(PONG, b"x") * 300, TOO_MANY),
    "bytes for ever": (frame(BINARY, b"x") * 300, TOO_MANY),
    "a long ping": (frame(PING, b"x" * 200), NO_PROTOCOL),
    "the end of what was not begun": (frame(GOES_ON, b"x"), NO_PROTOCOL),
    "a farewell that is none": (frame(CLOSE, b"x"), NO_PROTOCOL),
    "a kind that is not there": (frame(3), NO_PROTOCOL),
    "half a character": (frame(TEXT, b"\xe4"), NO_TEXT),
}


async def connected(wall: Served, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", wall.port)
    writer.write(data)
    return reader, writer


async def told(reader: asyncio.StreamReader) -> bytes:
    """To the end of the connection, which comes."""
    shown = b""
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                shown += data
    return shown


async def test_what_is_no_message_ends_its_own_socket_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        good = await wall.watch(browser)
        for what, (data, why) in ENDED.items():
            reader, writer = await connected(wall, handshake(wall.port) + data)
            assert b"\x88" + bytes([2]) + struct.pack(">H", why) in _farewell(await told(reader)), what
            writer.close()
        for head in (
            b"\x16\x03\x01\0\0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: \x1b[31m\r\n\r\n",
            SILENT + b"X: a\r\n" * 999,
        ):
            reader, writer = await connected(wall, head)
            assert (await asyncio.wait_for(reader.readline(), PATIENCE_S)).split()[1] == b"400"
            writer.close()
        costly = in_parts(TEXT, b"", 50_000)  # and says nothing
        reader, writer = await connected(wall, handshake(wall.port) + costly + frame(PING, b"here"))
        await asyncio.wait_for(reader.readuntil(frame(PONG, b"here", masked=False)), PATIENCE_S)
        await painted(good, b"en:00")
        await good.send_str('["ping", "1"]')
        assert await replied(good) == '["pong", "1"]'
        assert len(wall.alive()) == 1
        writer.close()
    assert caplog.text == ""


async def replied(socket: Socket) -> object:
    """Behind what is painted meanwhile."""
    while (message := await socket.receive(timeout=PATIENCE_S)).type is aiohttp.WSMsgType.BINARY:
        pass
    return message.data


def _farewell(shown: bytes) -> bytes:
    """Without the text that some have."""
    at = shown.rfind(b"\x88")
    return b"\x88\x02" + shown[at + 2 : at + 4]


async def test_who_says_nothing_gives_way_and_who_watches_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(door, "SLOW_S", 3600.0)
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        one = await wall.watch(browser)
        await painted(one, b"en:00")
        silent = [await connected(wall, SILENT) for _ in range(3)]
        assert await told(silent[0][0]) == b""
        async with browser.get(wall.url) as answer:
            assert answer.status == 200
        assert await told(silent[1][0]) == b""
        other = await wall.watch(browser)
        await painted(other, b"en:00")
        await wall.watch(browser)
        reader, _ = await connected(wall, SILENT)
        assert await told(reader) == b"", "three watch: there is no room"
        await one.send_str('["ping", "1"]')
        assert await replied(one) == '["pong", "1"]'
        for _, writer in silent:
            writer.close()


async def test_only_a_connection_that_is_not_answered_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "SLOW_S", 0.05)
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        watching = await wall.watch(browser)
        reader, writer = await connected(wall, SILENT)
        assert await told(reader) == b""
        await watching.send_str('["ping", "1"]')
        assert await replied(watching) == '["pong", "1"]'
        writer.close()


async def test_a_browser_that_is_gone_without_a_word_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEARTBEAT_S", 0.05)
    async with served(tmp_path / "pids", PAINTS) as wall:
        _, writer = await connected(wall, handshake(wall.port))
        await until_so(lambda: bool(wall.pids))
        await until_so(lambda: not wall.server.watching)
        writer.close()


async def test_who_is_turned_away_is_told_in_the_language_of_the_bench(tmp_path: Path) -> None:
    token = gate.Admission(Secret("0123456789abcdef"))
    async with (
        served(tmp_path / "pids", PAINTS, token, Language.CHINESE) as wall,
        aiohttp.ClientSession() as browser,
    ):
        async with browser.get(wall.url) as answer:
            assert (answer.status, await answer.text()) == (401, "第一次请用 /?token=令牌 打开\n")
        async with browser.get(wall.url, headers={"Host": "rebound.example"}) as answer:
            assert "不是本站的名称" in await answer.text()
