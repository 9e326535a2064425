# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes on at the slots is seen in every room of the supervisor's, also without colour."""

from __future__ import annotations

from itertools import combinations

import pytest
from rich.cells import cell_len
from textual.geometry import Region
from textual.widget import Widget

from station.codes import Code
from station.events import Phase, SlotEvent, SlotState
from station.model import Language
from station.tui.app import BenchApp
from station.tui.palette import LOOKS
from station.tui.screens.menu import _ENTRIES
from station.tui.strip import SlotStrip, arrange, cell
from station.words.tongues import TONGUES
from tests.tui.fake_desk import DOUBT, UID, FakeDesk
from tests.tui.live_floor import PIN, Bench
from tests.tui.tui_floor import Floor, floor

LONG = 20.0


def drawn(event: SlotEvent, language: Language, width: int) -> str:
    return "".join(text for text, _ in cell(event, TONGUES[language], width))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", [5, 7, 9, 14, 24])
def test_each_state_reads_otherwise_without_any_colour_and_its_number_is_never_cut(
    language: Language, width: int
) -> None:
    cells = {state: drawn(SlotEvent(slot="12", at=0.0, state=state), language, width) for state in SlotState}
    for one, other in combinations(SlotState, 2):
        if LOOKS[one].mark != LOOKS[other].mark or width >= 7:
            assert cells[one] != cells[other], (one, other)
    assert all("12" in text and cell_len(text) == width for text in cells.values())


@pytest.mark.parametrize("count", [1, 2, 8, 16, 32, 64])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_slot_has_a_place_and_a_bench_of_eight_has_its_words(count: int, width: int) -> None:
    wide, a_row, rows = arrange(count, width)
    assert a_row * rows >= count > a_row * (rows - 1)
    assert a_row * (wide + 1) - 1 <= width
    assert rows <= 5
    if count <= 8:
        assert rows == 1 and wide >= 9


@pytest.mark.asyncio
@pytest.mark.parametrize(("language", "first"), [(Language.ENGLISH, 0), (Language.CHINESE, 1)])
async def test_a_doubt_at_a_slot_is_told_in_whatever_room_the_supervisor_is(language: Language, first: int) -> None:
    """Each room in one of the languages."""
    words = TONGUES[language]
    async with floor(FakeDesk(), (80, 24), language) as bench:
        await bench.press("f9", *"2468", "enter")
        await bench.sees("Li Wei")
        bench.desk.in_doubt = (DOUBT,)
        bench.desk.slot("3", SlotState.IN_DOUBT, uid=UID, code=Code.E311)
        for number in range(first, len(_ENTRIES), len(Language)):
            await bench.press("home", *["down"] * number, "enter")
            await bench.sees(f"3 ? {words.states[SlotState.IN_DOUBT][1]}", words.bench.waking.format(count=1))
            await bench.press("escape")


@pytest.mark.asyncio
async def test_what_the_bench_says_of_itself_stands_above_a_room_until_it_is_over() -> None:
    async with floor() as bench:
        await bench.supervise("enter")
        bench.desk.slot("2", SlotState.WAITING, uid=UID, code=Code.E320)
        bench.desk.notice(Code.E320, "disk full")
        await bench.sees("2 ~ WAIT", "E320  ")
        bench.desk.slot("2", SlotState.EMPTY)
        await bench.misses("E320  ")


@pytest.mark.asyncio
async def test_a_percent_more_paints_nothing_above_a_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async with floor() as bench:
        await bench.supervise("enter")
        bench.desk.slot("1", SlotState.BUSY, phase=Phase.WRITE, percent=1)
        await bench.sees("1 ► BUSY")
        painted: list[Widget] = []
        refresh = SlotStrip.refresh

        def counted(self: SlotStrip, *regions: Region, layout: bool = False) -> SlotStrip:
            painted.append(self)
            return refresh(self, *regions, layout=layout)

        monkeypatch.setattr(SlotStrip, "refresh", counted)
        for percent in range(2, 40):
            bench.desk.slot("1", SlotState.BUSY, phase=Phase.VERIFY, percent=percent)
        bench.desk.slot("2", SlotState.PASS)
        await bench.sees("2 ✓ PASS")
        assert len(painted) == 1


@pytest.mark.asyncio
async def test_a_board_pulled_while_it_is_written_is_seen_from_a_room_of_the_real_bench(bench: Bench) -> None:
    bench.demo.boards[0].troubles = {"cut_at": 3}
    app = BenchApp(bench.desk, bench.desk.station(), Language.ENGLISH)
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        floor = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
        await floor.press("f9")
        await floor.sees("Supervisor PIN: Li Wei")
        await floor.press(*PIN, "enter")
        await floor.sees("Supervisor: Li Wei", "1   EMPTY")
        await floor.press("enter")
        bench.plug(0, "1")
        tail = bench.demo.boards[0].uid[-4:].upper()
        await floor.sees("1 ? IN DOUBT", f"Put board …{tail} back", within_s=LONG)
