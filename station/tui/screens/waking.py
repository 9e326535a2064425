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
from station.words.in_doubt import briefly, doubts_advice, quiet_part, to_act_on
from station.words.language import Words


class Waking(Dialog[None]):
    """Space goes on to the bench; the banner there keeps saying it until each board is resolved."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "give_up")]

    def __init__(self, doubts: tuple[Doubt, ...]) -> None:
        super().__init__()
        self._doubts = doubts

    def compose(self) -> ComposeResult:
        acting = to_act_on(self._doubts)
        yield self.box(
            Shout(lambda words: words.bench.waking.format(count=len(acting))),
            Say(lambda words: doubts_advice(acting, words), classes="spaced"),
            VerticalScroll(*(Say(partial(self._line, doubt)) for doubt in acting), classes="list"),
            Say(lambda words: quiet_part(self._doubts, words), classes="quiet"),
            Say(lambda words: words.bench.go_on, classes="keys"),
            classes="doubt",
        )

    def confirmed(self) -> None:
        self.action_give_up()

    @staticmethod
    def _line(doubt: Doubt, words: Words) -> str:
        return f"{briefly(doubt, words)}  {doubt.name}  {moment(doubt.since)}"
