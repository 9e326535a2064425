# SPDX-License-Identifier: GPL-3.0-or-later
"""What all programs on the factory floor share: one language at a time, no command palette, a terminal that is left as
it was however they end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.widget import Widget

from station.model import Language
from station.printable import printable
from station.tui.scanner import without_the_unseen
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

    def get_driver_class(self) -> type[Driver]:
        """Nobody else's: the browser's wall board, a test's, another system's."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from station.tui.direct import Direct  # noqa: PLC0415 - there is no such terminal everywhere

        return Direct

    def leave(self, how: Callable[[], object] | None = None) -> None:
        """From another thread: the screen ends, by `exit` or that other way, also where its terminal takes nothing any
        more."""
        if give_up := getattr(self._driver, "give_up", None):
            give_up()
        self.call_later(how or self.exit)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,  # noqa: ARG002 - Textual's signature
    ) -> None:
        """A text from anywhere is never read as markup."""
        super().notify(printable(message), title=title, severity=severity, timeout=timeout, markup=False)

    async def on_event(self, event: events.Event) -> None:
        """What is pasted may steer a terminal: a field shows it as it is."""
        if isinstance(event, events.Paste):
            event.text = "\n".join(map(without_the_unseen, event.text.splitlines()))
        await super().on_event(event)

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
