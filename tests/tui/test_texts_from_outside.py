# SPDX-License-Identifier: GPL-3.0-or-later
"""No text of a board, a cloud, a file, a scanner or a configuration steers the terminal, bends a row or is markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual import events
from textual.widgets import Input

from station.codes import Blame, Code
from station.desk.desk import Grant
from station.desk.info import StationInfo
from station.errors import CloudRefused
from station.events import SlotState
from station.model import Language
from station.report.counters import SetProgress
from station.tui.screens.menu import _ENTRIES, Menu
from tests.tui import drawn, fingers
from tests.tui.fake_desk import DISPUTE, DOUBT, FakeDesk, a_lock
from tests.tui.tui_floor import Floor, Size, floor

pytestmark = pytest.mark.asyncio
EVIL = "[red]a\x1b[2J\x9b31m\x07\u202eb\u200d宽e\u0301👩\u200d👧[/] [/x]\r\n\t{0}\ud800"
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class EvilDesk(FakeDesk):
    """What is named by people, boards and clouds has all of it in its name."""

    def station(self) -> StationInfo:
        plain = super().station()
        return replace(plain, name=EVIL, product=EVIL, batch=EVIL, profile=EVIL, operator=EVIL)


def an_evil_desk() -> EvilDesk:
    doubt = replace(DOUBT, name=EVIL + DOUBT.name, reason=EVIL)
    desk = EvilDesk(slot_count=5, in_doubt=(doubt,), in_dispute=(replace(DISPUTE, held_from=EVIL, arrived_from=EVIL),))
    desk.names = tuple(EVIL[:20] + name for name in desk.names)
    desk.ports = dict.fromkeys(desk.names, EVIL)
    desk.locks = {desk.names[3]: a_lock(Code.E602, EVIL, desk.names[3])}
    desk.figures = replace(desk.figures, current_set=SetProgress(name=EVIL, done=1, total=5))
    return desk


def holds(bench: Floor) -> None:
    """On all that is painted now."""
    for strip in drawn.strips(bench.app):
        text = "".join(segment.text for segment in strip)
        assert not _UNSEEN.search(text), ascii(text)
        assert cell_len(text) == bench.app.size.width, ascii(text)


@pytest.mark.parametrize(("size", "language"), [((200, 50), Language.ENGLISH), ((80, 24), Language.CHINESE)])
async def test_on_every_screen(size: Size, language: Language) -> None:
    desk = an_evil_desk()
    async with floor(desk, size, language) as bench:
        await bench.sees("[red]")
        holds(bench)
        await bench.press("space")
        states = SlotState.PASS, SlotState.FAIL, SlotState.IN_DOUBT, SlotState.LOCKED, SlotState.WAITING
        for name, state in zip(desk.names, states, strict=True):
            board = {"uid": f"{EVIL}00a1", "device_name": EVIL, "set_name": EVIL, "channel": 2}
            desk.slot(name, state, code=Code.E602, blame=Blame.STATION, what=EVIL, **board)
        desk.notice(Code.E316, EVIL)
        await bench.sees("E316")
        holds(bench)
        bench.app.scanned("SN" + EVIL)
        holds(bench)
        bench.app.admit(Grant(name=EVIL))
        await fingers.has_come(bench.pilot)
        for place in range(len(_ENTRIES)):
            await bench.until(lambda: isinstance(bench.app.screen, Menu))
            await bench.press("home", *["down"] * place, "enter")
            await bench.until(lambda: not isinstance(bench.app.screen, Menu))
            await fingers.has_come(bench.pilot)
            holds(bench)
            await bench.press("escape")
        bench.app.show_trouble(CloudRefused(EVIL, do=EVIL, code=Code.E402))
        await bench.sees("E402")
        holds(bench)
        bench.app.screen.notify(EVIL, timeout=60)
        await bench.sees("{0}")
        holds(bench)
        desk.notice(Code.E701, EVIL, serious=True)
        await bench.sees("E701")
        holds(bench)


async def test_pasted_into_a_field() -> None:
    async with floor() as bench:
        await bench.supervise("home", "down", "down", "down", "enter")
        await bench.until(lambda: list(bench.app.screen.query(Input)))
        bench.app.post_message(events.Paste(EVIL.partition("\r")[0]))
        await bench.until(lambda: bench.app.screen.query_one(Input).value)
        holds(bench)
        assert bench.app.screen.query_one(Input).value.startswith("[red]a[2J31mb宽")
