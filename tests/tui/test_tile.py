# SPDX-License-Identifier: GPL-3.0-or-later
"""A tile tells its state by word, texture and place, with and without colour, at every size a bench may have."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color

from station.codes import Blame, Code
from station.events import Phase, SlotEvent, SlotState
from station.model import Language
from station.tui.grid import arrange
from station.tui.palette import LOOKS
from station.tui.tile import paint
from station.words.language import Words
from station.words.tongues import TONGUES

BOTH = pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)
SIZES = [(19, 4), (29, 6), (39, 9), (58, 12), (119, 24)]


def event(state: SlotState, **values: object) -> SlotEvent:
    common = {"slot": "3", "at": 0.0, "state": state, "uid": "a4cf12bc00a1", "device_name": "cam_0007"}
    return SlotEvent(**(common | values))  # type: ignore[arg-type]


def lines(shown: SlotEvent, words: Words, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in row) for row in paint(shown, words, width, height)]


def luminance(colour: str) -> float:
    channels = [value / 255 for value in Color.parse(colour).get_truecolor()]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("state", SlotState)
def test_contrast_of_word_and_tile_is_at_least_4_5(state: SlotState) -> None:
    assert contrast(LOOKS[state].ink, LOOKS[state].paper) >= 4.5


@BOTH
@pytest.mark.parametrize("size", SIZES)
def test_states_differ_without_any_colour(words: Words, size: tuple[int, int]) -> None:
    shapes = {"\n".join(lines(event(state), words, *size)) for state in SlotState}
    assert len(shapes) == len(SlotState)


def test_pass_and_fail_differ_in_texture_border_and_lamp_too() -> None:
    words = next(iter(TONGUES.values()))
    passed = lines(event(SlotState.PASS), words, 39, 9)
    failed = lines(event(SlotState.FAIL, code=Code.E204, blame=Blame.BOARD), words, 39, 9)
    assert "╔" in failed[0] and "╳" in "".join(failed)
    assert "╔" not in passed[0] and "╳" not in "".join(passed)
    burns_at = [next(row for row, line in enumerate(shown) if line[2] in "✓✗") for shown in (passed, failed)]
    assert burns_at[0] < 4 < burns_at[1]


@BOTH
@pytest.mark.parametrize("state", SlotState)
@pytest.mark.parametrize("size", SIZES)
def test_every_row_is_as_wide_as_the_tile_in_cells(state: SlotState, words: Words, size: tuple[int, int]) -> None:
    shown = event(state, code=Code.E204 if state is SlotState.FAIL else None, phase=Phase.WRITE, percent=50)
    rows = lines(shown, words, *size)
    assert [cell_len(row) for row in rows] == [size[0]] * size[1]


@given(
    name=st.text(max_size=60),
    what=st.text(max_size=60),
    slot=st.text(min_size=1, max_size=12),
    size=st.tuples(st.integers(12, 80), st.integers(3, 20)),
    state=st.sampled_from(SlotState),
)
@settings(max_examples=150)
def test_no_text_of_a_board_bends_a_tile(
    name: str, what: str, slot: str, size: tuple[int, int], state: SlotState
) -> None:
    shown = event(state, device_name=name, what=what, slot=slot, set_name=name, channel=1, uid=name)
    for words in TONGUES.values():
        rows = lines(shown, words, *size)
        assert len(rows) == size[1]
        assert all(cell_len(row) == size[0] for row in rows)


@BOTH
@pytest.mark.parametrize("slot", ["1", "16", "ttyUSB0"])
def test_a_code_is_never_cut_whatever_the_size(words: Words, slot: str) -> None:
    """What is left of E311 is the number of another thing."""
    for state in set(SlotState) - {SlotState.BUSY}:
        for width in range(18, 60):
            for height in (4, 6, 8, 9, 12):
                shown = lines(event(state, slot=slot, code=Code.E311, blame=Blame.STATION), words, width, height)
                assert not re.search(r"(?<!E)311|E31?(?!1?\d)", "\n".join(shown)), (state, width, height)


def test_nothing_that_steers_a_terminal_gets_into_a_tile() -> None:
    words = next(iter(TONGUES.values()))
    shown = event(SlotState.PASS, device_name="a\x1b[2Jb\x07c\r\nd\u202ee\x9bf")
    text = "".join(lines(shown, words, 60, 12))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "a" in text


def test_a_busy_tile_fills_from_the_left() -> None:
    words = next(iter(TONGUES.values()))

    def filled(percent: int) -> int:
        rows = paint(event(SlotState.BUSY, phase=Phase.WRITE, percent=percent), words, 40, 9)
        amber = LOOKS[SlotState.BUSY].ink.lower()
        return sum(cell_len(text) for text, style in rows[4] if style.bgcolor and style.bgcolor.name.lower() == amber)

    assert filled(0) < filled(30) < filled(60) < filled(100)


@pytest.mark.parametrize("count", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("size", [(80, 19), (120, 26), (200, 43)])
def test_slots_stand_in_a_grid_without_gaps(count: int, size: tuple[int, int]) -> None:
    columns = arrange(count, *size)
    assert count % columns == 0


@BOTH
def test_pass_and_fail_are_in_block_letters_with_sixteen_slots_on_the_smallest_screen(words: Words) -> None:
    for state in (SlotState.PASS, SlotState.FAIL):
        assert "▀" in "".join(lines(event(state), words, 19, 4))


@pytest.mark.parametrize("state", SlotState)
@pytest.mark.parametrize("size", [(19, 4), (19, 9), (29, 6), (39, 9)])
@pytest.mark.parametrize("slot", ["3", "16"])
def test_a_chinese_tile_has_its_chinese_word_where_block_letters_have_no_room_for_it(
    state: SlotState, size: tuple[int, int], slot: str
) -> None:
    """As text, on the frame, or a character a row."""
    words = TONGUES[Language.CHINESE]
    shown = lines(event(state, slot=slot), words, *size)
    first_of_each_row = "".join(letter for line in shown for letter in re.findall("[\u4e00-\u9fff]", line)[:1])
    assert any(form in "".join(shown) or form in first_of_each_row for form in words.states[state])
