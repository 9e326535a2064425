# SPDX-License-Identifier: GPL-3.0-or-later
"""A list is read whole on the smallest screen: what a column has no room for goes on in the next line."""

from __future__ import annotations

import re

import pytest

from station.desk.desk import Grant
from station.model import Language
from station.tui.screens.lockouts import LockOuts
from station.tui.screens.products import ProductsRoom
from station.tui.screens.profiles import Profiles
from station.tui.screens.slot_logs import SlotLogs
from station.tui.screens.slots import SlotsScreen
from station.tui.table import Table, TableRecord
from tests.tui.fake_desk import DOUBT, FakeDesk
from tests.tui.tui_floor import Floor, floor

pytestmark = pytest.mark.asyncio


def missing(bench: Floor) -> set[str]:
    """Words of the list's cells that are not to be seen; Chinese ones, and what is written without a blank to them, may
    go on in the next line."""
    table = bench.app.screen.query_one(Table)
    shown = bench.screen()
    words = {
        word for record in table._records for cell in record.cells for word in re.findall(r"(?<!\S)[!-~]+(?!\S)", cell)
    }
    return {word for word in words if word not in shown}


@pytest.mark.parametrize("language", Language)
async def test_nothing_of_a_list_is_cut_at_80_columns(language: Language) -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,)), (80, 24), language) as bench:
        await bench.press("space", "f9", *"2468", "enter")
        await bench.sees("Li Wei")
        for down, until in ((4, DOUBT.uid), (0, "1208441")):
            await bench.press("home", *["down"] * down, "enter")
            await bench.sees(until)
            await bench.until(lambda: not missing(bench))
            await bench.press("escape")
        await bench.press("home", *["down"] * 3, "enter", *"cam_0009", "enter")
        await bench.sees("2026-09-21")
        await bench.until(lambda: not missing(bench))
        for room in (ProductsRoom, LockOuts, SlotsScreen, Profiles, SlotLogs):
            bench.app.push_screen(room(Grant(name="Li Wei")))
            await bench.until(lambda: bench.app.screen.query(Table) and bench.app.screen.query_one(Table)._records)
            await bench.until(lambda: not missing(bench))


async def test_a_list_takes_the_room_of_a_wider_screen() -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,)), (80, 24)) as bench:
        await bench.press("space")
        await bench.supervise("home", *["down"] * 4, "enter")
        await bench.sees(DOUBT.uid)
        assert "E311 the port is gone" not in bench.screen()
        await bench.pilot.resize_terminal(160, 30)
        await bench.sees("E311 the port is gone")


async def test_neither_a_head_nor_what_stands_beside_the_scrollbar_is_cut() -> None:
    cells = "a1A8QMmpy2N", "Demo NVR camera", "published", "0", "6", "0", "0", "GATEWAY"
    async with floor(FakeDesk(), (80, 24)) as bench:
        bench.app.push_screen(ProductsRoom(Grant(name="Li Wei")))
        await bench.until(lambda: bench.app.screen.query(Table) and bench.app.screen.query_one(Table)._records)
        table = bench.app.screen.query_one(Table)
        table.fill([TableRecord("1", cells)])
        await bench.sees("consumed", "withheld", "GATEWAY")
        table.fill([TableRecord(str(number), cells) for number in range(12)])  # 36 lines
        await bench.until(lambda: table.show_vertical_scrollbar)
        assert not table.show_horizontal_scrollbar
