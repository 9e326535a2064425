# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's card: every tile as the screen paints it, what to do, and all of it on one page of A4."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from rich.cells import cell_len

from station.codes import Exit
from station.events import SlotEvent, SlotState
from station.model import Language
from station.tui.card import card_page
from station.tui.tile import paint
from station.tui.tile_picture import tile_picture
from station.words.card_words import card_words
from station.words.instruction import instruction
from station.words.tongues import TONGUES
from tests.cli.cli_shell import Shell
from tests.waiting import PATIENCE_S

BROWSER = shutil.which("chromium-headless-shell")
AREAS = "█▀▄▚░"
each_language = pytest.mark.parametrize("language", Language)


@each_language
def test_every_tile_is_on_it_with_what_to_do(language: Language) -> None:
    words = TONGUES[language]
    page, text = card_page(words), card_words(words)
    shown = re.findall(r'<li data-state="(\w+)"><svg role="img" aria-label="([^"]+)".*?<p class="do">([^<]+)</p>', page)
    assert sorted(state for state, _, _ in shown) == sorted(SlotState)
    for state, word, do in shown:
        assert (word, do) == (words.states[SlotState(state)][0], text.tiles[SlotState(state)].do)
    assert all(about.means and about.do for about in text.tiles.values())


@each_language
@pytest.mark.parametrize("state", SlotState)
def test_a_picture_has_each_letter_of_the_tile_in_its_place(state: SlotState, language: Language) -> None:
    event = SlotEvent(slot="<3>", at=0.0, state=state, percent=45, uid="a4cf12bc00a1", device_name='&"cam')
    rows = paint(event, TONGUES[language], 44, 10)
    wanted, x = set(), 0
    for y, row in enumerate(rows):
        x = 0
        for letter in "".join(text for text, _ in row):
            if letter not in f"{AREAS} ":
                wanted.add((x * 8, y * 16 + 12, letter))
            x += cell_len(letter)
    drawn = ElementTree.fromstring(tile_picture(rows, state))
    found = {
        (int(at), int(text.attrib["y"]), letter)
        for text in drawn.iter("text")
        for at, letter in zip(text.attrib["x"].split(), text.text or "", strict=True)
    }
    assert found == wanted
    assert len(list(drawn.iter("path"))) > 0
    papers = [part.attrib["fill"] for part in drawn.iter("rect")]
    assert len(papers) == 1 + sum(map(len, rows))


@each_language
def test_it_needs_nothing_from_elsewhere(language: Language) -> None:
    page = card_page(TONGUES[language])
    assert "default-src 'none'" in page
    assert re.findall(r"\b(?:src|href|style|on\w+)=|url\(|@import|<script", page) == []


def test_the_card_says_what_the_tiles_say() -> None:
    """Where a tile has one instruction whatever its code is, the card's has its words."""
    for state, short in ((SlotState.EMPTY, "board in"), (SlotState.BUSY, "Hands off"), (SlotState.LOCKED, "upervisor")):
        words = TONGUES[Language.ENGLISH]
        said = instruction(SlotEvent(slot="1", at=0.0, state=state), words)
        assert short in said[0] and short in card_words(words).tiles[state].do


def test_the_command_writes_it_whole_or_not_at_all(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    file = shell.folder / "card.html"
    done = shell("docs", "card", "--html", str(file), "--language", "zh")
    assert (done.code, done.out) == (Exit.OK, "")
    assert str(file) in done.err
    assert file.read_text("utf-8") == card_page(TONGUES[Language.CHINESE])
    nowhere = shell("docs", "card", "--html", str(shell.folder / "none" / "card.html"))
    assert (nowhere.code, "was not written" in nowhere.err) == (Exit.STATION_FAULT, True)
    assert [path.name for path in shell.folder.glob("*card*")] + [
        path.name for path in shell.folder.glob(".card*")
    ] == ["card.html"]


@pytest.mark.skipif(BROWSER is None, reason="no chromium-headless-shell; see .ci/system-packages")
@each_language
def test_it_prints_on_one_page_of_a4(language: Language, tmp_path: Path) -> None:
    page = card_page(TONGUES[language])
    (_, width, height), *further = printed(page, tmp_path)
    assert (further, round(width / 72 * 25.4), round(height / 72 * 25.4)) == ([], 210, 297)


@pytest.mark.skipif(BROWSER is None, reason="no chromium-headless-shell; see .ci/system-packages")
def test_what_is_too_long_would_be_seen(tmp_path: Path) -> None:
    page = card_page(TONGUES[Language.CHINESE])
    longer = page.replace("</footer>", "<p>x</p>" * 6 + "</footer>")
    assert len(printed(longer, tmp_path)) == 2


def printed(page: str, folder: Path) -> list[tuple[str, float, float]]:
    """The pages: what says so, width and height in points."""
    assert BROWSER is not None
    html, paper = folder / "card.html", folder / "card.pdf"
    html.write_text(page, "utf-8")
    quiet = ["--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'browser'}", "--no-pdf-header-footer"]
    command = [BROWSER, *quiet, f"--print-to-pdf={paper}", html.as_uri()]
    subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE_S)
    objects = re.findall(rb"/Type\s*/Page\b.*?/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper.read_bytes(), re.DOTALL)
    return [("page", float(wide), float(high)) for wide, high in objects]
