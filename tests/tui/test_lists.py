# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor's lists: what is typed narrows them, columns sort them, and what a scanner types is still a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.events import MouseScrollDown

from station.codes import Code
from station.desk.desk import Grant
from station.model import State
from station.tui.screens.certificates import CertificatesScreen
from station.tui.screens.menu import Menu
from station.tui.screens.profiles import Profiles
from station.tui.screens.room import Room
from station.tui.screens.search import Search
from station.tui.screens.set_view import SetView
from station.tui.screens.slots import SlotsScreen
from station.tui.table import Table, _natural
from tests.tui.fake_desk import DOUBT, FakeDesk, a_lock
from tests.tui.tui_floor import Floor, floor

pytestmark = pytest.mark.asyncio

BATCHES, _, CERTIFICATES, _, DOUBTS, LOCKS = (("down",) * number + ("enter",) for number in range(6))
DOUBT_LIST = tuple(replace(DOUBT, name=f"a1B2c3D4e5F/cam_{n:04}", uid=f"a4cf12bc{n:04x}") for n in (7, 8, 19))


def rows(bench: Floor) -> list[str]:
    return [record.key for record in bench.app.screen.query_one(Table)._records]


async def doubts(bench: Floor) -> None:
    await bench.press("space")
    await bench.supervise(*DOUBTS)
    await bench.until(lambda: len(rows(bench)) == 3)


async def test_what_is_typed_narrows_a_list_and_esc_takes_that_back_before_it_leaves() -> None:
    async with floor(FakeDesk(in_doubt=DOUBT_LIST)) as bench:
        await doubts(bench)
        await bench.sees("type: filter")
        await bench.press(*"CAM_001")
        await bench.sees("filter: CAM_001▌")
        assert rows(bench) == [DOUBT_LIST[2].name]
        await bench.press("backspace", "backspace")
        assert len(rows(bench)) == 3
        await bench.press("9", "9", "escape")
        await bench.sees("type: filter")
        assert len(rows(bench)) == 3
        await bench.press("escape")
        assert isinstance(bench.app.screen, Menu)


async def test_a_label_that_is_scanned_in_a_list_opens_its_row_and_a_strange_one_is_a_scan() -> None:
    async with floor(FakeDesk(in_doubt=DOUBT_LIST)) as bench:
        await doubts(bench)
        await bench.scan(DOUBT_LIST[1].uid)
        await bench.until(lambda: isinstance(bench.app.screen, Search))
        await bench.until(lambda: ("search", DOUBT_LIST[1].name) in bench.desk.done)
        await bench.press("escape")
        await bench.scan("SN42")  # what was scanned before is no head of it
        await bench.sees("Label for slot 2", "type: filter")
        assert len(rows(bench)) == 3
        await bench.scan("OP77")
        await bench.sees("Operator: 77")


async def test_the_batch_that_is_scanned_is_asked_about_and_not_pulled_because_its_row_is_left() -> None:
    async with floor() as bench:
        await bench.supervise(*BATCHES)
        await bench.sees("1208441")
        await bench.scan("1208441")
        await bench.sees("Pull this batch?")
        assert not [what for what in bench.desk.done if what[0] == "start_pull"]


async def test_a_list_is_sorted_by_any_column_numbers_by_their_size_and_back() -> None:
    desk = FakeDesk(slot_count=12)
    desk.locks = {"10": a_lock(Code.E602, "ten", "10"), "9": a_lock(Code.E608, "nine", "9")}
    async with floor(desk) as bench:
        await bench.supervise(*LOCKS)
        await bench.until(lambda: len(rows(bench)) == 13)
        await bench.press("right")
        await bench.sees("Slot ▲")
        assert rows(bench)[:3] == ["1", "2", "3"] and rows(bench)[-1] == "*"
        await bench.press("left")
        await bench.sees("Slot ▼")
        assert rows(bench)[1:3] == ["12", "11"]
        await bench.press("right")
        await bench.press("left")
        await bench.sees("State ▼")
        assert set(rows(bench)[:2]) == {"9", "10"}
        await bench.press(*["right"] * 3)
        await bench.misses("▼")
        assert rows(bench)[0] == "*"


