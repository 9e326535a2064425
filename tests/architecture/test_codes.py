# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of error codes is what the code uses and what DESIGN.md and the pages tell; exits follow it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from station import errors
from station.codes import Blame, Code, Exit, Then
from station.errors import StationError
from tests.architecture import house

PAGES = [house.STATION / "docs" / name for name in ("errors.md", "errors.zh.md")]
DESIGN = (house.STATION / "DESIGN.md").read_text("utf-8")
FAMILIES = frozenset({Code.E200, Code.E300, Code.E310, Code.E700})
"""What an error says when its text says it all."""


CLASSES = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, StationError)
}


@dataclass(slots=True)
class Found:
    """What the modules say of codes, by their names."""

    used: set[str] = field(default_factory=set)
    texts: list[tuple[str, object]] = field(default_factory=list)
    strangers: list[tuple[str, str, str]] = field(default_factory=list)

    def look_at(self, node: ast.AST, path: Path) -> None:
        match node:
            case ast.Attribute(value=ast.Name(id="Code"), attr=code) if "words" not in path.parts:
                self.used.add(code)
            case ast.Constant(value=text) if re.fullmatch(r"E\d{3}", str(text)):
                self.texts.append((path.name, text))
            case ast.Call(func=ast.Name(id=name), keywords=keywords) if kind := CLASSES.get(name):
                given = [k.value.attr for k in keywords if k.arg == "code" and isinstance(k.value, ast.Attribute)]
                self.strangers += [(path.name, name, code) for code in given if code[:2] != kind.code[:2]]


@pytest.fixture(scope="module")
def found() -> Found:
    """Of those whose text has one: to parse all others is most of what it would cost."""
    seen = Found()
    for path in house.STATION.rglob("*.py"):
        if path.name == "codes.py" or "simulate" in path.parts:
            continue
        if re.search(r"\bCode\b|E\d{3}", text := path.read_text("utf-8")):
            for node in ast.walk(ast.parse(text)):
                seen.look_at(node, path)
    return seen


def test_every_code_is_used_and_none_is_a_text(found: Found) -> None:
    assert found.texts == []
    assert set(Code) - found.used == set()


def test_an_error_has_a_code_of_its_own_family(found: Found) -> None:
    """A class says where it went wrong; a code of another family would end a command with another exit."""
    assert found.strangers == []


def test_exit_1_is_a_board_that_failed_and_nothing_else() -> None:
    assert {code for code in Code if code.exit is Exit.BOARD_FAILED} == {
        code for code in Code if code.blame is Blame.BOARD
    }
    assert {code for code in Code if code.counts_in_yield} == {code for code in Code if code.blame is Blame.BOARD}


def test_what_a_hand_a_label_or_a_cable_did_blames_no_board() -> None:
    assert {Code.E209, Code.E210, Code.E212, Code.E214, Code.E311}.isdisjoint(c for c in Code if c.counts_in_yield)


def test_only_a_board_that_failed_by_itself_goes_to_the_red_bin_or_is_written_again() -> None:
    kept = {code for code in Code if code.then & (Then.RED_BIN | Then.WRITE_AGAIN)}
    assert kept == {code for code in kept if code.blame is Blame.BOARD}
    assert {code for code in Code if Then.WRITE_AGAIN in code.then} == {Code.E203, Code.E204, Code.E208}


def test_design_tells_exit_blame_and_what_follows_of_every_code() -> None:
    part = DESIGN.split("### Error codes")[1].split("\n## ")[0]
    told = {
        (code, int(row[1]), row[2])
        for row in re.finditer(r"^\| (\d) \| (\w+) \| (.*) \|$", part, re.MULTILINE)
        for code in row[3].split()
    }
    assert told == {(code.value, int(code.exit), code.blame.value) for code in Code}
    follows = {
        (row[1], code)
        for row in re.finditer(r"^\| ([A-Z_]+) \| [^|]* \| (.*) \|$", part, re.MULTILINE)
        for code in row[2].split()
    }
    assert follows == {(then.name, code.value) for code in Code for then in Then if then and then in code.then}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_what_to_do_is_told_of_every_code_and_of_no_other(page: Path) -> None:
    by_hand, _, _made = page.read_text("utf-8").partition("<!-- codes -->")
    rows = [line.split("|")[1] for line in by_hand.splitlines() if re.match(r"\| E\d", line)]
    told = {number for row in rows for number in re.findall(r"E\d{3}", row)}
    told |= {code for row in rows for family in re.findall(r"(E\d+)x", row) for code in Code if code.startswith(family)}
    assert told - set(Code) == set()
    assert set(Code) - told - FAMILIES == set()
