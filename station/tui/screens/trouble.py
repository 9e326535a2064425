# SPDX-License-Identifier: GPL-3.0-or-later
"""An error as a dialog: its code, what happened, what it means, what to do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from station.codes import Code
from station.errors import StationError
from station.tui.say import Say
from station.tui.screens.room import Dialog
from station.words.language import Words
from station.words.told import error_lines, headline


class TroubleScreen(Dialog[None]):
    """Space, Enter or Esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "give_up")]

    def __init__(self, error: StationError) -> None:
        super().__init__()
        self._error = error

    @property
    def code(self) -> Code:
        return self._error.code

    def tells(self, error: StationError) -> bool:
        """Whether this is the trouble that it shows."""
        return (error.code, error.what) == (self._error.code, self._error.what)

    def confirmed(self) -> None:
        self.action_give_up()

    def compose(self) -> ComposeResult:
        error = self._error
        yield self.box(
            Say(self._headline, classes="big"),
            VerticalScroll(Say(lambda words: "\n".join(error_lines(error, words)), classes="spaced"), classes="told"),
            Say(lambda words: words.bench.go_on, classes="keys"),
            classes="bad",
        )

    def _headline(self, words: Words) -> str:
        return headline(self._error.code, words)
