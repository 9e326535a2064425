# SPDX-License-Identifier: GPL-3.0-or-later
"""A tile tells its state by word, texture and place, with and without colour, at every size a bench may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color

from station.codes import Blame, Code
from station.events import Asks, Phase, SlotEvent, SlotState
from station.tui import said
from station.tui.grid import arrange, tile_size
from station.tui.letters import LARGEST_FIRST, drawable, fit
from station.tui.palette import LOOKS
from station.tui.space import Space
from station.tui.tile import paint
from station.words.instruction import in_a_word, instruction
from station.words.language import Words
from station.words.tongues import TONGUES
from tests.sampled import sampled

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
@settings(max_examples=60)
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
        for size in sampled(list(product(range(18, 60), (4, 6, 8, 9, 12))), 7):
            shown = lines(event(state, slot=slot, code=Code.E311, blame=Blame.STATION), words, *size)
            assert not re.search(r"(?<!E)311|E31?(?!1?\d)", "\n".join(shown)), (state, size)


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


SCREENS = pytest.mark.parametrize(("screen", "rows"), [((80, 24), 20), ((120, 30), 26), ((200, 50), 38)])
"""What is left for the slots between the bars."""


def has_block(rows: list[str], block: tuple[str, ...]) -> bool:
    """Whether these letters stand in the tile, row below row."""
    return bool(block) and any(
        all(row.startswith(line, x) for row, line in zip(rows[y:], block, strict=False))
        for y in range(len(rows) - len(block) + 1)
        for x in places(block[0], rows[y])
    )


def places(text: str, row: str) -> Iterator[int]:
    """Where it begins in the row."""
    at = row.find(text)
    while at >= 0:
        yield at
        at = row.find(text, at + 1)


@BOTH
@SCREENS
@pytest.mark.parametrize("count", [1, 2, 4, 8, 16])
def test_every_state_is_in_block_letters_of_the_language_on_every_screen(
    screen: tuple[int, int], rows: int, count: int, words: Words
) -> None:
    size = tile_size(count, arrange(count, screen[0], rows), screen[0], rows)
    _, wide, high = Space(*size).word("16")
    for state in SlotState:
        shown = lines(event(state, slot="16", uid=""), words, *size)
        room = min(high, max(4, high * 3 // 4)) if state is SlotState.EMPTY else high
        blocks = [fit(form, wide, room) for form in words.states[state]]
        assert state is SlotState.EMPTY or any(blocks), state
        beside = Space(*size).low and state is SlotState.BUSY  # how far it is has its place in the same line
        drawn = any(is_drawn(shown, form) for form in words.states[state]) if beside else False
        assert drawn or not any(blocks) or any(has_block(shown, block) for block in blocks), (state, "\n".join(shown))


@BOTH
def test_on_a_large_tile_slot_code_and_what_to_do_are_large_too(words: Words) -> None:
    shown = lines(event(SlotState.FAIL, slot="12", code=Code.E204, blame=Blame.BOARD), words, 49, 19)
    do = words.short.get(words.codes[Code.E204].do, words.codes[Code.E204].do)
    for text, room in (("12", 3), ("E204", 3), (do.upper(), 4)):
        assert has_block(shown, fit(text, 45, room)), text
    none_left = event(SlotState.EMPTY, code=Code.E500)
    blocks = [fit(drawable(text), 43, 4) for text in in_a_word(none_left, words)]
    assert has_block(lines(none_left, words, 49, 19), next(filter(None, blocks)))


def on_a_tile() -> list[SlotEvent]:
    """Each state, and each code that a board in a slot may have."""
    asking = [event(state, asks=asks, do=do) for state in SlotState for asks in (None, *Asks) for do in ("", "off, on")]
    plain = [one for one in asking if one.state not in (SlotState.EMPTY, SlotState.LOCKED)]
    codes = [code for code in Code if code.startswith(("E2", "E3", "E5", "E63", "E64")) and code is not Code.E315]
    coded = [
        event(state, code=code, blame=code.blame)
        for code in (*codes, Code.E602, Code.E611, Code.E612, Code.E613, Code.E616, Code.E619, Code.E622, Code.E701)
        for state in (SlotState.FAIL, SlotState.WAITING, SlotState.LOCKED, SlotState.IN_DOUBT)
    ]
    return plain + coded


@BOTH
@pytest.mark.parametrize("count", [10, 16])
def test_what_to_do_is_drawn_for_each_state_and_code_on_the_narrowest_tiles_of_a_large_screen(
    count: int, words: Words
) -> None:
    space = Space(*tile_size(count, arrange(count, 200, 38), 200, 38))
    room = space.right - space.left - 2, space.asked - space.large
    small = {
        in_a_word(one, words) for one in on_a_tile() if not any(fit(drawable(t), *room) for t in in_a_word(one, words))
    }
    assert small == set()


@BOTH
@pytest.mark.parametrize("count", range(1, 17))
def test_on_a_large_screen_nothing_that_matters_is_a_row_of_text_however_many_slots(count: int, words: Words) -> None:
    size = tile_size(count, arrange(count, 200, 38), 200, 38)
    failed, passed = (
        event(SlotState.FAIL, slot="16", code=Code.E204, blame=Blame.BOARD),
        event(SlotState.PASS, slot="16"),
    )
    for one in (failed, passed):
        shown = lines(one, words, *size)
        assert is_drawn(shown, "16") and is_drawn(shown, one.code or ""), shown
        assert any(is_drawn(shown, drawable(text)) for text in in_a_word(one, words) if drawable(text)), shown


@pytest.mark.parametrize("size", [(80, 5), (40, 8), (20, 2)])
def test_no_slot_is_below_a_screen_however_low(size: tuple[int, int]) -> None:
    for count in range(1, 17):
        assert -(-count // arrange(count, *size)) <= size[1], count


@BOTH
def test_a_tile_of_one_row_begins_with_its_slot(words: Words) -> None:
    for state in SlotState:
        assert lines(event(state, slot="7"), words, 19, 1)[0].lstrip("─┄═ ").startswith("7 "), state


@BOTH
def test_what_is_to_be_done_is_not_cut_in_a_tile_of_one_row(words: Words) -> None:
    for state in SlotState:
        shown = event(state, slot="10")
        shortest = min(map(cell_len, instruction(shown, words)))
        for width in range(shortest + 8, 40):
            row = lines(shown, words, width, 1)[0]
            assert any(text in row for text in instruction(shown, words)), (width, row)
        assert any(form in lines(shown, words, 39, 1)[0] for form in words.states[state]), state


@BOTH
@pytest.mark.parametrize("width", [39, 52, 79])
def test_whatever_the_height_the_state_is_in_block_letters(width: int, words: Words) -> None:
    for height in range(6, 22):
        _, wide, high = Space(width, height).word("1")
        for state in SlotState:
            block, _ = said.word(event(state, uid=""), words, wide, high)
            assert len(block) > 1, (state, height)


def is_drawn(rows: list[str], text: str) -> bool:
    """Whether each of its words stands there in block letters of whatever size."""
    return all(
        any(size.font.draws(word) and has_block(rows, size.render(word)) for size in LARGEST_FIRST)
        for word in text.split()
    )


@BOTH
@pytest.mark.parametrize("state", SlotState)
@pytest.mark.parametrize("size", [(19, 5), (26, 4), (39, 5)])
def test_a_tile_without_a_free_row_below_it_ends_in_a_bar_or_a_line(
    size: tuple[int, int], state: SlotState, words: Words
) -> None:
    last = paint(event(state, uid=""), words, *size)[-1]
    is_bar = [bool(style.reverse) for _, style in last]
    text = "".join(text for text, _ in last)
    assert all(is_bar) or (text[0], text[-1]) == ("┄", "┄"), text


@BOTH
@pytest.mark.parametrize("size", [(19, 5), (39, 5), (29, 11), (49, 19)])
def test_a_board_in_doubt_is_called_by_the_end_of_its_uid(size: tuple[int, int], words: Words) -> None:
    shown = lines(event(SlotState.IN_DOUBT, code=Code.E601), words, *size)
    _, wide, high = Space(*size).word("3")
    called = [fit(f"{form} 00A1", wide, high) for form in (*words.states[SlotState.IN_DOUBT], "?")]
    alone = has_block(shown, fit("00A1", wide, high)) and words.states[SlotState.IN_DOUBT][0] in "\n".join(shown)
    assert alone or any(has_block(shown, block) for block in called), "\n".join(shown)


@BOTH
@pytest.mark.parametrize("size", [(19, 5), (26, 4), (39, 5), (29, 12), (49, 8), (49, 19)])
def test_a_locked_slot_shows_its_own_doubt_too(size: tuple[int, int], words: Words) -> None:
    shown = lines(event(SlotState.LOCKED, code=Code.E602, uid="", doubt="a4cf12bc00a1"), words, *size)
    text = "\n".join(shown)
    assert "00A1" in text or is_drawn(shown, "00A1") or is_drawn(shown, "?00A1"), text
    assert any(form in text or is_drawn(shown, form) for form in words.states[SlotState.LOCKED]), text


@BOTH
def test_a_locked_slot_calls_its_doubt_by_name_on_the_smallest_tile_too(words: Words) -> None:
    text = "\n".join(lines(event(SlotState.LOCKED, code=Code.E602, uid="", doubt="a4cf12bc00a1"), words, 19, 5))
    assert words.states[SlotState.IN_DOUBT][0] in text and "E602" in text, text


@BOTH
@pytest.mark.parametrize("state", [SlotState.ALREADY_DONE, SlotState.NO_STOCK, SlotState.WAITING])
def test_a_state_that_another_word_is_drawn_for_is_named_below_it(state: SlotState, words: Words) -> None:
    shown = lines(event(state), words, 19, 5)
    full, shorter = words.states[state][0], words.states[state][1:]
    drawn = [full, *(form for form in shorter if full.startswith(form))]
    assert full in "\n".join(shown) or any(is_drawn(shown, form) for form in drawn), "\n".join(shown)


def test_a_tile_has_a_free_row_below_it_where_a_row_can_be_spared() -> None:
    assert tile_size(8, 4, 120, 26) == (29, 12)
    assert tile_size(16, 4, 80, 20) == (19, 5)
