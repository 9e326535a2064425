# SPDX-License-Identifier: GPL-3.0-or-later
"""Text on a screen that follows the language and can never be read as markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget

from station.printable import printable
from station.tui.host import Speaker
from station.tui.letters import fit
from station.words.language import Words

Phrase = Callable[[Words], str]
LOW = 18
"""Rows of a screen, from which on a dialog has block letters and free rows around what it says."""
_LEAST_ROWS, _MOST_ROWS = 3, 7  # of block letters: what stands below them matters more on a small screen


def plain(text: str, *, lines: bool = True) -> Text:
    """A text from anywhere: not markup, no escape sequence, nothing unseen."""
    return Text(printable(text, lines=lines), end="")


def spoken(widget: Widget) -> Words:
    """The language the app speaks now."""
    return cast("Speaker", widget.app).words


class Say(Widget):
    """A phrase in the present language. Change it with `say`."""

    DEFAULT_CSS = "Say { height: auto; width: 1fr; }"

    def __init__(self, phrase: Phrase | str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._phrase = phrase

    def say(self, phrase: Phrase | str) -> None:
        self._phrase = phrase
        self.reword()

    def reword(self) -> None:
        """Another text may need another height."""
        self.refresh(layout=True)

    def render(self) -> Text:
        phrase = self._phrase
        return plain(phrase if isinstance(phrase, str) else phrase(spoken(self)))


class Shout(Say):
    """A phrase in block letters where the language and the width allow it."""

    DEFAULT_CSS = "Shout { height: auto; width: 1fr; text-style: bold; }"

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        return len(self._lines(width))

    def render(self) -> Text:
        return Text("\n".join(self._lines(self.size.width)), end="")

    def _lines(self, width: int) -> tuple[str, ...]:
        phrase = self._phrase if isinstance(self._phrase, str) else self._phrase(spoken(self))
        high = self.app.size.height
        rows = max(_LEAST_ROWS, min(_MOST_ROWS, high // 6)) if high >= LOW else 1
        return fit(phrase, width, rows) or (printable(phrase),)
