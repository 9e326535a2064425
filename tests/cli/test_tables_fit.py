# SPDX-License-Identifier: GPL-3.0-or-later
"""A table is no wider than its terminal, Chinese counted as it is shown, and nothing of it is left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.cli.table import cells, laid_out
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
