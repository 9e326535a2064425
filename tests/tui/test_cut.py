# SPDX-License-Identifier: GPL-3.0-or-later
"""What has no room says that it is cut, nothing else does; what tells two things apart is not what is cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from station.codes import Blame, Code
from station.desk.desk import Grant
from station.events import Notice, SlotEvent, SlotState
from station.model import Language
from station.printable import printable
from station.report.counters import Counters, SetProgress
from station.tui import plates
from station.tui.bars import CountersBar, HeaderBar, NoticeBar
from station.tui.cut import cut, filled, shortened
from station.tui.grid import arrange, tile_size
from station.tui.line_wall import LineWallApp
from station.tui.said import details
from station.tui.space import Space
from station.tui.strip import cell
from station.words.language import Words
from station.words.tongues import TONGUES
from tests.tui.fake_desk import FakeDesk
from tests.tui.fake_line import A_SLOT, FakeLine
from tests.tui.test_tile import BOTH, event, lines, on_a_tile
from tests.tui.tui_floor import floor
from tests.tui.wall_floor import on_wall

ENGLISH = TONGUES[Language.ENGLISH]


@given(text=st.text(max_size=30), width=st.integers(0, 20))
def test_a_text_takes_no_more_than_its_cells_and_is_whole_or_says_that_it_is_not(text: str, width: int) -> None:
    for shown in (cut(text, width), shortened(text, width)):
        assert cell_len(shown) <= width
        assert shown == printable(shown)
    assert cell_len(filled(text, width)) == width
    if text.isascii() and text.isprintable():
        whole = len(text) <= width
        assert (cut(text, width) == text) == (shortened(text, width) == text) == whole
        assert ("…" in cut(text, width)) == ("…" in shortened(text, width)) == (not whole and width > 0)


@pytest.mark.parametrize("width", range(2, 10))
def test_names_of_a_kind_differ_where_they_are_cut(width: int) -> None:
    assert len({shortened(f"fixture-{number}", width) for number in range(1, 9)}) == 8
    assert cell_len(shortened("一号工位上层3", width)) <= width and shortened("一号工位上层3", width).endswith("3")


SCREENS = [(80, 20), (120, 26), (200, 38), (80, 6)]


@BOTH
@pytest.mark.parametrize(("screen", "count"), list(product(SCREENS, [1, 2, 8, 10, 16])))
def test_why_is_on_a_tile_whole_or_with_a_mark_that_it_goes_on(
    screen: tuple[int, int], count: int, words: Words
) -> None:
    size = tile_size(count, arrange(count, *screen), *screen)
    if not Space(*size).detailed:
        return
    for one in (one for one in on_a_tile() if one.code and one.state in (SlotState.FAIL, SlotState.LOCKED)):
        text = "\n".join(lines(one, words, *size))
        assert one.code is not None
        why = words.codes[one.code].what
        room = Space(*size).right - Space(*size).left - 1
        if cell_len(why) <= room:
            assert why in text and f"{why[:4]}…" not in text, (one.code, text)
        else:
            assert cut(why, room) in text and cut(why, room).endswith("…"), (one.code, text)


def test_a_code_that_is_on_top_gives_way_to_the_whole_of_what_it_means() -> None:
    shown = event(SlotState.FAIL, code=Code.E204, blame=Blame.BOARD)
    text = "\n".join(lines(shown, ENGLISH, 24, 12))
    assert "Read-back differs" in text and "…" not in text and "E204" in text
    assert details(shown, ENGLISH, Space(24, 6))[-1].startswith("E204")  # no head there


@BOTH
@pytest.mark.parametrize("size", [(19, 5), (29, 12), (39, 9), (49, 8), (59, 12), (99, 18)])
def test_slots_with_long_names_are_told_apart(size: tuple[int, int], words: Words) -> None:
    for state in SlotState:
        shown = event(state, code=Code.E602 if state is SlotState.LOCKED else None)
        tiles = [lines(replace(shown, slot=name), words, *size) for name in ("fixture-11", "fixture-12")]
        assert tiles[0] != tiles[1], (state, "\n".join(tiles[0]))


def test_slots_with_long_names_are_told_apart_in_a_row_above_a_room_and_on_the_wall() -> None:
    names = [f"fixture-{number}" for number in range(8, 13)]
    for width in (5, 7, 9):
        cells = [cell(SlotEvent(slot=name, at=0.0, state=SlotState.IN_DOUBT), ENGLISH, width) for name in names]
        texts = ["".join(text for text, _ in one) for one in cells]
        assert len(set(texts)) == len(names) and all("?" in text for text in texts), texts
    for room in (4, 8, 20):
        texts = [plates._name(name, "?", room) for name in names]
        assert len(set(texts)) == len(names) and {cell_len(text) for text in texts} == {room}, texts


@pytest.mark.asyncio
@pytest.mark.parametrize("language", Language)
async def test_what_to_do_about_trouble_is_whole_on_the_smallest_screen(language: Language) -> None:
    words = TONGUES[language]
    longest = sorted(Code, key=lambda code: cell_len(words.codes[code].what + words.codes[code].do))[-8:]
    async with floor(FakeDesk(), (80, 24), language) as bench:
        for code in longest:
            bench.app.bench.query_one(NoticeBar).stand(Notice(at=0.0, code=code, what=""))
            await bench.sees(f" !  {code}", words.codes[code].do)


@pytest.mark.asyncio
async def test_a_name_gives_way_to_who_works_and_the_time_goes_before_it() -> None:
    async with floor(FakeDesk(), (80, 24)) as bench:
        header, info = bench.app.bench.query_one(HeaderBar), bench.desk.station()
        shown = {}
        for name in ("LINE-3", "demo, PIN 246810", "the second bench of the third line 12"):
            header.show(replace(info, name=name, operator="nobody – scan your badge!"), stocked=False)
            shown[name] = "".join(text for text, _ in header.drawn()[0])
            assert "nobody – scan your badge!" in shown[name] and "NO STOCK" in shown[name]
        assert "since" in shown["LINE-3"] and "demo, PIN 246810" in shown["demo, PIN 246810"]
        assert all("since 1…" not in text and "…  " not in text for text in shown.values()), shown
        assert " 12  " in shown["the second bench of the third line 12"]


@pytest.mark.asyncio
@pytest.mark.parametrize("width", [80, 120])
async def test_how_many_of_a_set_are_done_is_never_cut_by_its_name(width: int) -> None:
    desk = FakeDesk()
    long = "a1B2c3D4e5F/nvr_of_the_second_floor_behind_the_stairs_" + "9" * 30
    desk.figures = replace(desk.figures, current_set=SetProgress(name=long, done=3, total=8))
    async with floor(desk, (width, 24)) as bench:
        await bench.sees("3 of 8 done", *(["5 still missing"] if width < 100 else []))


@pytest.mark.asyncio
@pytest.mark.parametrize("in_bin", [3, 34, 345])
async def test_a_count_loses_no_figure_to_what_stands_beside_it(in_bin: int) -> None:
    async with floor(FakeDesk(), (80, 24)) as bench:
        bar = bench.app.bench.query_one(CountersBar)
        bar.show(Counters(in_doubt=120 + in_bin, in_red_bin=in_bin, ready=1_234_567, passed=7_654_321))
        values = "".join(text for text, _ in bar.drawn()[1])
        assert " 120 " in f"{values} " and " 1234567 " in values and " 7654321 " in values, values
        assert "…" not in values and (f"bin {in_bin}" in values) == (in_bin < 10), values


@pytest.mark.asyncio
async def test_a_title_that_has_no_room_is_cut_within_its_row() -> None:
    async with floor(FakeDesk(), (80, 24)) as bench:
        bench.app.admit(Grant(name="Supervisor-of-the-night-shift " * 4))
        await bench.sees("Supervisor: Supervisor-of-the-night-shift", "…")


@pytest.mark.asyncio
async def test_locks_on_a_line_that_have_no_room_are_counted_and_the_time_stays() -> None:
    locks = tuple(replace(A_SLOT, bench=f"bench-{number:02}", scope="fixture-7") for number in range(1, 33))
    async with on_wall(LineWallApp(FakeLine(32, locks=locks)), (80, 24)) as wall:
        shown = await wall.sees("LOCKED", "bench-01/fixture-7 E602")
        first = shown.splitlines()[0]
        counted = first.count("E602")
        assert f"+{32 - counted} " in first and first.rstrip()[-3] == ":", first
