# SPDX-License-Identifier: GPL-3.0-or-later
"""What is painted when: a key waits for all of it, so no row and no tile is painted that looks as before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._context import visible_screen_stack
from textual.app import App
from textual.color import Color
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen, Screen
from textual.strip import Strip

from station.events import SlotEvent, SlotState
from station.model import Language
from station.tui import grid, tile
from station.tui.app import BenchApp
from station.tui.canvas import Row
from station.tui.rows import Beside
from station.tui.screens.bench import BenchScreen
from station.words.language import Words
from tests.tui.fake_desk import UID, FakeDesk
from tests.tui.tui_floor import Floor, floor

pytestmark = pytest.mark.asyncio

SLOTS = 16


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The slots whose tiles are painted, in order."""
    slots: list[str] = []

    def paint(event: SlotEvent, words: Words, width: int, height: int) -> list[Row]:
        slots.append(event.slot)
        return tile.paint(event, words, width, height)

    monkeypatch.setattr(grid, "paint", paint)
    yield slots


async def both_languages(bench: Floor) -> None:
    await bench.press("f2")
    await bench.sees("空格：确认")
    await bench.press("f2")
    await bench.sees("Space: confirm")


async def test_who_changes_the_language_and_back_has_each_tile_painted_once(painted: list[str]) -> None:
    async with floor(FakeDesk(slot_count=SLOTS), (160, 45)) as bench:
        await both_languages(bench)
        assert len(painted) == SLOTS * len(Language)
        await both_languages(bench)
        assert len(painted) == SLOTS * len(Language)


async def test_a_list_that_opens_has_no_cell_measured_and_its_screen_not_styled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[str] = []
    styled: list[DOMNode] = []
    measure, style = Text.__rich_measure__, App.update_styles

    def measuring(self: Text, console: Console, options: ConsoleOptions) -> Measurement:
        measured.append(self.plain)
        return measure(self, console, options)

    def styling(self: BenchApp, node: DOMNode, animate: bool = True) -> None:
        styled.append(node)
        style(self, node, animate)

    monkeypatch.setattr(Text, "__rich_measure__", measuring)
    monkeypatch.setattr(App, "update_styles", styling)
    async with floor() as bench:
        await bench.supervise("down", "down", "enter")
        await bench.sees("cam_0000")
        await bench.press("escape")
        assert "Name" in measured
        assert "cam_0000" not in {text.rpartition("/")[2] for text in measured}
        assert [node for node in styled if isinstance(node, Screen)] == []


async def test_only_the_tile_that_looks_otherwise_is_painted_and_in_no_language_as_it_was(painted: list[str]) -> None:
    desk = FakeDesk(slot_count=SLOTS)
    async with floor(desk, (160, 45)) as bench:
        await both_languages(bench)
        painted.clear()
        was = bench.app.bench.slots()[4]
        desk.emit(replace(was, at=was.at + 1))  # said again
        desk.slot("3", SlotState.IN_DOUBT, uid=UID)
        await bench.sees("00A1")
        assert painted == ["3"]
        await bench.press("f2")
        await bench.sees("空格：确认", "00A1")
        assert painted == ["3", "3"]


async def test_a_tile_that_is_kept_is_as_it_would_be_painted_anew() -> None:
    desk = FakeDesk(slot_count=SLOTS)
    async with floor(desk, (160, 45)) as bench:
        slots = bench.app.bench.query_one(grid.SlotGrid)

        def as_kept() -> list[str]:
            kept = seen()
            slots._forget()
            assert kept == seen()
            return kept

        def seen() -> list[str]:
            return [strip.render(bench.app.console) for strip in slots.render_lines(slots.size.region)]

        looks = [as_kept()]
        await bench.pilot.resize_terminal(120, 30)
        looks.append(as_kept())
        slots.give(slots._rows - SLOTS)
        looks.append(as_kept())
        slots.have((*slots._slots[:-1], "other"))
        looks.append(as_kept())
        desk.slot("3", SlotState.IN_DOUBT, uid=UID)
        await bench.sees("00A1")
        looks.append(as_kept())
        assert all(one != other for one, other in pairwise(looks))


async def test_the_language_paints_no_row_of_the_screen_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    async with floor(FakeDesk(slot_count=SLOTS), (160, 45)) as bench:
        await both_languages(bench)
        plain = BenchScreen.render_line

        def render_line(self: BenchScreen, y: int) -> Strip:
            rows.append(y)
            return plain(self, y)

        monkeypatch.setattr(BenchScreen, "render_line", render_line)
        await both_languages(bench)
    assert rows == []