@pytest.mark.parametrize(
    ("room", "typed", "left", "last"),
    [
        (SlotsScreen, "1.7", ["7"], "1"),
        (Profiles, "ESP", ["camera-esp"], "nvr-16"),
        (lambda grant: SetView(grant, "a1B2c3D4e5F/cam_0000"), "ipc_003", ["a1IPC/ipc_003"], "a1IPC/ipc_001"),
    ],
    ids=["slots", "profiles", "a set"],
)
async def test_slots_profiles_and_a_sets_channels_are_narrowed_and_sorted_too(
    room: Callable[[Grant], Room], typed: str, left: list[str], last: str
) -> None:
    async with floor() as bench:
        bench.app.push_screen(room(Grant(name="Li Wei")))
        await bench.until(lambda: bench.app.screen.query(Table) and rows(bench))
        everything = rows(bench)
        await bench.press(*typed)
        assert rows(bench) == left
        await bench.press("escape", "right", "left")
        await bench.sees("▼")
        assert rows(bench)[-1] == last
        assert sorted(rows(bench)) == sorted(everything)


async def test_certificates_are_filtered_by_the_ledger_page_by_page_and_a_scan_is_looked_up() -> None:
    async with floor(FakeDesk()) as bench:
        await bench.supervise(*CERTIFICATES)
        await bench.sees("cam_0009")
        await bench.press(*"013")
        await bench.until(lambda: rows(bench)[0] == "a1B2c3D4e5F/cam_0013")
        assert all("013" in row for row in rows(bench))
        await bench.press("f3")
        await bench.sees(f"State: {bench.app.words.ledger[State.READY]}    filter: 013▌")
        await bench.until(lambda: rows(bench)[0] == "a1B2c3D4e5F/cam_0130")
        await bench.press("enter")
        await bench.until(lambda: isinstance(bench.app.screen, Search))
        shown = await bench.sees("Search: name, board, label", "Board ")
        assert "Scanned" not in shown
        await bench.press("escape")
        await bench.scan("a4cf12bc00a1")
        await bench.sees("Scanned: a4cf12bc00a1")
        assert isinstance(bench.app.screen, Search)
        await bench.press("escape")
        assert isinstance(bench.app.screen, CertificatesScreen)


async def test_certificates_are_sorted_by_the_ledger_through_all_pages_and_one_that_moves_is_there_once() -> None:
    async with floor(FakeDesk(), (80, 24)) as bench:
        await bench.supervise(*CERTIFICATES)
        await bench.sees("cam_0009", "→ ←: sort")
        await bench.press("right", "left")
        await bench.sees("Name ▼", "cam_0249")
        await bench.press("ctrl+end")
        await bench.until(lambda: len(rows(bench)) == 200)
        assert rows(bench) == [f"a1B2c3D4e5F/cam_{n:04}" for n in range(249, 49, -1)]
        table = bench.app.screen.query_one(Table)
        across = 2 + table.ordered_columns[0].get_render_width(table)
        await bench.pilot.click(Table, offset=(across, 0))
        await bench.sees("State ▲", "cam_0001")
        await bench.until(lambda: len(rows(bench)) == 100)
        assert [asked for asked in bench.desk.done if asked[0] == "certificates"][-1] == ("certificates", None, "")
        moved = "a1B2c3D4e5F/cam_0007"
        bench.desk.states[moved] = State.WITHHELD
        for shown in (200, 250):
            await bench.press("ctrl+end")
            await bench.until(lambda: len(rows(bench)) == shown)  # noqa: B023
        assert rows(bench)[-1] == moved and len({*rows(bench)}) == 250
        await bench.press(*["right"] * 4)
        await bench.misses("▲")
        await bench.until(lambda: rows(bench)[:2] == ["a1B2c3D4e5F/cam_0000", "a1B2c3D4e5F/cam_0001"])
        await bench.press("f3", "f3")
        await bench.sees("State: withheld   F1: help   type: filter   → ←: sort")


