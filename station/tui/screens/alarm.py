# SPDX-License-Identifier: GPL-3.0-or-later
"""An integrity alarm: fills the screen and stays until a supervisor lifts it with a reason."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from station.events import Notice
from station.tui.desk import Grant
from station.tui.say import Say, Shout
from station.tui.screens.pin import Pin
from station.tui.screens.reason import Reason
from station.tui.screens.room import Dialog
from station.tui.words.language import Words


class Alarm(Dialog[None]):
    """Only F9, a PIN and a reason take it away."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stay"), Binding("f9", "lift", priority=True)]

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self._notice = notice

    def compose(self) -> ComposeResult:
        yield self.box(
            Shout(lambda words: f"{words.bench.alarm}  {self._notice.code}"),
            Say(self._what, classes="spaced"),
            Say(self._notice.what),
            Say(lambda words: words.bench.alarm_do, classes="spaced"),
            Say(lambda words: words.bench.keys_supervisor, classes="keys"),
            classes="bad",
        )

    def _what(self, words: Words) -> str:
        known = words.code(self._notice.code)
        return f"{known.what} – {known.do}" if known else self._notice.do

    def action_stay(self) -> None:
        """Esc does not help."""

    def action_lift(self) -> None:
        self.app.push_screen(Pin(), self._granted)

    def _granted(self, grant: Grant | None) -> None:
        if grant is None:
            return

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: self.desk.unlock_slot(grant, None, reason), self._lifted)

        self.app.push_screen(
            Reason(lambda words: words.office.unlock_reason.format(slot=words.office.whole_station)), reasoned
        )

    def _lifted(self, _: None) -> None:
        self.dismiss(None)
