# SPDX-License-Identifier: GPL-3.0-or-later
"""Block letters, the scanner, the feed, figures and the plots, each on its own."""

from __future__ import annotations

import string
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.events import Key

from station.codes import Code
from station.events import Notice, SlotEvent, SlotState
from station.model import Language
from station.tui.feed import Feed
from station.tui.letters import LARGE, SMALL, drawable, fit, fit_alike
from station.tui.scanner import FINGERS_S, MAX_LENGTH, STALE_S, Scanner, scans_in
from station.words.figures import bars, percent, span, sparkline
from station.words.language import Words
from station.words.tongues import TONGUES


def test_both_fonts_draw_what_a_scanner_may_send_and_no_two_letters_alike() -> None:
    for font in (LARGE, SMALL):
        assert font.draws(string.ascii_uppercase + string.digits + "%.:/-?+–")
        alike = [pixels for name, pixels in font.letters.items() if name not in "O0"]
        assert len(alike) == len(set(alike))
        assert all(len(pixels) == font.height for pixels in font.letters.values())


@given(
    text=st.text("ABCXYZ019 ", min_size=1, max_size=20).filter(str.strip),
    width=st.integers(1, 120),
    height=st.integers(1, 30),
)
def test_a_word_never_exceeds_its_space(text: str, width: int, height: int) -> None:
    rows = fit(" ".join(text.split()), width, height)
    assert len(rows) <= height
    assert all(cell_len(row) <= width for row in rows)
    assert len({cell_len(row) for row in rows}) <= 1


def test_figures_of_a_row_have_letters_of_one_size() -> None:
    wide, narrow = fit_alike(("98.7%", "12"), 38, 10)
    assert len(wide) == len(narrow) == len(fit("98.7%", 38, 10))
    assert len(fit("12", 38, 10)) > len(narrow)
    assert fit_alike(("98.7%", "12"), 10, 10) == ()


@pytest.mark.parametrize("words", TONGUES.values(), ids=[*TONGUES])
def test_before_the_first_board_the_figures_are_as_large_as_later(words: Words) -> None:
    unknown = percent(None), span(None, words)
    assert len(fit_alike((*unknown, "12"), 38, 10)[0]) == len(fit("12", 38, 10))


def test_letters_that_were_drawn_are_not_kept_for_ever() -> None:
    for board in range(2_000):
        fit(str(board), 8, 3)
        fit_alike((str(board),), 8, 3)
    assert fit.cache_info().currsize < 2_000 > fit_alike.cache_info().currsize


def test_more_room_makes_larger_letters() -> None:
    sizes = [len(fit("PASS", width, 20)) for width in (16, 32, 64, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@given(st.text(max_size=40))
def test_a_scan_is_drawn_whole_or_not(text: str) -> None:
    drawn = drawable(text)
    assert not drawn or any(font.draws(drawn) for font in (SMALL, LARGE))


def test_a_scan_in_chinese_is_drawn_or_left_as_it_is_and_never_turned_into_question_marks() -> None:
    assert drawable("板卡 12") == ""
    assert drawable("原板 12") == "原板 12"
    assert drawable("sn-0012") == "SN-0012"


def typed(scanner: Scanner, text: str, at: float) -> list[str]:
    scans = []
    for letter in text:
        name = {"\r": "enter", " ": "space"}.get(letter, letter)
        key = Key(name, None if letter == "\r" else letter)
        key.time = at
        _, scan = scanner.take(key)
        scans += [scan] if scan else []
    return scans


def test_scans_are_cut_at_enter_and_a_half_one_is_forgotten() -> None:
    scanner = Scanner()
    assert typed(scanner, "AB12\rCD\r", 100.0) == ["AB12", "CD"]
    assert typed(scanner, "HALF", 200.0) == []
    assert typed(scanner, "WHOLE\r", 200.0 + STALE_S + 1) == ["WHOLE"]


def test_of_a_scan_that_is_too_long_no_part_is_one() -> None:
    """A head or a tail of it may be another board's label."""
    long = "A" * MAX_LENGTH + "SN1"
    assert [len(scan) for scan in (*typed(Scanner(), f"{long}\r", 100.0), *scans_in(long))] == [MAX_LENGTH + 1] * 2


def test_a_lone_space_and_a_lone_enter_are_not_the_scanners() -> None:
    scanner = Scanner()
    for number, lone in enumerate((Key("space", " "), Key("enter", "\r"), Key("f2", None), Key("ctrl+q", "\x11"))):
        lone.time = 100.0 + 2 * number * FINGERS_S
        assert scanner.take(lone) == (False, None)


def test_a_control_character_in_a_scan_is_no_key_and_no_part_of_it() -> None:
    """What a person presses behind a scan is one."""
    scanner, at = Scanner(), 100.0
    for name, letter, came in (
        ("S", "S", (True, None)),
        ("ctrl+q", "\x11", (True, None)),
        ("escape", "\x1b", (True, None)),
        ("N", "N", (True, None)),
        ("enter", "\r", (True, "SN")),
        ("ctrl+q", "\x11", (False, None)),
        ("space", " ", (True, None)),
        ("enter", "\r", (True, None)),
    ):
        key = Key(name, letter)
        key.time = at = at + FINGERS_S / 4
        assert scanner.take(key) == came, name
    for name in ("ctrl+q", "f2"):
        key = Key(name, None)
        key.time = at = at + 2 * FINGERS_S
        assert scanner.take(key) == (False, None)


def slot(name: str, number: int) -> SlotEvent:
    return SlotEvent(slot=name, at=0.0, state=SlotState.BUSY, percent=number % 101)


def test_a_flood_from_sixteen_threads_wakes_the_screen_once_and_keeps_the_latest() -> None:
    wakes: list[int] = []
    feed = Feed(lambda: wakes.append(1))

    def flood(name: str) -> None:
        for number in range(500):
            feed.put(slot(name, number))

    threads = [threading.Thread(target=flood, args=(str(number),)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wakes) == 1
    taken = feed.take()
    assert {event.slot for event in taken.slots} == {str(number) for number in range(16)}
    assert {event.percent for event in taken.slots} == {499 % 101}
    feed.rearm()
    feed.put(Notice(at=0.0, code=Code.E401, what=""))
    assert len(wakes) == 2


def test_what_comes_between_taking_and_rearming_is_not_forgotten() -> None:
    wakes: list[int] = []
    feed = Feed(lambda: wakes.append(1))
    feed.put(slot("1", 1))
    feed.take()
    feed.put(slot("1", 2))
    assert len(wakes) == 1
    feed.rearm()
    assert len(wakes) == 2
    assert [event.percent for event in feed.take().slots] == [2]


def test_figures_read_as_on_the_floor() -> None:
    words = TONGUES[Language.ENGLISH]
    assert (percent(None), percent(0.98765), percent(0.9999), percent(1.0)) == ("–", "98.8%", "99.9%", "100%")
    assert [span(s, words) for s in (None, 0, 61, 7199, 3 * 3600, 5 * 86400)] == [
        "–",
        "0 min",
        "2 min",
        "120 min",
        "3 h",
        "5 d",
    ]


@given(st.lists(st.integers(0, 10_000), max_size=30))
def test_plots_show_the_largest_full_and_hide_nothing(values: list[int]) -> None:
    line = sparkline(values)
    assert len(line) == len(values)
    for value, bar in zip(values, line, strict=True):
        assert (bar == " ") == (value == 0)
        assert value < max(values) or value == 0 or bar == "█"
    for cells in (3, 5):
        rows = bars(values, 4, cells)
        assert len(rows) == 4
        assert {len(row) for row in rows} == {(cells + 1) * len(values)}
