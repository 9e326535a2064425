# SPDX-License-Identifier: GPL-3.0-or-later
"""F1 on every screen: a page for each error code, what stands at the slots first."""

from __future__ import annotations

import pytest

from station.codes import Blame, Code, Exit
from station.errors import CloudUnreachable
from station.events import SlotState
from station.model import Language
from station.tui.screens import help_room
from station.tui.screens.alarm import Alarm
from station.tui.screens.help_room import HelpRoom
from station.tui.screens.menu import _ENTRIES
from station.words.manual import manual_of, page_lines, page_of
from station.words.tongues import TONGUES
from tests.tui.fake_desk import FakeDesk
from tests.tui.tui_floor import floor


@pytest.mark.parametrize("language", Language)
def test_every_code_has_a_page_that_says_who_does_what(language: Language) -> None:
    words = TONGUES[language]
    assert set(manual_of(words).acts) == {code.exit for code in Code} == set(Exit) - {Exit.OK, Exit.INTERRUPTED}
    for code in Code:
        page, lines = page_of(code, words), page_lines(code, words)
        assert lines[0] == f"{code}  {words.codes[code].what}"
        assert page.do in "\n".join(lines) and page.who in "\n".join(lines)
        assert page.counted is code.counts_in_yield


@pytest.mark.asyncio
@pytest.mark.parametrize("language", Language)
async def test_the_code_at_a_slot_is_explained_first_and_any_other_is_found_by_typing(language: Language) -> None:
    words = TONGUES[language]
    async with floor(FakeDesk(), (80, 24), language) as bench:
        bench.desk.slot("2", SlotState.FAIL, code=Code.E204, blame=Blame.BOARD)
        await bench.sees("E204")
        await bench.press("f1")
        await bench.sees(manual_of(words).title, *page_lines(Code.E204, words))
        await bench.press("f1", *"e50")
        await bench.sees(page_lines(Code.E500, words)[-2])
        await bench.press("escape", "escape")
        await bench.misses(manual_of(words).title)
        assert bench.app.screen is bench.app.bench


@pytest.mark.asyncio
async def test_help_comes_over_every_screen_and_goes_back_to_it() -> None:
    async with floor() as bench:
        await bench.press("f9")
        await bench.sees("Supervisor PIN: Li Wei")
        await bench.press("f1")
        await bench.sees("Help: what a code means")
        await bench.press("escape", *"2468", "enter")
        await bench.sees("Supervisor: Li Wei")
        for number, _ in enumerate(_ENTRIES):
            await bench.press("home", *["down"] * number, "enter")
            room = bench.app.screen
            await bench.press("f1")
            await bench.until(lambda: isinstance(bench.app.screen, HelpRoom))
            await bench.press("escape")
            assert bench.app.screen is room
            await bench.press("escape")


@pytest.mark.asyncio
async def test_a_trouble_is_explained_and_an_alarm_is_never_covered() -> None:
    async with floor() as bench:
        bench.app.show_trouble(CloudUnreachable("no route", do="check the cable"))
        await bench.sees("check the cable")
        await bench.press("f1")
        await bench.sees(*page_lines(Code.E401, bench.app.words))
        bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
        await bench.sees("cam_0007 on two boards")
        await bench.press("f1")
        assert isinstance(bench.app.screen, Alarm)


@pytest.mark.asyncio
async def test_help_that_is_left_open_gives_the_slots_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor() as bench:
        await bench.press("f1")
        await bench.sees("Help: what a code means")
        monkeypatch.setattr(help_room, "IDLE_S", -1.0)
        shown = bench.app.screen
        assert isinstance(shown, HelpRoom)
        shown.close_when_idle()
        await bench.misses("Help: what a code means")