async def test_numbers_in_texts_are_sorted_by_their_size() -> None:
    texts = ["cam_10", "cam_9", "Cam_9b", "", "10", "9", "–"]
    assert sorted(texts, key=_natural) == ["", "9", "10", "cam_9", "Cam_9b", "cam_10", "–"]


async def test_a_click_sorts_a_column_and_chooses_a_row_and_the_wheel_scrolls() -> None:
    many = tuple(replace(DOUBT, name=f"a1B2c3D4e5F/cam_{n:04}", uid=f"a4cf12bc{9999 - n:04}") for n in range(60))
    async with floor(FakeDesk(in_doubt=many)) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.until(lambda: len(rows(bench)) == 60)
        table = bench.app.screen.query_one(Table)
        column = next(
            at
            for at, record in enumerate(zip(*(one.cells for one in table._records), strict=True))
            if many[0].name in record
        )
        across = 2 + sum(one.get_render_width(table) for one in table.ordered_columns[:column])
        await bench.pilot.click(Table, offset=(across, 0))
        await bench.sees("▲")
        assert rows(bench) == sorted(rows(bench))
        await bench.pilot.click(Table, offset=(across, 0))
        await bench.sees("▼")
        assert rows(bench) == sorted(rows(bench), reverse=True)
        await bench.pilot.click(Table, offset=(across, 3))
        await bench.until(lambda: table.cursor_row > 0)
        at = table.cursor_row
        for _ in range(5):
            bench.app.screen._forward_event(_wheel(table))
        await bench.until(lambda: table.scroll_y > 0)
        assert table.cursor_row == at, "what a key is meant for stays what it was"


async def test_a_click_anywhere_in_the_row_under_the_cursor_opens_it() -> None:
    two = tuple(replace(DOUBT, name=f"a1B2c3D4e5F/cam_{n:04}", uid=f"a4cf12bc{n:04}") for n in range(2))
    async with floor(FakeDesk(in_doubt=two)) as bench:
        await bench.press("space")
        await bench.supervise(*DOUBTS)
        await bench.until(lambda: len(rows(bench)) == 2)
        table = bench.app.screen.query_one(Table)
        await bench.pilot.click(Table, offset=(2, 2))
        await bench.until(lambda: table.cursor_row == 1)
        assert bench.app.screen.query_one(Table) is table, "the first click chooses"
        column = table.ordered_columns[0].get_render_width(table) + 2
        await bench.pilot.click(Table, offset=(column, 2))
        await bench.until(lambda: isinstance(bench.app.screen, Search))


async def test_what_is_typed_narrows_what_a_search_found_and_enter_opens_what_is_left() -> None:
    async with floor() as bench:
        await bench.supervise("down", "down", "down", "enter")
        await bench.sees("Search: name, board, label")
        await bench.press(*"cam", "enter")
        await bench.until(lambda: len(rows(bench)) == 3)
        await bench.press(*"013")
        await bench.until(lambda: len(rows(bench)) == 1)
        await bench.press("enter")
        await bench.until(lambda: ("search", "a1B2c3D4e5F/cam_0130") in bench.desk.done)
        await bench.press("end", "ctrl+u", *"cam", "enter")
        await bench.until(lambda: len(rows(bench)) == 3)
        await bench.press(*"SN42", "enter")
        await bench.sees("Nothing found: SN42")


def _wheel(table: Table) -> MouseScrollDown:
    region = table.region
    x, y = region.x + 4, region.y + 4
    return MouseScrollDown(
        table, x, y, delta_x=0, delta_y=0, button=0, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y
    )
