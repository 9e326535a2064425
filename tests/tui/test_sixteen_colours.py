# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal of 16 colours tells the states apart as one of millions does, on every screen."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from rich._palettes import STANDARD_PALETTE
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Background

from station.events import SlotState
from station.model import Language
from station.tui.canvas import Row
from station.tui.cut import cut
from station.tui.palette import LOOKS
from station.tui.sixteen import SixteenColours
from station.tui.tile import paint
from station.words.tongues import TONGUES
from tests.tui import drawn
from tests.tui.fake_desk import DOUBT, FakeDesk
from tests.tui.test_tile import contrast, event
from tests.tui.tui_floor import Floor, floor

WORDS = TONGUES[Language.ENGLISH]


def in_sixteen(rows: Iterable[Row], *, console: bool = False) -> list[list[Segment]]:
    sixteen = SixteenColours(console=console)
    return [sixteen.apply([Segment(text, style) for text, style in row], Background(0, 0, 0)) for row in rows]


def numbers(style: Style) -> tuple[int | None, int | None]:
    """What a terminal of 16 colours is sent: ink and paper, as what is left of them."""
    ink, paper = style.color, style.bgcolor
    assert ink is not None and paper is not None
    return ink.downgrade(ColorSystem.STANDARD).number, paper.downgrade(ColorSystem.STANDARD).number


def papers(state: SlotState, percent: int = 0) -> set[int | None]:
    rows = in_sixteen(paint(event(state, percent=percent), WORDS, 39, 9))
    return {numbers(style)[1] for row in rows[1:-2] for text, style, _ in row if style and len(text) > 3}


def test_fail_busy_and_doubt_stand_on_papers_of_their_own() -> None:
    red, brown, magenta = {1}, {3}, {5}
    assert papers(SlotState.FAIL) == red
    assert papers(SlotState.IN_DOUBT) == magenta
    assert papers(SlotState.BUSY, 100) == brown
    assert papers(SlotState.PASS) == {4}


@pytest.mark.parametrize("percent", [0, 50, 100])
@pytest.mark.parametrize("state", SlotState)
def test_every_word_is_readable_and_on_a_paper_that_a_console_has(state: SlotState, percent: int) -> None:
    for row in in_sixteen(paint(event(state, percent=percent), WORDS, 39, 9)):
        for text, style, _ in row:
            assert style is not None
            ink, paper = numbers(style)
            assert paper is not None and paper < 8
            assert not (ink == 0 and style.bold), "bold black is grey on a console"
            if any(letter in "█▀▄" or letter.isalnum() for letter in text):
                assert contrast(shown(style.color), shown(style.bgcolor)) >= 4.5, (text, style)


def shown(colour: Color | None) -> str:
    assert colour is not None
    return colour.get_truecolor().hex


def test_a_text_that_is_cut_says_so_on_a_console_too() -> None:
    shown = in_sixteen([[(cut("Slot locked: failures", 12), Style())]], console=True)
    assert shown[0][0].text == "Slot locked»"


def test_a_console_gets_strokes_of_its_font_and_the_states_still_differ_without_colour() -> None:
    drawn = {
        state: "\n".join(
            "".join(text for text, _, _ in row) for row in in_sixteen(paint(event(state), WORDS, 39, 9), console=True)
        )
        for state in SlotState
    }
    assert len(set(drawn.values())) == len(SlotState)
    lacking = set("".join(drawn.values())) - set("".join(map(chr, range(32, 127)))) - set("\n░▒▓│┌┐└┘─═║╔╗╚╝█▄▀·»√")
    assert lacking == set()


@pytest.mark.asyncio
async def test_each_screen_has_nothing_but_the_sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")
    async with floor(FakeDesk(in_doubt=(DOUBT,)), (80, 24)) as bench:
        bench.desk.all_states()
        await bench.sees("Space: go on")
        only_sixteen(bench)
        await bench.press("space")
        await bench.sees("E204")
        only_sixteen(bench)
        await bench.press("f9", "0", "enter")
        await bench.sees("E605")
        only_sixteen(bench)
        await bench.press(*"2468", "enter")
        await bench.sees("Supervisor: Li Wei")
        await bench.press("enter")
        await bench.sees("1208441")
        only_sixteen(bench)


def only_sixteen(bench: Floor) -> None:
    """Each colour stays itself when it is made one of 16."""
    for strip in drawn.strips(bench.app):
        for _, style, _ in strip:
            for colour in (style.color, style.bgcolor) if style else ():
                if colour is not None and not colour.is_default:
                    number = colour.downgrade(ColorSystem.STANDARD).number
                    assert number is not None
                    assert STANDARD_PALETTE[number] == colour.get_truecolor(), colour


@pytest.mark.asyncio
async def test_more_colours_are_left_alone() -> None:
    async with floor() as bench:
        bench.desk.slot("1", SlotState.FAIL)
        await bench.sees("Red bin")
        inks = {style.bgcolor for strip in drawn.strips(bench.app) for _, style, _ in strip if style}
        assert Color.parse(LOOKS[SlotState.FAIL].paper) in inks
