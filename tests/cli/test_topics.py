# SPDX-License-Identifier: GPL-3.0-or-later
"""`station help`: topics, their pages as a terminal shows them, commands by name."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.cli.doc_page import page_lines
from station.codes import Exit
from station.docs import TOPICS, page_text, title_of
from station.model import Language
from station.words.width import cells
from tests.cli.cli_shell import Shell

MARKS = re.compile(r"\]\(|<!--|```|\*\*|^#+ |^\|", re.MULTILINE)
CHINESE = ("--set", "bench.language=zh")
INSIDE = st.text("ab 证书，（）-", min_size=1, max_size=60).filter(str.strip)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_fits_the_terminal_and_shows_no_marks(topic: str, language: Language) -> None:
    text = page_text(topic, language)
    typed = {line for block in re.findall(r"^```.*?\n(.*?)^```$", text, re.M | re.S) for line in block.splitlines()}
    for width in (60, 80, 100):
        lines = [line for line in page_lines(text, width) if line.strip() not in {line.strip() for line in typed}]
        assert [line for line in lines if cells(line) > width] == []
        assert MARKS.findall("\n".join(lines)) == []
        assert lines[0] == title_of(topic, language)


@given(st.lists(st.tuples(INSIDE, INSIDE, INSIDE), min_size=1, max_size=5), st.integers(60, 120))
def test_a_table_is_as_wide_as_the_terminal_at_most_and_loses_nothing(rows: list[tuple[str, ...]], width: int) -> None:
    shown = list(
        page_lines("\n".join(f"| {' | '.join(row)} |" for row in (("a", "b", "c"), ("---",) * 3, *rows)), width)
    )
    assert all(cells(line) <= width for line in shown)
    letters = "".join("".join(row) for row in rows).replace(" ", "")
    assert sorted("".join(shown[2:]).replace(" ", "")) == sorted(letters)


def test_topics_are_listed_and_shown_in_the_language_of_the_bench(shell: Shell) -> None:
    listed = shell("help").out
    assert [line.split()[0] for line in listed.splitlines()[1 : len(TOPICS) + 1]] == list(TOPICS)
    assert "station help E204" in listed
    assert shell("help", "Recover").out.splitlines()[0] == title_of("recover", Language.ENGLISH)
    assert "(station help service)" in shell("help", "headless").out
    chinese = shell(*CHINESE, "help", "recover").out
    assert chinese.splitlines()[0] == title_of("recover", Language.CHINESE)
    assert "station backup FILE" in chinese and "`" not in chinese


def test_no_blank_comes_behind_a_chinese_mark_where_a_line_of_the_page_ended(shell: Shell) -> None:
    page = shell("--set", "bench.language=zh", "help", "operate").out.replace("\n", "")
    assert "谁来处理。F2 随时切换" in page


def test_a_command_by_its_name_shows_its_help(shell: Shell) -> None:
    assert shell("help", "flash").out == shell("flash", "--help").out


@pytest.mark.parametrize("words", [("nothing",), ("operate--json",), ("E999",)])
def test_what_is_none_is_said_with_where_they_are(shell: Shell, words: tuple[str, ...]) -> None:
    refused = shell("help", *words)
    assert (refused.code, "station help" in refused.err, refused.out) == (Exit.USAGE, True, "")


def test_a_long_page_is_turned_on_a_terminal_and_whole_in_a_pipe(tmp_path: Path) -> None:
    """The pager here is one that says that it was asked."""
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGER-ASKED; cat\n")
    pager.chmod(0o755)
    environment = {
        **os.environ,
        "PAGER": str(pager),
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "LINES": "24",
        "COLUMNS": "80",
    }
    command = [sys.executable, "-m", "station", "help", "recover"]
    piped = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "PAGER-ASKED" not in piped.stdout and "station adopt" in piped.stdout
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs) as shown:
        os.close(theirs)
        said = b""
        while chunk := _read(ours):
            said += chunk
    os.close(ours)
    assert shown.returncode == 0 and b"PAGER-ASKED" in said and b"station adopt" in said


def _read(terminal: int) -> bytes:
    """b"" where nobody has the other end any more."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
