# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages name exists: files, pages, commands, their options; README is one page that leads to all others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click
import pytest

from station.cli import cli
from station.docs import TOPICS, name_of, page_text, title_of
from station.model import Language
from tests.readme.pages import DOCS, EVERY, PAIRS, README, ROOT

each_page = pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
MOST_LINES = 220


def text_of(pages: Iterable[Path]) -> str:
    return "".join(page.read_text("utf-8") for page in pages)


def headings(page: Path) -> set[str]:
    """As a link names them."""
    found = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@each_page
def test_each_link_leads_somewhere(page: Path) -> None:
    for target, _, anchor in re.findall(r"\]\(([^)#]*)(#([^)]+))?\)", page.read_text("utf-8")):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not anchor or anchor in headings(file), f"{target}#{anchor}"


@each_page
def test_each_test_that_is_named_is_there(page: Path) -> None:
    for file in re.findall(r"\b(tests/[\w/]+(?:\.\w+)?)", page.read_text("utf-8")):
        assert (ROOT / file).exists(), file


@each_page
def test_each_command_takes_what_is_said_of_it(page: Path) -> None:
    for words in re.findall(r"`station ([a-z][^`]*)`", page.read_text("utf-8")):
        command: click.Command | None = cli
        rest = words.split()
        while isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z][a-z-]+", rest[0]):
            name = rest.pop(0)
            command = command.get_command(click.Context(command), name)
            assert command is not None, f"station {words}: {name}"
        known = {name for parameter in (command.params if command else ()) for name in parameter.opts} | {"--help"}
        assert {word.strip("[],") for word in rest if word.startswith("--")} <= known, words


def test_every_command_is_named_somewhere_in_both_languages() -> None:
    for pages in zip(*PAIRS.values(), strict=True):
        text = text_of(pages)
        assert [name for name in cli.list_commands(click.Context(cli)) if f"station {name}" not in text] == []


@pytest.mark.parametrize("readme", README, ids=lambda page: page.name)
def test_the_readme_is_a_page_that_leads_to_all_others(readme: Path) -> None:
    text = readme.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES, "what is long goes to station/docs"
    language = Language.CHINESE if "zh" in readme.name else Language.ENGLISH
    links = re.findall(r"^\| \[[a-z]+\]\(station/docs/([\w.]+)\)", text, re.MULTILINE)
    pages = [PAIRS[topic][language is Language.CHINESE].name for topic in TOPICS]
    assert links == pages


def test_there_is_a_page_for_each_topic_and_language_and_no_other() -> None:
    there, possible = set(DOCS.glob("*.md")), {DOCS / name_of(topic, one) for topic in TOPICS for one in Language}
    assert {page for topic in TOPICS for page in PAIRS[topic]} <= there <= possible
    for language in Language:
        titles = [title_of(topic, language) for topic in TOPICS]
        assert len(set(titles)) == len(TOPICS) and all(titles)
        assert all(page_text(topic, language).startswith("# ") for topic in TOPICS)
