# SPDX-License-Identifier: GPL-3.0-or-later
"""F1, on every screen: a page for each error code; those that stand at the slots come first."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult

from station.codes import Code
from station.tui.say import Say
from station.tui.screens.filtering import FilterRoom
from station.tui.table import Table, TableRecord
from station.words.language import Words
from station.words.manual import manual_of, page_lines

IDLE_S = 60.0
"""Left alone for so long it closes itself: the slots are what the screen is for."""


class HelpRoom(FilterRoom):
    """Typing finds a code by its number or its words."""

    def __init__(self, at_hand: Iterable[Code]) -> None:
        super().__init__()
        self._codes = tuple(dict.fromkeys((*at_hand, *Code)))

    def title_phrase(self, words: Words) -> str:
        return manual_of(words).title

    def content(self) -> ComposeResult:
        yield Say(lambda words: manual_of(words).how)
        yield Table(_heads)

    def on_mount(self) -> None:
        self.reword()
        self.set_interval(5.0, self.close_when_idle)

    def close_when_idle(self) -> None:
        if self.left_alone(IDLE_S):
            self.dismiss()

    def reword(self) -> None:
        texts = self.words.codes
        self.table.fill([TableRecord(code, (code, texts[code].what, texts[code].do)) for code in self._codes])

    def _more(self, words: Words) -> str:
        """On a small screen too: the page is what was asked for."""
        code = Code.of(self.table.chosen())
        return "\n".join(page_lines(code, words)) if code else ""


class GuideHelp(HelpRoom):
    """Where no desk is yet: a scan is for nobody."""

    def scanned(self, text: str) -> None:
        """It is shown for what it is: not known."""
        self.echo(text, lambda words: words.bench.scan_unknown)


def _heads(words: Words) -> tuple[str, ...]:
    text = manual_of(words)
    return text.code, text.what, text.do
