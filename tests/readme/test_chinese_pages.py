# SPDX-License-Identifier: GPL-3.0-or-later
"""Each page in Chinese has all that the English one has: sections, commands, tables and pictures, in the same order."""

from __future__ import annotations

import re

import pytest

from tests.readme.pages import PAIRS

each_page = pytest.mark.parametrize(
    ("english", "chinese"), [[p.read_text("utf-8") for p in PAIRS[t]] for t in PAIRS], ids=PAIRS
)
_BLOCK = re.compile(r"```.*?```", re.DOTALL)
_CODES = re.compile(r"\bE\d\w\w\b")
_QUOTED = re.compile(r"`([^`]+)`")
_COMMAND = re.compile(r"station( [a-z][a-z-]+)+")


def prose(text: str) -> str:
    return _BLOCK.sub("", text)


def parts(text: str) -> list[str]:
    """What stands under each heading; the headings' depth in front."""
    return re.split(r"^(?=#)", prose(text), flags=re.MULTILINE)


def rows(text: str) -> list[list[str]]:
    lines = [line for line in prose(text).splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


def untranslated(cell: str) -> set[str]:
    """What no translation may change: codes of errors, file names of tests, profiles, exit codes."""
    files = {quoted for quoted in _QUOTED.findall(cell) if quoted.startswith(("tests/", "tests."))}
    return files | set(_CODES.findall(cell)) | set(re.findall(r"^ \d+ $", cell))


@each_page
def test_it_has_the_same_sections_in_the_same_order(english: str, chinese: str) -> None:
    def shape(text: str) -> list[str]:
        return [part.partition(" ")[0] for part in parts(text)[1:]]

    assert shape(chinese) == shape(english)


@each_page
def test_each_section_has_as_many_tables_lists_and_pictures(english: str, chinese: str) -> None:
    def furniture(part: str) -> tuple[int, ...]:
        marks = (r"^\|---", r"^- ", r"^\d\. ", r"^!\[")
        return tuple(len(re.findall(mark, part, re.MULTILINE)) for mark in marks)

    titles = [part.splitlines()[0] for part in parts(english)[1:]]
    ours, theirs = ([furniture(part) for part in parts(text)[1:]] for text in (chinese, english))
    assert dict(zip(titles, ours, strict=True)) == dict(zip(titles, theirs, strict=True))


@each_page
def test_its_code_blocks_are_the_same_but_for_comments(english: str, chinese: str) -> None:
    def blocks(text: str) -> list[str]:
        return [re.sub(r"\s+# .*", "", block) for block in _BLOCK.findall(text)]

    assert blocks(chinese) == blocks(english)


@each_page
def test_its_tables_have_the_same_rows_with_the_same_codes_and_tests(english: str, chinese: str) -> None:
    ours, theirs = rows(chinese), rows(english)
    assert [len(row) for row in ours] == [len(row) for row in theirs]
    for mine, row in zip(ours, theirs, strict=True):
        assert [untranslated(cell) for cell in mine] == [untranslated(cell) for cell in row]


@each_page
def test_every_command_that_is_named_is_named_there_too(english: str, chinese: str) -> None:
    def named(text: str) -> set[str]:
        return {command[0] for quoted in _QUOTED.findall(prose(text)) if (command := _COMMAND.match(quoted))}

    assert named(english) - named(chinese) == set()
