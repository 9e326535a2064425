# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board in a browser: the page answers on loopback, and its socket brings this station's numbers."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.waiting import PATIENCE_S


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a station's served wall board."""
    config = tmp_path / "station.toml"
    station = [sys.executable, "-m", "station"]
    made = [*station, "init", "--file", str(config), "--state-dir", str(tmp_path / "state")]
    subprocess.run(made, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    subprocess.run([*station, "--config", str(config), "status"], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*station, "--config", str(config), "--set", "bench.name=LINE-9", "board", "--serve", "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        yield f"http://127.0.0.1:{port}"
        server.send_signal(signal.SIGINT)
        out, _ = server.communicate(timeout=PATIENCE_S)
        assert (server.returncode, out) == (0, b"")
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


@pytest.mark.asyncio
async def test_a_browser_gets_the_page_and_the_numbers(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        page = await page_at(session, address)
        socket_url = address.replace("http", "ws") + "/ws"
        assert socket_url in page
        shown = b""
        async with session.ws_connect(f"{socket_url}?width=120&height=40") as browser:
            deadline = time.monotonic() + PATIENCE_S
            while not (b"LINE-9" in shown and b"1ST PASS" in shown):
                assert time.monotonic() < deadline, shown[-2000:]
                message = await browser.receive(timeout=PATIENCE_S)
                shown += message.data if message.type is aiohttp.WSMsgType.BINARY else b""
