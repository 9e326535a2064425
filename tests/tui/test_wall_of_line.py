# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a line, as its pictures show it; what it says of a real ledger is in tests/postgres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from station.codes import Code
from station.errors import LedgerFault
from station.model import Language
from station.report.line import LineNumbers
from station.tui.bench_plates import _below
from station.tui.line_wall import LineWallApp
from station.words.tongues import TONGUES
from tests.sampled import sampled
from tests.tui.fake_desk import a_lock
from tests.tui.fake_line import A_SLOT, FakeLine
from tests.tui.test_snapshots import SIZES, compare, looks
from tests.tui.tui_floor import Size
from tests.tui.wall_floor import on_wall

pytestmark = pytest.mark.asyncio
_SMALL, _MIDDLE, _LARGE = SIZES
_WITHOUT_COLOURS = [
    (_SMALL, Language.ENGLISH, 32, "sixteen"),
    (_MIDDLE, Language.CHINESE, 12, "sixteen"),
    (_SMALL, Language.CHINESE, 8, "nocolor"),
    (_MIDDLE, Language.ENGLISH, 12, "nocolor"),
    (_SMALL, Language.CHINESE, 8, "sixteen"),
    (_MIDDLE, Language.ENGLISH, 12, "sixteen"),
    (_LARGE, Language.CHINESE, 32, "sixteen"),
    (_LARGE, Language.ENGLISH, 4, "sixteen"),
    (_SMALL, Language.ENGLISH, 32, "nocolor"),
    (_MIDDLE, Language.CHINESE, 12, "nocolor"),
    (_LARGE, Language.CHINESE, 4, "nocolor"),
    (_LARGE, Language.ENGLISH, 32, "nocolor"),
]


@pytest.mark.parametrize(
    ("size", "language", "count", "look"),
    [
        (_SMALL, Language.ENGLISH, 8, ""),
        (_SMALL, Language.CHINESE, 32, ""),
        (_MIDDLE, Language.CHINESE, 12, ""),
        (_MIDDLE, Language.ENGLISH, 32, ""),
        (_LARGE, Language.ENGLISH, 4, ""),
        (_LARGE, Language.CHINESE, 32, ""),
        *sampled(_WITHOUT_COLOURS, 5),
    ],
)
async def test_the_wall_board_of_a_line(
    size: Size, language: Language, count: int, look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looks(monkeypatch, look)
    monkeypatch.setattr("station.tui.line_wall.clock", lambda at: "08:00")
    async with on_wall(LineWallApp(FakeLine(count, locks=(A_SLOT,)), language), size) as wall:
        await wall.sees("7 E602", "bench-03", "…00A1")
        name = f"line-{size[0]}x{size[1]}-{count}-{language}{look and f'-{look}'}"
        compare(name, wall.app.export_screenshot(title="station board"), tmp_path)


@pytest.mark.parametrize(("size", "count"), [(_SMALL, 32), (_MIDDLE, 40), (_SMALL, 0)])
async def test_every_bench_is_on_it_or_counted_and_those_with_trouble_come_first(size: Size, count: int) -> None:
    async with on_wall(LineWallApp(FakeLine(count)), size) as wall:
        shown = await wall.sees("LEFT" if not count else "bench-01")
        named = [f"bench-{number:02}" for number in range(1, count + 1) if f"bench-{number:02}" in shown]
        if len(named) < count:
            assert f" +{count - len(named)} " in shown
            assert {"bench-03", "bench-04"} <= set(named)


class LongNamed(FakeLine):
    """Its benches have names of a factory."""

    def numbers(self) -> LineNumbers:
        found = super().numbers()
        long = (
            replace(bench, seen=replace(bench.seen, name=f"factory-east-{bench.seen.name}")) for bench in found.benches
        )
        return replace(found, benches=tuple(long))


@pytest.mark.parametrize("size", [_SMALL, _MIDDLE, _LARGE])
async def test_benches_with_long_names_are_told_apart(size: Size) -> None:
    async with on_wall(LineWallApp(LongNamed(20)), size) as wall:
        shown = await wall.sees(" LEFT")
        assert all(f"-{number:02} " in shown for number in range(1, 21)), shown


async def test_a_bench_that_has_no_row_is_counted_on_the_lowest_screen() -> None:
    async with on_wall(LineWallApp(FakeLine(32)), (80, 8)) as wall:
        await wall.sees("+32 ")


async def test_how_many_are_to_be_put_back_is_never_cut_from_a_plate() -> None:
    bench = next(bench for bench in FakeLine(4).numbers().benches if bench.to_put_back)
    for words in TONGUES.values():
        back = f"{words.bench.line_heads[3]} {bench.to_put_back}"
        below = {room: _below(bench, words, room) for room in range(cell_len(back), 60)}
        assert all(text.endswith(back) and cell_len(text) <= room for room, text in below.items())
        assert words.bench.line_heads[1] in below[59]


async def test_a_server_that_is_away_is_said_over_the_last_numbers_and_is_back_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("station.tui.line_wall.REFRESH_S", 0.05)
    line = FakeLine(4)
    async with on_wall(LineWallApp(line), _MIDDLE) as wall:
        await wall.sees("bench-04", misses=("E329",))
        line.trouble = LedgerFault("the server is gone", code=Code.E329)
        await wall.sees("E329", "bench-04")
        line.trouble = None
        await wall.sees("bench-04", misses=("E329",))


async def test_a_lock_of_the_whole_line_is_above_all() -> None:
    line = FakeLine(4, doubts=(), locks=(a_lock(Code.E702, "the witness was written"), A_SLOT))
    async with on_wall(LineWallApp(line), _MIDDLE) as wall:
        await wall.sees("!  E702", "LOCKED 7 E602")
