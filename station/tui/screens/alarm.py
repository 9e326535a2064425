# SPDX-License-Identifier: GPL-3.0-or-later
"""An integrity alarm: fills the screen and stays until a supervisor lifts it with a reason. It names the slot and the
board that raised it, and the supervisor may look that board up before.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from station.desk.desk import Grant
from station.events import Notice, SlotEvent
from station.ledger.believed import only_recovery
from station.ledger.trouble import CODE
from station.tui.say import Say, Shout
from station.tui.screens.pin import Pin
from station.tui.screens.reason import Reason
from station.tui.screens.room import Dialog
from station.tui.screens.trouble import TroubleScreen
from station.words.details import said
from station.words.language import Words


class Alarm(Dialog[None]):
    """Only F9, a PIN and a reason take it away. Another alarm that comes meanwhile is shown below the first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay"),
        Binding("f3", "look_up", priority=True),
        Binding("f9", "lift", priority=True),
    ]

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self._notices = [notice]
        self._say = Say(self._text, classes="spaced")  # held: another alarm may come before the first layout
        self._where = Say(self._raised, classes="big")
        self._boards: tuple[SlotEvent, ...] = ()

    def add(self, notice: Notice) -> None:
        """Told twice, by the board and by the lock that it caused, it is shown once."""
        if (notice.code, notice.what) not in [(one.code, one.what) for one in self._notices]:
            self._notices.append(notice)
            self.reword_texts()

    def raised_by(self, boards: tuple[SlotEvent, ...]) -> None:
        """The tiles of the boards that raised it. One that is taken out is named all the same."""
        known = {(board.slot, board.uid) for board in self._boards}
        if new := tuple(board for board in boards if (board.slot, board.uid) not in known):
            self._boards += new
            self._where.reword()

    def compose(self) -> ComposeResult:
        yield self.box(
            Shout(lambda words: f"{words.bench.alarm}  {self._notices[0].code}"),
            VerticalScroll(self._where, self._say, classes="told"),
            Say(lambda words: words.bench.alarm_do, classes="spaced big"),
            Say(self._keys, id="keys", classes="keys"),
            classes="bad",
        )

    def _keys(self, words: Words) -> str:
        return "    ".join((words.bench.alarm_look_up, *(() if self._set_back else (words.bench.alarm_lift,))))

    @property
    def _set_back(self) -> Notice | None:
        """What no unlock ends."""
        return next((notice for notice in self._notices if notice.code == CODE), None)

    def _raised(self, words: Words) -> str:
        line = words.bench.alarm_board
        return "\n".join(line.format(slot=board.slot, uid=board.uid) for board in self._boards)

    def _text(self, words: Words) -> str:
        return "\n\n".join(self._one(notice, words) for notice in self._notices)

    def _one(self, notice: Notice, words: Words) -> str:
        known = words.told(notice.code, notice.what)
        first = f"{notice.code}  {known.what} – {known.do}"
        detail = said(notice.what, words)
        return f"{first}\n{detail if words.native else words.of(words.office.detail, detail)}"

    def action_stay(self) -> None:
        """Esc does not help."""

    def action_look_up(self) -> None:
        """The history of the board that raised it, or whatever is typed, behind the PIN."""
        self.app.push_screen(Pin(), self._look_up)

    def _look_up(self, grant: Grant | None) -> None:
        if grant is not None:
            from station.tui.screens.looked_up import LookedUp  # noqa: PLC0415 - the first paint does without

            self.app.push_screen(LookedUp(grant, self._boards[0].uid if self._boards else ""))

    def action_lift(self) -> None:
        """A PIN and a reason, except for a ledger that may not be believed: no unlock ends that."""
        if self._set_back is not None:
            self.app.push_screen(TroubleScreen(only_recovery(self._set_back.what)))
        else:
            self.app.push_screen(Pin(), self._granted)

    def _granted(self, grant: Grant | None) -> None:
        if grant is None:
            return
        told = {notice.code for notice in self._notices}

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: self.desk.unlock_slot(grant, None, reason, told=told), self._lifted)

        self.app.push_screen(
            Reason(lambda words: words.office.unlock_reason.format(slot=words.office.whole_station)), reasoned
        )

    def _lifted(self, _: None) -> None:
        self.finish(None)

    def lifted_elsewhere(self, asked: float) -> None:
        """The station's lock was gone at that Unix time; an alarm that came since then stays."""
        if all(notice.at < asked for notice in self._notices):
            self.finish(None)
