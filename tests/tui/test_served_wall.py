# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board in a browser: the page answers on loopback, its socket brings this station's numbers, and it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.forked import run
from tests.started import start
from tests.tui.served_hall import Socket
from tests.waiting import PATIENCE_S, is_gone, until


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    file = folder / "station.toml"
    station = [sys.executable, "-m", "station"]
    made = [*station, "init", "--file", str(file), "--state-dir", str(folder / "state")]
    assert [run(command).returncode for command in (made, [*station, "--config", str(file), "status"])] == [0, 0]
    return file


@contextmanager
def served(config: Path, end: signal.Signals) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Address and process of a station's served wall board, ended by that signal."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    station = [sys.executable, "-m", "station", "--config", str(config), "--set", "bench.name=LINE-9"]
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    command = [*station, "board", "--serve", "--port", str(port)]
    server = start(command, env=environment)
    try:
        yield f"http://127.0.0.1:{port}", server
        server.send_signal(end)
        out, err = server.communicate(timeout=PATIENCE_S)
        assert (server.returncode, out) == (-9 if end == signal.SIGKILL else 0, "")
        assert "Traceback" not in err, err
    finally:
        server.kill()
        server.communicate()


async def page_at(session: aiohttp.ClientSession, address: str) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            async with session.get(address) as answer:
                assert answer.status == 200
                return await answer.text()
        except aiohttp.ClientConnectionError:
            assert time.monotonic() < deadline, "nobody answers"
            await asyncio.sleep(0.1)


async def numbers(browser: Socket) -> None:
    """The whole board is painted."""
    shown = b""
    while not (b"LINE-9" in shown and b"1ST PASS" in shown):
        message = await browser.receive(timeout=PATIENCE_S)
        assert message.type is aiohttp.WSMsgType.BINARY, (message, shown[-2000:])
        shown += message.data


def boards_of(server: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]


@pytest.mark.asyncio
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_browsers_get_the_page_and_the_numbers_from_one_process_that_ends_with_the_server(
    config: Path, end: signal.Signals
) -> None:
    with served(config, end) as (address, server):
        async with aiohttp.ClientSession() as session:
            page = await page_at(session, address)
            socket_url = address.replace("http", "ws") + "/ws"
            assert socket_url in page
            async with session.ws_connect(f"{socket_url}?width=120&height=40", origin=address) as first:
                await numbers(first)
                async with session.ws_connect(f"{socket_url}?width=121&height=41", origin=address) as later:
                    await numbers(later)  # though nothing has changed since it was painted
                (board,) = boards_of(server)
    until(lambda: is_gone(board))
