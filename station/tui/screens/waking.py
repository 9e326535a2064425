# SPDX-License-Identifier: GPL-3.0-or-later
"""The first screen after a pulled plug: which boards are in doubt, and what to do with them."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from station.report.shift import Doubt
from station.tui.say import Say, Shout
from station.tui.screens.room import Dialog
from station.words.figures import moment
from station.words.in_doubt import doubts_advice, what_to_do
from station.words.language import Words


class Waking(Dialog[None]):
    """Space goes on to the bench; the banner there keeps saying it until each board is resolved."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "give_up")]

    def __init__(self, doubts: tuple[Doubt, ...]) -> None:
        super().__init__()
        self._doubts = doubts

    def compose(self) -> ComposeResult:
        yield self.box(
            Shout(lambda words: words.bench.waking.format(count=len(self._doubts))),
            Say(lambda words: doubts_advice(self._doubts, words), classes="spaced"),
            VerticalScroll(*(Say(partial(self._line, doubt)) for doubt in self._doubts), classes="list"),
            Say(lambda words: words.bench.go_on, classes="keys"),
            classes="doubt",
        )

    def confirmed(self) -> None:
        self.action_give_up()

    @staticmethod
    def _line(doubt: Doubt, words: Words) -> str:
        return f"{what_to_do(doubt, words)}\n  {doubt.uid}  {doubt.name}  {moment(doubt.since)}"
