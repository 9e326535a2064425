# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a board: from the search, a doubt and a slot's tile, in both languages."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from station.codes import Code
from station.events import Phase, SlotState
from station.model import Language
from station.rules import Outcome
from station.tui.screens.board_log import BoardLog
from station.tui.screens.search import Search
from station.tui.table import Table
from station.words.figures import instant
from station.words.manual import page_lines
from station.words.tongues import TONGUES
from tests.tui.fake_desk import DOUBT, NOW, UID, FakeDesk
from tests.tui.tui_floor import Floor, floor

pytestmark = pytest.mark.asyncio

SEARCH, DOUBTS, SLOT_LOGS = (("home", *["down"] * number, "enter") for number in (3, 4, 10))


def rows(bench: Floor) -> list[tuple[str, ...]]:
    return [record.cells for record in bench.app.screen.query_one(Table)._records]


async def log_of(bench: Floor) -> None:
    await bench.until(lambda: isinstance(bench.app.screen, BoardLog))
    await bench.until(lambda: bench.app.screen.query(Table) and rows(bench))


@pytest.mark.parametrize("language", Language)
async def test_the_log_of_a_board_that_was_searched_has_each_step_with_its_time(language: Language) -> None:
    words = TONGUES[language]
    async with floor(FakeDesk(), (120, 40), language) as bench:
        await bench.press("f9", *"2468", "enter")
        await bench.sees("Li Wei")
        await bench.press(*SEARCH, *"cam_0009", "enter")
        await bench.sees(words.office.log_key, UID)
        await bench.press("f4")
        await log_of(bench)
        told = rows(bench)
        assert [when for when, *_ in told] == sorted(when for when, *_ in told)
        began = NOW - 51 - 9.04
        write = next(row for row in told if row[2] == words.phases[Phase.WRITE])
        assert write[0] == instant(began + 0.5) and write[4] == words.bench.seconds.format(n="5.50")
        await bench.press("f2")
        other = TONGUES[language.next]
        await bench.sees(other.phases[Phase.VERIFY], other.past.outcomes[Outcome.PASS])
        await bench.press("escape")
        assert isinstance(bench.app.screen, Search) and bench.app.screen.query_one(Input).value == "cam_0009"


async def test_what_is_typed_narrows_a_log_and_a_search_that_found_nothing_has_none() -> None:
    async with floor() as bench:
        await bench.supervise(*SEARCH, *"nonsense", "enter")
        await bench.sees("Nothing found")
        await bench.press("f4")
        assert isinstance(bench.app.screen, Search)
        await bench.press(*"cam_0009", "enter")
        await bench.sees(UID)
        await bench.press("f4")
        await log_of(bench)
        await bench.press(*"reading")
        await bench.until(lambda: [row[2] for row in rows(bench)] == ["reading the board", "reading back"])


async def test_of_several_that_fit_the_log_is_of_the_one_under_the_cursor() -> None:
    async with floor() as bench:
        await bench.supervise(*SEARCH, *"cam", "enter")
        await bench.sees("3 certificates")
        await bench.press("down", "f4")
        await log_of(bench)
        await bench.sees("Log: a1B2c3D4e5F/cam_0008")


async def test_a_doubt_leads_to_the_log_of_its_board_and_back() -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,)), (120, 40)) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.sees(DOUBT.uid, "F4: log")
        await bench.press("f4")
        await log_of(bench)
        await bench.sees(f"Log: {DOUBT.name}", "E311")
        while rows(bench)[bench.app.screen.query_one(Table).cursor_row][4].find("E311") < 0:
            await bench.press("up")
        await bench.sees(*page_lines(Code.E311, bench.app.words))
        await bench.press("escape")
        await bench.sees("F4: log")


@pytest.mark.parametrize("language", Language)
async def test_a_slots_log_has_the_board_that_said_nothing_and_its_wire(language: Language) -> None:
    words = TONGUES[language]
    desk = FakeDesk(wire_lines=230)
    async with floor(desk, (120, 40), language) as bench:
        bench.desk.slot("2", SlotState.FAIL, code=Code.E203)
        await bench.press("f9", *"2468", "enter")
        await bench.sees("Li Wei")
        await bench.press(*SLOT_LOGS)
        await bench.sees(words.office.slot_logs, "E203")
        await bench.press("down", "enter")
        await log_of(bench)
        assert ("last_in", "2") in desk.done
        assert bench.app.screen.query_one(Table).cursor_row == len(rows(bench)) - 1  # the newest is what is asked for
        await bench.sees("← line 229", *page_lines(Code.E203, words))
        wire = [row for row in rows(bench) if row[2] == words.office.wire]
        assert len(wire) == 201 and wire[0][4] == words.office.wire_before.format(n=30, slot="2")


async def test_the_tiles_are_followed_while_the_list_of_slots_is_open() -> None:
    async with floor() as bench:
        await bench.supervise(*SLOT_LOGS)
        await bench.sees("Logs of the slots")
        bench.desk.slot("4", SlotState.FAIL, code=Code.E204)
        await bench.until(lambda: "E204" in rows(bench)[3][4])
