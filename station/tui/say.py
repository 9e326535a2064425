# SPDX-License-Identifier: GPL-3.0-or-later
"""Text on a screen that follows the language and can never be read as markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.widget import Widget

from station.tui.language import Words

if TYPE_CHECKING:
    from station.tui.floor import FloorApp

Phrase = Callable[[Words], str]


def spoken(widget: Widget) -> Words:
    """The language the app speaks now."""
    return cast("FloorApp", widget.app).words


class Say(Widget):
    """A phrase in the present language. Change it with `say`."""

    DEFAULT_CSS = "Say { height: auto; width: 1fr; }"

    def __init__(self, phrase: Phrase | str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._phrase = phrase

    def say(self, phrase: Phrase | str) -> None:
        self._phrase = phrase
        self.refresh(layout=True)

    def render(self) -> Text:
        phrase = self._phrase
        return Text(phrase if isinstance(phrase, str) else phrase(spoken(self)), end="")
