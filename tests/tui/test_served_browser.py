# SPDX-License-Identifier: GPL-3.0-or-later
"""The served wall in a real browser: its own page paints the board, a hostile page from elsewhere gets nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.tui.served_hall import PAINTS, served
from tests.waiting import PATIENCE_S

BROWSER = shutil.which("chromium-headless-shell")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium-headless-shell; see .ci/system-packages")

HOSTILE = """<body>waiting<script>
const tries = [
  new Promise((done) => { const s = new WebSocket("ws://WALL/ws?width=2000000&height=20000");
    s.onopen = () => done("socket open"); s.onerror = () => done("socket refused"); }),
  fetch("http://WALL/").then(async (a) => "page read " + (await a.text()).length, () => "page refused"),
  fetch("http://WALL/", {mode: "no-cors", method: "POST"}).then((a) => "post " + a.type, () => "post refused"),
];
Promise.all(tries).then((all) => { document.body.innerText = "tried: " + all.join(", "); });
</script></body>"""


@asynccontextmanager
async def opened(url: str, profile: Path) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """A page in a browser; what is yielded waits until a text is in it, and gives the whole page."""
    assert BROWSER is not None
    options = "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={profile}"
    process = await asyncio.create_subprocess_exec(
        BROWSER, *options, url, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
            socket = await _inspected(session, profile / "DevToolsActivePort")

            async def until(text: str) -> str:
                while text not in (page := await _page(socket)):
                    await asyncio.sleep(0.05)
                return page

            yield until
    finally:
        process.kill()
        await process.wait()


async def _inspected(session: aiohttp.ClientSession, port: Path) -> aiohttp.ClientWebSocketResponse:
    """The first page of the browser that writes its port there."""
    while not port.exists() or not (lines := port.read_text("ascii").split()):
        await asyncio.sleep(0.05)
    async with session.get(f"http://127.0.0.1:{lines[0]}/json/list") as answer:
        pages = [target for target in await answer.json() if target["type"] == "page"]
    return await session.ws_connect(pages[0]["webSocketDebuggerUrl"])


async def _page(socket: aiohttp.ClientWebSocketResponse) -> str:
    """As it is now; "" while it is being loaded."""
    ask = {"expression": "document.documentElement?.outerHTML ?? ''", "returnByValue": True}
    await socket.send_json({"id": 1, "method": "Runtime.evaluate", "params": ask})
    answer = await socket.receive_json()
    return str(answer.get("result", {}).get("result", {}).get("value", ""))


@needs_browser
@pytest.mark.asyncio
async def test_a_hostile_page_gets_nothing_and_the_own_page_is_painted(tmp_path: Path) -> None:
    async with served(tmp_path / "pids", PAINTS) as wall:

        async def page(_: web.Request) -> web.Response:
            return web.Response(text=HOSTILE.replace("WALL", f"127.0.0.1:{wall.port}"), content_type="text/html")

        elsewhere = web.AppRunner(hostile := web.Application())
        hostile.router.add_get("/", page)
        await elsewhere.setup()
        await web.TCPSite(elsewhere, "127.0.0.1", 0).start()
        try:
            async with opened(f"http://localhost:{elsewhere.addresses[0][1]}/", tmp_path / "one") as until:
                shown = await until("tried: socket")
        finally:
            await elsewhere.cleanup()
        assert "tried: socket refused, page refused" in shown
        assert wall.pids == [], "a process was started for it"
        async with opened(wall.url, tmp_path / "two") as until:
            await until("-first-byte")
            await until(' focus"')  # what is typed goes there, without a click
