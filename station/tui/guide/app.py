# SPDX-License-Identifier: GPL-3.0-or-later
"""`station run` on a bench that is not set up: the guide, until the bench can be opened or the person leaves."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from station.errors import StationError, defect
from station.guide.asker import Left
from station.guide.dialogue import walk
from station.guide.guide import Guide
from station.guide.steps import codes_of, heading
from station.model import Language
from station.tui.ended import show_until_ended
from station.tui.floor import STYLES, FloorApp
from station.tui.guide.page import QuestionPage
from station.tui.guide.talk import Conversation, begin_talk
from station.tui.guide.waiting import WaitPage
from station.tui.host import Shown
from station.tui.screens.help_room import GuideHelp, HelpRoom
from station.tui.screens.room import Asking
from station.tui.screens.trouble import TroubleScreen
from station.words.language import Words

_LOOK_S = 0.2


class GuideApp(FloorApp):
    """Ends with True when all is ready. Left by Ctrl+Q at any question: what was done stays done."""

    CSS_PATH = f"../{STYLES}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", priority=True),
        Binding("ctrl+c", "leave", priority=True),
        Binding("f1", "help", priority=True),
    ]

    def __init__(self, guide: Guide, language: Language, *, said: bool) -> None:
        super().__init__(language)
        self._guide = guide
        self._said = said
        self.is_ready = False
        self.trouble: StationError | None = None
        self.last_key = time.monotonic()

    def on_mount(self) -> None:
        begin_talk(self, self._heading, self._walk)

    def _heading(self, words: Words) -> str:
        return f"{heading(self._guide.step, words)}        {words.bench.keys_help}    {words.guide.leave}"

    def _walk(self, talk: Conversation) -> None:
        try:
            walk(talk, self._guide, self.language, said=self._said)
            self.is_ready = True
        except StationError as error:
            self.trouble = error
        except Left:
            return
        except Exception as error:
            self.trouble = defect(error)
        self.call_from_thread(self.exit)

    def show_trouble(self, error: StationError) -> None:
        self.push_screen(TroubleScreen(error))

    async def on_event(self, event: events.Event) -> None:
        """A list's keys come before those of what has the focus, as on the bench."""
        if isinstance(event, events.Key):
            self.last_key = time.monotonic()
            if isinstance(self.screen, Asking) and self.screen.took(event):
                return
        await super().on_event(event)

    def seen(self) -> Shown:
        """No slot is at work yet."""
        return Shown(slots=(), doubts=(), notice=None)

    def action_help(self) -> None:
        """What went wrong at this step first, then what the step is for."""
        screen = self.screen
        if not isinstance(screen, HelpRoom):
            wrong = screen.codes if isinstance(screen, QuestionPage) else ()
            self.push_screen(GuideHelp([*wrong, *codes_of(self._guide.step)]))

    def action_leave(self) -> None:
        """Not while an order is under way: what becomes of it is to be known."""
        if self._is_ordering():
            self.notify(self.words.guide.still_ordering, severity="warning")
        else:
            self.exit()

    def leave_by_itself(self) -> None:
        """As soon as no order is under way: whoever began it may be gone, and is not asked again."""
        if self._is_ordering():
            self.set_timer(_LOOK_S, self.leave_by_itself)
        else:
            self.exit()

    def _is_ordering(self) -> bool:
        return any(isinstance(screen, WaitPage) and screen.is_firm for screen in self.screen_stack)


def run_guide(guide: Guide, language: Language, *, said: bool) -> tuple[bool, Words]:
    """Whether the bench can be opened now, and what was spoken at the end. `said`: somebody chose the language already.
    StationError for what the guide itself cannot go on with, KeyboardInterrupt after a signal."""
    app = GuideApp(guide, language, said=said)
    interrupted = show_until_ended(app, app.leave_by_itself)
    if interrupted and not app.is_ready:
        raise KeyboardInterrupt
    if app.trouble is not None:
        raise app.trouble
    return app.is_ready, app.words
