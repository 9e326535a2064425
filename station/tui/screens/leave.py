# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending the station: asked once, so that a slip of the hand does not stop a bench."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from station.tui.say import Say
from station.tui.screens.room import Dialog


class Leave(Dialog[Literal[True]]):
    """Space ends, Esc goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "leave")]

    def compose(self) -> ComposeResult:
        yield self.box(
            Say(lambda words: words.bench.leave, classes="big"), Say(lambda words: words.bench.leave_do, classes="keys")
        )

    def action_leave(self) -> None:
        self.dismiss(True)  # noqa: FBT003 - a dialog's result has no name
