# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of a batch that was made elsewhere."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input

from station.tui.say import Say
from station.tui.screens.room import Dialog


class BatchNumber(Dialog[str]):
    """Gives the number, or nothing."""

    takes_scans = False

    def compose(self) -> ComposeResult:
        yield self.box(
            Say(lambda words: words.office.which_batch, classes="big"),
            Input(max_length=64),
            Say(lambda words: f"{words.office.ok}    {words.office.cancel}", classes="keys"),
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if number := event.value.strip():
            self.dismiss(number)
