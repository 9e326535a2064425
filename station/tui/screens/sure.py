# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be taken back is asked once, so that a slip of the hand does not do it."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from station.tui.say import Phrase, Say, Shout
from station.tui.screens.room import Dialog


class Sure(Dialog[Literal[True]]):
    """Space does it, Esc does not."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "do")]

    def __init__(self, question: Phrase, keys: Phrase, *, about: str = "") -> None:
        """`about`: what was scanned, to be shown large."""
        super().__init__()
        self._question, self._keys, self._about = question, keys, about

    def compose(self) -> ComposeResult:
        scanned = [Shout(self._about)] if self._about else []
        yield self.box(Say(self._question, classes="big"), *scanned, Say(self._keys, classes="keys"))

    def confirmed(self) -> None:
        self.action_do()

    def badge_scanned(self, text: str) -> None:
        """A scanner that is triggered twice answers nothing here."""
        self.label_scanned(text)

    def label_scanned(self, text: str) -> None:
        self.echo(text, lambda words: words.bench.scan_unknown)

    def action_do(self) -> None:
        self.dismiss(True)  # noqa: FBT003 - a dialog's result has no name
