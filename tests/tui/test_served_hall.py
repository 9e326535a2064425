# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile and unlucky browsers at the served wall, over raw sockets: processes stay few, nobody holds up another."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from station.model import Secret
from station.rate import Rate
from station.tui.served import gate, hall, viewer
from station.tui.served.board import SharedBoard
from station.tui.served.messages import Size
from tests.tui.served_hall import FLOODS, PAINTS, STUBBORN, Socket, handshake, painted, served, until_so
from tests.waiting import PATIENCE_S, is_gone

FORBIDDEN = 403


@pytest.mark.asyncio
async def test_a_page_from_elsewhere_and_another_name_get_nothing(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        for origin, host in (("http://evil.example", ""), (None, ""), ("", "evil.example")):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await wall.watch(browser, origin=origin, host=host)
            assert refused.value.status == FORBIDDEN, (origin, host)
        for path in ("/", "/static/js/textual.js", "/wall.js"):
            async with browser.get(wall.url + path, headers={"Host": "rebound.example"}) as answer:
                assert answer.status == FORBIDDEN
            async with browser.get(wall.url + path, headers={"Host": "wall.factory"}) as answer:
                assert answer.status == 200
        for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static", "/wall.py", "/download/x"):
            async with browser.get(wall.url + path) as answer:
                assert answer.status in (403, 404), path
        async with browser.post(wall.url, data=b"x" * 100) as answer:
            assert answer.status == 405
        assert wall.pids == []


@pytest.mark.asyncio
async def test_two_hosts_in_one_request_are_refused(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall:
        reader, writer = await asyncio.open_connection("127.0.0.1", wall.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n")
        first = await asyncio.wait_for(reader.readline(), PATIENCE_S)
        writer.close()
    assert first.split()[1] in (b"400", b"403")


@pytest.mark.asyncio
async def test_viewers_of_one_size_share_a_process_and_a_later_one_is_painted(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        sockets = [await wall.watch(browser, f"width={120 + n % 4}&height=40") for n in range(20)]
        await painted(sockets[-1], b"en:00")
        assert len(wall.pids) == 1
        other = await wall.watch(browser, "width=80&height=24")
        await painted(other, b"en:00")
        assert len(wall.pids) == 2


@pytest.mark.asyncio
async def test_a_flood_of_sizes_starts_few_processes_and_who_has_no_room_is_told(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        sockets = [await wall.watch(browser, f"width={80 + 4 * n}&height=40") for n in range(12)]
        await painted(sockets[-1], b"\x1b[?1049h")
        await until_so(lambda: len(wall.pids) == hall.MOST_BOARDS)
        small = await wall.watch(browser, "width=40&height=12")
        closed = await small.receive(timeout=PATIENCE_S)
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1013)
        assert len(wall.pids) == hall.MOST_BOARDS


@pytest.mark.asyncio
async def test_one_viewer_may_change_its_size_often_and_boards_that_nobody_watches_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.tui.served.server._SETTLES_S", 0.0)
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        one = await wall.watch(browser)
        for number in range(hall.MOST_BOARDS + 1):
            await painted(one, b"en:00")
            await one.send_str(f'["resize", {{"width": {100 + 4 * number}, "height": 40}}]')
        await painted(one, b"en:00")
        await until_so(lambda: len(wall.alive()) <= hall.MOST_BOARDS)
        monkeypatch.setattr(hall, "LINGERS_S", 0.0)
        await one.close()
        await until_so(lambda: not wall.alive())


@pytest.mark.asyncio
async def test_viewers_are_so_many_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.tui.served.server.MOST_VIEWERS", 3)
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        sockets = [await wall.watch(browser) for _ in range(3)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await wall.watch(browser)
        assert refused.value.status == 503
        await sockets[0].close()
        await wall.watch(browser)


@pytest.mark.asyncio
async def test_a_huge_resize_is_a_large_screen_and_f2_is_ones_own(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        one, other = await wall.watch(browser), await wall.watch(browser)
        await painted(one, b"en:00")
        await one.send_str('["stdin", "\\u001bOQ"]')
        await painted(one, b"zh:00")
        await one.send_str('["resize", {"width": 2000000, "height": 20000}]')
        await until_so(lambda: len(wall.pids) == 3)
        assert {_columns(pid) for pid in wall.alive()} == {b"80", b"400"}
        assert b"zh" not in await painted(other, b"en:00")


def _columns(pid: int) -> bytes:
    """That it was started with."""
    return Path(f"/proc/{pid}/environ").read_bytes().partition(b"\0COLUMNS=")[2].split(b"\0")[0]


@pytest.mark.asyncio
async def test_too_large_a_message_and_too_many_end_that_viewer_alone(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        good, large, many = [await wall.watch(browser) for _ in range(3)]
        await large.send_str('["stdin", "' + "x" * 10_000 + '"]')
        assert await _closed(large) == 1009
        for _ in range(300):
            await many.send_str("nonsense")
        assert await _closed(many) == 1008
        await painted(good, b"en:00")
        await good.send_str('["ping", "1"]')
        assert await _told(good) == '["pong", "1"]'


async def _told(socket: Socket) -> object:
    """Behind what is painted meanwhile: each viewer that came had the board painted anew."""
    while True:
        message = await socket.receive(timeout=PATIENCE_S)
        if message.type is not aiohttp.WSMsgType.BINARY:
            return message.data


async def _closed(socket: Socket) -> object:
    while True:
        message = await socket.receive(timeout=PATIENCE_S)
        if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
            return message.data


@pytest.mark.asyncio
async def test_a_browser_that_does_not_read_is_dropped_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "MOST_QUEUED", 1 << 19)  # more than a pipe and its reader hold at the flood's end
    monkeypatch.setattr(viewer, "SLOW_S", 1000.0)  # what is queued tells it, not the time
    monkeypatch.setattr(hall, "LINGERS_S", 1000.0)
    flooded = tmp_path / "flooded"
    script = FLOODS.replace("FLOODED", str(flooded))
    async with served(tmp_path / "pids", script) as wall, aiohttp.ClientSession() as browser:
        with socket.create_connection(("127.0.0.1", wall.port)) as deaf:
            deaf.sendall(handshake(wall.port))
            await until_so(lambda: bool(wall.pids))
            await until_so(lambda: not wall.server.watching)  # it reads nothing at all
        await until_so(flooded.exists)  # nobody here could read as fast
        await painted(await wall.watch(browser), b"0" * 1000)
        assert len(wall.pids) == 1


@pytest.mark.asyncio
async def test_the_end_ends_processes_that_do_not_want_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.tui.served.board._ENDS_S", 0.05)
    async with served(tmp_path / "pids", STUBBORN) as wall, aiohttp.ClientSession() as browser:
        watching = await wall.watch(browser)
        await painted(watching, b"en")
        pids = wall.alive()
        assert pids
    await until_so(lambda: all(map(is_gone, pids)))


@pytest.mark.asyncio
async def test_a_board_that_dies_lets_its_viewers_go_and_the_next_one_starts_another(tmp_path: Path) -> None:
    script = "printf '__GANGLION__\\nD\\0\\0\\0\\2en'; exit 3"
    async with served(tmp_path / "pids", script) as wall, aiohttp.ClientSession() as browser:
        for times in (1, 2):
            watching = await wall.watch(browser)
            await _closed(watching)
            assert len(wall.pids) == times


@pytest.mark.asyncio
@pytest.mark.parametrize("said", ["no greeting at all", "__GANGLION__\\nD\\377\\377\\377\\377"], ids=["other", "4 GB"])
async def test_a_board_that_is_none_is_ended(tmp_path: Path, said: str) -> None:
    async with (
        served(tmp_path / "pids", f"printf '{said}'; exec sleep 1000") as wall,
        aiohttp.ClientSession() as browser,
    ):
        await _closed(await wall.watch(browser))
        await until_so(lambda: bool(wall.pids) and not wall.alive())


@pytest.mark.asyncio
async def test_only_what_is_painted_goes_to_browsers(tmp_path: Path) -> None:
    script = r"printf '__GANGLION__\nM\0\0\0\4metaD\0\0\0\2en'; exec sleep 1000"
    async with served(tmp_path / "pids", script) as wall, aiohttp.ClientSession() as browser:
        assert b"meta" not in await painted(await wall.watch(browser), b"en")


@pytest.mark.asyncio
async def test_boards_are_started_now_and_then_and_who_comes_between_shares_one(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall, aiohttp.ClientSession() as browser:
        wall.server._hall._starts = Rate(at_once=1, per_s=0)
        await painted(await wall.watch(browser, "width=80&height=24"), b"en:00")
        await painted(await wall.watch(browser, "width=120&height=40"), b"en:00")
        assert len(wall.pids) == 1


@pytest.mark.asyncio
async def test_with_a_token_nothing_is_served_before_it_was_told(tmp_path: Path) -> None:
    token = gate.Admission(Secret("0123456789abcdef"))
    async with served(tmp_path / "pids", PAINTS, token) as wall, aiohttp.ClientSession() as browser:
        for path in ("/", "/?token=", "/?token=0123456789abcdeg", "/wall.js", "/static/js/textual.js"):
            async with browser.get(wall.url + path) as answer:
                assert answer.status == 401, path
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await wall.watch(browser, "token=0123456789abcdef")
        assert refused.value.status == 401
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address, as browsers keep them
    async with served(tmp_path / "again", PAINTS, token) as wall, aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(wall.url + "/?token=0123456789abcdef", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            cookie = answer.headers["Set-Cookie"]
            assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict"))
            assert "0123456789abcdef" not in cookie
        async with browser.get(wall.url) as answer:
            assert answer.status == 200
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        await painted(await wall.watch(browser), b"en:00")


class _Lingering:
    """A board whose process does not end."""

    def __init__(self, _command: object, size: Size, language: str, _over: object) -> None:
        self.size, self.language, self.idle_since = size, language, 0.0
        self.viewers: set[viewer.Viewer] = set()

    async def end(self) -> None:
        await asyncio.sleep(PATIENCE_S)


@pytest.mark.asyncio
async def test_processes_that_do_not_end_are_few_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hall, "SharedBoard", _Lingering)
    those = hall.Hall(lambda _language: [])
    got = [those._board(Size(400 - 4 * n, 40), "en") for n in range(hall.MOST_BOARDS + 5)]
    for ending in those._ending:
        ending.cancel()
    assert sum(one is not None for one in got) == hall.MOST_BOARDS + hall._MOST_ENDING - 1


@pytest.mark.asyncio
async def test_what_a_board_has_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hall, "LINGERS_S", 0.0)
    child = f"sleep 600 & touch {tmp_path}/pids/$!; {PAINTS}"
    async with served(tmp_path / "pids", child) as wall, aiohttp.ClientSession() as browser:
        one = await wall.watch(browser)
        await painted(one, b"en:00")
        assert len(wall.alive()) == 2
        await one.close()
        await until_so(lambda: not wall.alive())


@pytest.mark.asyncio
async def test_a_board_that_does_not_listen_is_told_no_more_than_it_may_still_read() -> None:
    ended = asyncio.Event()
    board = SharedBoard(["/bin/sleep", "60"], Size(80, 24), "en", lambda _board: ended.set())
    await until_so(lambda: board._process is not None)
    for _ in range(20_000):
        board._say({"type": "repaint"})
    process = board._process
    assert process is not None and process.stdin is not None
    assert process.stdin.transport.get_write_buffer_size() < 1 << 17
    board._signal(signal.SIGKILL)
    await asyncio.wait_for(ended.wait(), PATIENCE_S)