async def test_a_tile_that_has_changed_has_no_other_filtered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's style cache would make all cells beside it anew, for each filter."""
    desk, size, cells = FakeDesk(slot_count=SLOTS), (160, 45), 0

    def counted(self: ANSIToTruecolor, segments: list[Segment], background: Color) -> list[Segment]:
        nonlocal cells
        if background == grid._GROUND:  # of the slots; a bar has its own
            cells += sum(segment.cell_length for segment in segments)
        return plain(self, segments, background)

    async with floor(desk, size) as bench:
        await bench.sees("Space: confirm")
        plain = ANSIToTruecolor.apply
        monkeypatch.setattr(ANSIToTruecolor, "apply", counted)
        desk.slot("3", SlotState.IN_DOUBT, uid=UID)
        await bench.sees("00A1")
        wide, high = bench.app.bench.query_one(grid.SlotGrid)._tile_size()
    assert wide * high <= cells < 2 * wide * high < size[0] * high


async def test_a_key_behind_a_frame_waits_2_ms_for_the_next_one_and_nothing_glides() -> None:
    """In a process of its own: Textual reads it as it is imported, before a test asks."""
    asked = "import station.tui; from textual import constants as c; print(c.MAX_FPS, c.TEXTUAL_ANIMATIONS)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL_")}
    told = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1000", "none"]


async def test_a_row_of_tiles_none_of_which_has_changed_is_the_same_row() -> None:
    desk = FakeDesk(slot_count=SLOTS)
    async with floor(desk, (160, 45)) as bench:
        tiles = bench.app.bench._grid
        before = tiles.render_lines(tiles.size.region)
        desk.slot("3", SlotState.IN_DOUBT, uid=UID)
        await bench.sees("00A1")
        after = tiles.render_lines(tiles.size.region)
        changed = {y for y in tiles.size.region.line_range if after[y] is not before[y]}
        assert changed == set(tiles._region("3").line_range)


@pytest.mark.parametrize("end", [None, *range(-1, 12)])
async def test_strips_beside_one_another_are_cut_and_shown_as_one(end: int | None) -> None:
    segments = [Segment("ab"), Segment("烧", Style(bold=True)), Segment("c"), Segment("defg", Style(color="red"))]
    parts, whole, console = [Strip(segments[:2]), Strip(segments[2:3]), Strip(segments[3:])], Strip(segments), Console()
    for start in range(4):
        cut, same = Beside(parts).crop(start, end), whole.crop(start, end)
        assert (cut.cell_length, list(cut), cut.render(console)) == (same.cell_length, list(same), same.render(console))


async def test_a_row_of_a_tile_that_looks_as_one_before_is_not_made_anew() -> None:
    desk = FakeDesk(slot_count=SLOTS)
    async with floor(desk, (160, 45)) as bench:
        tiles = bench.app.bench._grid
        desk.slot("1", SlotState.BUSY, percent=40, uid=UID)
        desk.slot("2", SlotState.BUSY, percent=40, uid=UID)
        await bench.until(lambda: all(event.percent == 40 for event in tiles.events()[:2]))
        tiles.render_lines(tiles.size.region)
        first, second = (tiles._tile(slot, bench.app.words) for slot in ("1", "2"))
        assert sum(one is other for one, other in zip(first, second, strict=True)) > len(first) // 2


async def test_what_stands_beside_a_change_is_put_into_no_codes_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, console = [Strip([Segment(letter * 4, Style(bold=True))]) for letter in "abc"], Console()
    Beside(parts).render(console)
    rendered: list[str] = []

    def render(_style: Style, text: str, *_: object, **__: object) -> str:
        rendered.append(text)
        return text

    monkeypatch.setattr(Strip, "render_style", staticmethod(render))
    parts[1] = Strip([Segment("dddd", Style(bold=True))])
    row = Beside(parts)
    row.crop(0, 8).render(console)
    row.render(console)
    assert rendered == ["dddd"]


async def test_what_is_behind_a_dialog_is_shown_as_textual_has_it_and_not_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with floor(FakeDesk(slot_count=SLOTS), (160, 45)) as bench:
        bench.desk.all_states()
        await bench.press("f9")
        await bench.sees("Li Wei")
        pin = bench.app.screen
        shown = pin.render_lines(pin.size.region)
        visible_screen_stack.set(bench.app._background_screens)
        textual_s = ModalScreen.render_lines(pin, pin.size.region)
        assert [cells(row) for row in shown] == [cells(row) for row in textual_s]
        assert pin.render_lines(Region(3, 7, 20, 2))[1].text == shown[8].crop(3, 23).text

        monkeypatch.setattr(BackgroundScreen, "process_segments", lambda *_: pytest.fail("made anew"))
        bench.desk.slot("3", SlotState.PASS, uid=UID)
        await bench.press("f2")
        await bench.sees("空格：确认")


def cells(row: Strip) -> list[tuple[str, object]]:
    """Letter and what may be seen of its style."""
    return [
        (letter, (style.color, style.bgcolor, style.bold, style.reverse) if style and letter != " " else None)
        for text, style, _ in row
        for letter in text
    ]
