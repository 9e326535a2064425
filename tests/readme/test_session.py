# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever README and the pages tell somebody to type is run as written, page after page in one folder; a block that is
not run says why. In one language: that both have the same blocks is another test's.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from station.andon.reading import andon_of
from station.config import settings
from station.outbox.asking import permit_of
from station.outbox.reading import outbox_of
from tests.readme.pages import DOCS, EVERY, PAIRS, STORY, blocks
from tests.readme.reading import reader

PLUGGED = {"consoles": ("tests/newcomer/lumo/board.py", "ttyLUMO", "lumo.json", "LM20-00A31F")}
"""By page: the board that is in when it is read, and where its port is."""


def test_what_the_pages_say_happens_as_written(tmp_path: Path) -> None:
    with reader(tmp_path) as somebody:
        for topic, (page, _) in PAIRS.items():
            if topic in PLUGGED:
                somebody.plugs_in(*PLUGGED[topic])
            for block in blocks(page):
                if not block.why_not and block.file != "station.toml" and not block.section.startswith(STORY):
                    somebody.reads(block)


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
def test_each_block_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page):
        assert bool(block.why_not) != (block.kind == "console" or bool(block.file)), block
    assert page.read_text("utf-8").count("\n```") % 2 == 0, "each fence is closed, and stands at a line's beginning"


@pytest.mark.parametrize("page", EVERY, ids=lambda page: page.name)
def test_settings_that_are_shown_are_ones(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.file == "station.toml":
            file = tmp_path / block.file
            file.write_text(block.text)
            file.chmod(0o600)
            loaded = settings.load(file, {})
            for read in (andon_of, outbox_of, permit_of):
                read(loaded)  # refuses what it does not know


def test_the_program_that_is_shown_is_short() -> None:
    (program,) = [block for block in blocks(DOCS / "api.md") if block.kind == "python"]
    assert len(program.text.splitlines()) < 20
    assert re.search(r"^import station$", program.text, re.MULTILINE)
