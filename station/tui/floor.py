# SPDX-License-Identifier: GPL-3.0-or-later
"""What both programs on the factory floor share: one language at a time, no command palette."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.reactive import var
from textual.widget import Widget

from station.model import Language
from station.tui.sixteen import SixteenColours, wanted
from station.words.language import Words
from station.words.tongues import TONGUES

STYLES = "floor.tcss"


class FloorApp(App[None]):
    """F2 changes the language at any moment, on whatever screen."""

    ENABLE_COMMAND_PALETTE = False
    CSS_PATH = STYLES
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "language", priority=True)]

    language: var[Language] = var(Language.ENGLISH, init=False)

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.set_reactive(FloorApp.language, language)
        few = wanted(self.console.color_system)
        self._sixteen = (SixteenColours(console=os.environ.get("TERM") == "linux"),) if few else ()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The 16 colours first: NO_COLOR makes greys of what is readable already."""
        return (*self._sixteen, *super().get_line_filters())

    @property
    def words(self) -> Words:
        return TONGUES[self.language]

    def action_language(self) -> None:
        self.language = self.language.next

    def watch_language(self) -> None:
        """Every widget is painted anew, and no screen: there is no word on one, and all of its rows would be."""
        for screen in self.screen_stack:
            for widget in (screen, *screen.query(Widget)):
                reword = getattr(widget, "reword", None)
                if reword is not None:
                    reword()
                if widget is not screen:
                    widget.refresh()
