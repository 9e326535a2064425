# SPDX-License-Identifier: GPL-3.0-or-later
"""Shift handover: totals, boards per hour, failures by code, doubts, stock, audit head; who hands over to whom."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input

from station.desk.desk import Grant
from station.errors import UsageError
from station.people.badge import badge_number
from station.report.handover import Handover
from station.tui.say import Say
from station.tui.screens.room import Room
from station.tui.screens.sure import Sure
from station.words.language import Words
from station.words.paper import handover_text


class HandoverRoom(Room):
    """The next operator's badge, typed or scanned, closes the shift; the report is saved as text and JSON."""

    takes_scans = False

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self._grant = grant
        self._report: Handover | None = None

    def title_phrase(self, words: Words) -> str:
        return words.office.handover

    def keys_phrase(self, words: Words) -> str:
        return words.office.ok

    def content(self) -> ComposeResult:
        yield Say(lambda words: words.office.hand_over_to)
        yield Input(max_length=64)
        yield Say(id="saved", classes="warn")
        yield VerticalScroll(Say(self._text, id="report"))

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        self.look(self.desk.handover, self._show)

    def _show(self, report: Handover) -> None:
        self._report = report
        self.query_one("#report", Say).say(self._text)

    def _text(self, words: Words) -> str:
        return handover_text(self._report, words) if self._report else ""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        badge = event.value.strip()
        event.input.clear()
        if badge:
            self.scanned(badge)

    def label_scanned(self, text: str) -> None:
        """E124 says what a badge looks like."""
        self.badge_scanned(text)

    def badge_scanned(self, text: str) -> None:
        """Here a badge is the next operator's, however it comes; on the bench it would rename the present one."""
        try:
            to = badge_number(text)
        except UsageError as error:
            self.host.show_trouble(error)
            return

        def make_sure(report: Handover) -> None:
            self._show(report)
            self._make_sure(text, to, of=report.operator)

        if self._report is None:  # a scanner is faster than the report
            self.look(self.desk.handover, make_sure)
        else:
            make_sure(self._report)

    def _make_sure(self, text: str, to: str, *, of: str) -> None:
        desk = self.desk

        def sure(yes: Literal[True] | None) -> None:
            if yes:
                self.ask(lambda: desk.hand_over(text), self._saved)

        def question(words: Words) -> str:
            return words.office.hand_over_sure.format(to=to, of=of or words.office.none)

        self.app.push_screen(Sure(question, lambda words: words.office.sure_keys, about=to), sure)

    def _saved(self, path: str) -> None:
        self.query_one("#saved", Say).say(lambda words: words.office.saved.format(path=path))
        self._read()
