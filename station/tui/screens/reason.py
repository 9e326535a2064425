# SPDX-License-Identifier: GPL-3.0-or-later
"""A question that wants a reason, which goes into the audit."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Input

from station.people.badge import BADGE
from station.tui.say import Phrase, Say
from station.tui.screens.room import Dialog

LEAST_CELLS = 4
"""Across: four letters, or two Chinese characters."""
_LABEL = re.compile(r"(?=\S*\d)[0-9A-Za-z:._/@-]{8,}( \S+)?")
"""A badge, a uid, a label as we print them: what a scanner types, and no person as a reason."""


class Reason(Dialog[str]):
    """Gives the reason, or nothing. A scan that is typed into it is a scan and no reason."""

    takes_scans = False

    def __init__(self, question: Phrase) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        yield self.box(
            Say(self._question, classes="big"),
            Input(max_length=200, id="reason"),
            Say(lambda words: words.office.reason_needed, id="needed"),
            Say(lambda words: f"{words.office.ok}    {words.office.cancel}", classes="keys"),
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        reason = event.value.strip()
        if BADGE.fullmatch(reason) or _LABEL.fullmatch(reason):
            event.input.clear()
            self.scanned(reason)
        elif cell_len(reason) >= LEAST_CELLS:
            self.dismiss(reason)
        else:
            self.query_one("#needed").add_class("warn")
