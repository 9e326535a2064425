# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page, read by the program that shows it."""

from __future__ import annotations

import subprocess
from datetime import date

import click
from hypothesis import given
from hypothesis import strategies as st

from station.cli import cli
from station.cli.man_page import man_page
from station.codes import Exit
from station.docs import TOPICS

GROFF = ["groff", "-man", "-Tutf8", "-ww", "-rLL=200n", "-P-c", "-P-b", "-P-u"]


def read(troff: str) -> str:
    """As a terminal shows it, without bold; every warning is an error."""
    done = subprocess.run([*GROFF, "-K", "utf8"], input=troff, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_each_command_is_in_it_with_its_options_and_each_exit_code() -> None:
    shown = read(man_page(cli, on=date(2026, 11, 27)))
    for said in ("station flash", "station report batch", "--watch", "Exit codes: 0 ok", "2026-11-27"):
        assert said in shown, said
    assert [f"{int(code)} " in shown for code in Exit] == [True] * len(Exit)
    assert "--help" not in shown
    assert [topic for topic in TOPICS if f"station help {topic}" not in shown.partition("SEE ALSO")[2]] == []


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).map(str.strip).filter(bool))
def test_whatever_a_help_says_is_shown_letter_by_letter(text: str) -> None:
    page = man_page(click.Command("station", help=f"About.\n\n{text}"), on=date(2026, 11, 27))
    (line,) = [line for line in page.splitlines() if line.startswith(".PP")][:1]
    said = page.splitlines()[page.splitlines().index(line) + 1]
    plain = said.removeprefix(r"\&").replace(r"\(dq", '"').replace(r"\-", "-").replace(r"\e", "\\")
    assert plain == " ".join(text.split())
    assert not said.startswith((".", "'"))
