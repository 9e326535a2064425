# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal of a few rows: what is in doubt, what to do and the keys are on it all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.codes import Blame, Code
from station.errors import CloudRefused
from station.events import SlotEvent, SlotState
from station.model import Language
from station.tui.tile import paint
from station.words.tongues import TONGUES
from tests.tui.fake_desk import DISPUTE, DOUBT, FakeDesk
from tests.tui.tui_floor import Floor, floor

ROWS = pytest.mark.parametrize("rows", [10, 17, 18, 24])
WAITS = replace(DOUBT, name="a1B2c3D4e5F/cam_0010", uid="a4cf12bc00d8", waits_for="a4cf12bc00e9")
LONG = "the answer of the cloud that nobody reads to its end " * 20


@pytest.mark.asyncio
@ROWS
@pytest.mark.parametrize("language", Language)
async def test_dialogs_say_what_to_do_and_how_to_leave_them(rows: int, language: Language) -> None:
    words = TONGUES[language]
    async with floor(FakeDesk(in_doubt=(DOUBT, WAITS)), (80, rows), language) as bench:
        await bench.sees("…00A1", "cam_0007", "…00E9", words.bench.go_on)
        await bench.press("space", "f9")
        await bench.sees(words.office.cancel)
        await bench.press("escape", "ctrl+q")
        await bench.sees(words.bench.leave, words.bench.leave_do)
        await bench.press("escape")
        bench.app.show_trouble(CloudRefused(LONG, do="see the console", code=Code.E402))
        await bench.sees("E402", words.bench.go_on)
        await bench.press("end")  # what is below can be reached
        await bench.sees("see the console", words.bench.go_on)
        await bench.press("space")
        await bench.supervise("home", *["down"] * 5, "enter", "enter")
        await bench.sees(words.office.reason_needed, words.office.cancel)


@pytest.mark.asyncio
@ROWS
@pytest.mark.parametrize("language", Language)
async def test_an_alarm_of_many_boards_says_what_to_do(rows: int, language: Language) -> None:
    words = TONGUES[language]
    async with floor(FakeDesk(), (80, rows), language) as bench:
        for number in range(1, 9):
            bench.desk.slot(str(number), SlotState.LOCKED, code=Code.E701, uid=f"a4cf12bc00{number:02}")
        bench.desk.notice(Code.E701, LONG, serious=True)
        first = words.bench.alarm_board.format(slot="1", uid="a4cf12bc0001")
        await bench.sees(first, words.bench.alarm_do, words.bench.alarm_lift, words.bench.alarm_look_up)


@pytest.mark.asyncio
async def test_a_scan_leaves_slots_doubts_and_an_alarm_in_sight() -> None:
    words = TONGUES[Language.ENGLISH]
    async with floor(FakeDesk(in_doubt=(DOUBT,)), (80, 10)) as bench:
        await bench.press("space")
        bench.desk.all_states()
        await bench.sees("E602", "…00A1")
        await bench.scan("SN2")
        await bench.sees("Label for slot 2", "E602", "E204", "…00A1")
        bench.desk.notice(Code.E701, "two boards", serious=True)
        await bench.sees("E701")
        await bench.scan("SN3")
        await bench.sees("Label for slot 2", words.bench.alarm_do, words.bench.alarm_lift)


@pytest.mark.asyncio
async def test_what_was_said_for_a_moment_lies_over_no_alarm() -> None:
    async with floor(FakeDesk(), (80, 10)) as bench:
        bench.app.notify("Cannot end now: slot 1 is writing", timeout=600)
        await bench.sees("Cannot end now")
        bench.desk.notice(Code.E701, "two boards", serious=True)
        await bench.sees("E701", TONGUES[Language.ENGLISH].bench.alarm_do)
        await bench.misses("Cannot end now")


@pytest.mark.asyncio
@pytest.mark.parametrize("language", Language)
async def test_lists_of_what_is_to_be_done_have_their_first_row(language: Language) -> None:
    kept = replace(DOUBT, name="a1B2c3D4e5F/cam_0009", uid="a4cf12bc00c7", red_bin=True)
    async with floor(FakeDesk(in_doubt=(DOUBT, WAITS, kept), in_dispute=(DISPUTE,)), (80, 9), language) as bench:
        await bench.press("space")
        bench.desk.notice(Code.E316)
        await bench.sees("E316")
        await _opens(bench, 4, "a4cf12bc00a1")
        await _opens(bench, 9, "october.csv")


async def _opens(bench: Floor, room: int, seen: str) -> None:
    await bench.supervise("home", *["down"] * room, "enter")
    await bench.sees(seen)
    await bench.press("escape", "escape")


@pytest.mark.parametrize("width", [19, 39])
def test_a_long_name_of_a_slot_leaves_room_for_what_to_do(width: int) -> None:
    for language in Language:
        failed = SlotEvent(slot="fixture-" * 9, at=0.0, state=SlotState.FAIL, code=Code.E204, blame=Blame.BOARD)
        row = "".join(text for text, _ in paint(failed, TONGUES[language], width, 1)[0])
        assert "E204" in row, row
