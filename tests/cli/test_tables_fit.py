# SPDX-License-Identifier: GPL-3.0-or-later
"""A table is no wider than its terminal, Chinese counted as it is shown, and nothing of it is left out."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.cli.progress_line import ProgressLine
from station.cli.table import laid_out
from station.events import SlotEvent, SlotState
from station.intake.progress import Progress
from station.model import Language
from station.words.language import Words
from station.words.run_lines import RunLines
from station.words.tongues import TONGUES
from station.words.width import cells
from tests.cli.cli_shell import Shell

TEXTS = st.text("ab 中文.”“，（", max_size=60).map(lambda text: " ".join(text.split()))
TABLES = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(TEXTS, min_size=n, max_size=n), min_size=1, max_size=4))


@given(TABLES, st.integers(40, 120))
def test_no_line_is_wider_and_no_letter_is_lost(rows: list[list[str]], width: int) -> None:
    lines = list(laid_out(rows, width))
    assert max(map(cells, lines)) <= width
    letters = sorted("".join("".join(row) for row in rows).replace(" ", ""))
    assert sorted("".join(lines).replace(" ", "")) == letters


@given(TABLES)
def test_where_no_terminal_is_a_row_is_a_line(rows: list[list[str]]) -> None:
    assert len(list(laid_out(rows))) == len(rows)


def test_eleven_columns_fit_a_terminal_of_eighty_too() -> None:
    lines = list(laid_out([["certificates"] * 11, ["77", *["a1B2c3D4e5F"] * 10]], 80))
    assert max(map(cells, lines)) <= 80
    assert sorted("".join(lines).replace(" ", "")) == sorted("certificates" * 11 + "77" + "a1B2c3D4e5F" * 10)


def test_columns_go_on_below_themselves() -> None:
    assert list(laid_out([("name", "meaning"), ("a.b", "this is what it means")], 16)) == [
        "name  meaning",
        "a.b   this is",
        "      what it",
        "      means",
    ]


def test_chinese_fills_its_line_whatever_word_stands_before_it() -> None:
    assert list(laid_out([("USB 插座的路径，拔下再插也不变",)], 16)) == ["USB 插座的路径，", "拔下再插也不变"]


def test_the_longest_table_fits_a_terminal_of_eighty(shell: Shell) -> None:
    shell.environment["COLUMNS"] = "80"
    code, shown = shell.on_terminal("--set", "bench.language=zh", "config", "show", answers=[])
    assert (code, max(cells(line) for line in shown.splitlines()) <= 80) == (0, True), shown


def event(slot: str, state: SlotState, name: str) -> SlotEvent:
    return SlotEvent(slot=slot, at=0.0, state=state, uid="ab01", device_name=name, seconds=1.0)


@pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)
def test_the_lines_of_a_run_stand_below_each_other_also_where_a_character_takes_two_cells(words: Words) -> None:
    events = event("1", SlotState.PASS, "cam1"), event("二号", SlotState.ALREADY_DONE, "cam1")
    lines = [RunLines(words).event(one) for one in events]
    assert len({cells(line.partition("cam1")[0]) for line in lines}) == 1
    assert all(line.endswith(words.commands.run.took.format(seconds="1.00")) for line in lines)


def test_a_line_of_progress_covers_the_one_before_and_fits_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    words = TONGUES[Language.CHINESE]
    line = ProgressLine(words.commands.progress.identities, words)
    monkeypatch.setattr(time, "monotonic", lambda: 1e12)
    line.show(Progress(done=1000, total=170_000, per_s=100.0, left_s=1690.0))
    shown = capsys.readouterr().err.removeprefix("\r")
    assert (cells(shown), shown.rstrip()) == (70, "1000/170000 份，100/秒，剩余 28 分 10 秒")
