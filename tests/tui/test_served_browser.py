# SPDX-License-Identifier: GPL-3.0-or-later
"""The served wall in a real browser: its own page paints the board, a hostile page from elsewhere gets nothing."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

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
Promise.all(tries).then((all) => { document.body.innerText = "tried: " + all.join(", "); fetch("/done"); });
</script></body>"""


async def dom(url: str, profile: Path) -> str:
    """What the page is once its scripts have had some seconds of the browser's own clock."""
    assert BROWSER is not None
    process = await asyncio.create_subprocess_exec(
        BROWSER,
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={profile}",
        "--virtual-time-budget=5000",
        "--dump-dom",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return out.decode()


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
            shown = await dom(f"http://localhost:{elsewhere.addresses[0][1]}/", tmp_path / "one")
        finally:
            await elsewhere.cleanup()
        assert "tried: socket refused, page refused" in shown
        assert wall.pids == [], "a process was started for it"
        own = await dom(wall.url, tmp_path / "two")
        assert "-first-byte" in own
