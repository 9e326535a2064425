# SPDX-License-Identifier: GPL-3.0-or-later
"""`station run`: the bench on a terminal. Holds the desk, the feed and the scanner; everything else is a screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType

from station.errors import StationError, defect
from station.model import Language
from station.tui.apart import apart
from station.tui.echo import ScanEcho
from station.tui.feed import BEHIND_A_DIALOG, PER_SECOND, Changed, Feed
from station.tui.floor import FloorApp
from station.tui.garbage import LOOK_S, collect, settle
from station.tui.host import Shown
from station.tui.opening import Opening
from station.tui.scanner import MOST_AT_ONCE, Scanner, scans_in
from station.tui.screens.bench import BenchScreen
from station.tui.screens.room import Asking, Dialog
from station.words.in_doubt import to_act_on

if TYPE_CHECKING:
    from station.desk.desk import Desk, Grant
    from station.desk.info import StationInfo
    from station.events import Notice
    from station.guide.asker import Asker, Phrase
    from station.tui.screens.alarm import Alarm
    from station.tui.screens.menu import Menu

_AT_ONCE = frozenset(("f1", "f2", "ctrl+c", "ctrl+q"))
"""Keys that ask nothing of the desk."""


class BenchApp(FloorApp):
    """One desk, one bench. `info` is what the first frame shows, which does not wait for a desk that is an `Opening`.
    What keeps that one from being opened has `failed`, for whoever runs the app.

    It is ended by a supervisor, once one has a PIN, or by anyone; always by a signal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", priority=True),
        Binding("ctrl+c", "leave", priority=True),
        Binding("f1", "help", priority=True),
    ]

    def __init__(
        self,
        desk: Desk | Opening,
        info: StationInfo,
        language: Language = Language.ENGLISH,
        *,
        ended_by_anyone: bool = False,
    ) -> None:
        super().__init__(language)
        self._opening = desk if isinstance(desk, Opening) else None
        if not isinstance(desk, Opening):
            self.desk = desk
        self.is_open = self._opening is None
        self.failed: BaseException | None = None
        self._held: list[events.Event] = []  # keys and scans for the desk to come
        self._ended_by_anyone = ended_by_anyone
        self.bench = BenchScreen(info, is_open=self.is_open)
        self.feed = Feed(lambda: self.post_message(Changed()))
        self.last_key = time.monotonic()
        self.supervisor = ""  # who gave a PIN last
        self._scanner = Scanner()
        self._unsubscribe: Callable[[], None] | None = None
        self._office: Menu | None = None

    def get_default_screen(self) -> BenchScreen:
        return self.bench

    def on_mount(self) -> None:
        if self.is_open:
            self.run_worker(self._wake_up(), group="wake-up")

    def on_ready(self) -> None:
        """The first frame is there. Not before: what another thread loads would take turns with it."""
        self.run_worker(self._open_up() if self._opening else self._load_the_rest(), group="open-up")

    async def _open_up(self) -> None:
        assert self._opening is not None
        try:
            desk = await apart(self._opening.open)  # nobody who leaves waits for a server that does not answer
        except Exception as error:
            self.failed = error
            self.exit()
            return
        if desk is None:
            return
        self.desk, self.is_open = desk, True
        self.bench.begin()
        await self._make_up()
        await self._wake_up()
        await self._load_the_rest()

    async def _make_up(self) -> None:
        """What was typed and scanned for the desk, before anything else may come over the bench. What is there already
        was not meant: none of it is a key of that."""
        held, self._held = self._held, []
        for event in held:
            if self.screen is self.bench:
                await self.on_event(event)

    async def _wake_up(self) -> None:
        """After the first paint: what is in doubt comes before anything else."""
        try:
            doubts = await asyncio.to_thread(self.desk.doubts)
            if to_act_on(doubts):
                from station.tui.over import Waking  # noqa: PLC0415 - the first frame does without

                self.push_screen(Waking(doubts))
            self._unsubscribe = await asyncio.to_thread(self.desk.subscribe, self.feed.put)
        except StationError as error:
            self.show_trouble(error)
        except Exception as error:  # the boards in hand must not pay for it
            self.show_trouble(defect(error))

    async def _load_the_rest(self) -> None:
        """Before anybody can ask for it: the supervisor's screens, and with them the guide's and all kinds of files."""
        try:
            await asyncio.to_thread(_load_what_comes_over)
        except Exception as error:  # likewise
            self.show_trouble(defect(error))
        settle()
        self.set_interval(LOOK_S, lambda: collect(time.monotonic() - self.last_key))

    def on_unmount(self) -> None:
        if self._unsubscribe:
            self._unsubscribe()

    def on_changed(self, _: Changed) -> None:
        if not self.screen_stack:  # it has ended meanwhile
            return
        news = self.feed.take()
        self.bench.show_news(news)
        for notice in news.notices:
            if notice.serious:
                self.alarm(notice)
        for scan in news.scans:
            self.scanned(scan.text)
        covered = isinstance(self.screen, Dialog)
        self.set_timer(1 / (BEHIND_A_DIALOG if covered else PER_SECOND), self.feed.rearm)

    def alarm(self, notice: Notice) -> None:
        """Over whatever is shown; on the alarm that is shown already. Anything less than an alarm is not for this."""
        if not notice.code.is_alarm:
            return
        shown = self._alarm()
        if shown is None:
            from station.tui.over import Alarm  # noqa: PLC0415 - as above

            shown = Alarm(notice)
            self.clear_notifications()  # nothing lies over it
            self.push_screen(shown)
        shown.add(notice)
        shown.raised_by(self.bench.alarmed())

    def alarm_is_over(self, asked: float) -> None:
        """A supervisor lifted the station's lock at another bench or from the command line, as read at that time."""
        if shown := self._alarm():
            shown.lifted_elsewhere(asked)

    def _alarm(self) -> Alarm | None:
        from station.tui.over import Alarm  # noqa: PLC0415 - as above

        return next((screen for screen in self.screen_stack if isinstance(screen, Alarm)), None)

    def show_trouble(self, error: StationError) -> None:
        """Once: the same trouble is not piled on itself."""
        from station.tui.over import TroubleScreen  # noqa: PLC0415 - as above

        if not any(isinstance(screen, TroubleScreen) and screen.tells(error) for screen in self.screen_stack):
            self.push_screen(TroubleScreen(error))

    async def on_event(self, event: events.Event) -> None:
        """A scanner's keys are caught here, before the focus decides where they go."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if self._is_for_later(event):
            self._held.append(event)
            return
        if isinstance(event, events.Key):
            self.last_key = time.monotonic()
            if screen is not None:
                screen.query(ScanEcho).set(display=False)
        if isinstance(event, events.Key) and isinstance(screen, Asking) and screen.took(event):
            return
        if isinstance(screen, Asking) and screen.takes_scans:
            if isinstance(event, events.Key):
                taken, scan = self._scanner.take(event)
                if scan:
                    screen.scanned(scan)
                if taken:
                    return
            elif isinstance(event, events.Paste):
                self.scanned(event.text)
                return
        await super().on_event(event)

    def _is_for_later(self, event: events.Event) -> bool:
        """A key or a scan for a desk that is still being opened. What comes over the bench meanwhile has its keys."""
        on_bench = not self.is_open and self.screen_stack and self.screen_stack[-1] is self.bench
        return bool(on_bench) and _is_for_the_desk(event)

    def scanned(self, text: str) -> None:
        """To the screen on top, one scan a line. So many lines that no scanner has kept them are a text that somebody
        pasted."""
        screen = self.screen if isinstance(self.screen, Asking) else self.bench
        scans = scans_in(text)
        if len(scans) > MOST_AT_ONCE:
            screen.echo(f"{scans[0]} …", lambda words: words.bench.scan_unknown)
            return
        for scan in scans:
            screen.scanned(scan)

    def seen(self) -> Shown:
        return self.bench.seen()

    def converse(self, heading: Phrase, dialogue: Callable[[Asker], Phrase]) -> None:
        from station.tui.over import begin_talk  # noqa: PLC0415 - as above

        begin_talk(self, heading, lambda talk: talk.close(dialogue(talk)))

    def open_office(self) -> None:
        from station.tui.over import Pin  # noqa: PLC0415 - as above

        self.push_screen(Pin(), self.admit)

    def admit(self, grant: Grant | None) -> None:
        """Into the office; nobody where no PIN was given."""
        from station.tui.over import Menu  # noqa: PLC0415 - as above

        if grant:
            self.supervisor = grant.name
            self.bench.supervised()
            self._office = Menu(grant)
            self.push_screen(self._office)

    def action_help(self) -> None:
        """Over whatever is shown, but an alarm, which says all itself."""
        from station.tui.over import Alarm, GuideHelp, HelpRoom, QuestionPage, TroubleScreen  # noqa: PLC0415 - as above

        if isinstance(self.screen, HelpRoom | Alarm):
            return
        troubles = [screen.code for screen in self.screen_stack if isinstance(screen, TroubleScreen)]
        if isinstance(self.screen, QuestionPage):
            troubles += self.screen.codes
        shown = self.seen()
        noticed = [shown.notice.code] if shown.notice else []
        room = HelpRoom if self.is_open else GuideHelp
        self.push_screen(room([*troubles, *noticed, *(event.code for event in shown.slots if event.code)]))

    def action_leave(self) -> None:
        """Refused while a slot writes; otherwise asked once, and then for a supervisor's PIN."""
        from station.tui.over import Pin, Sure  # noqa: PLC0415 - as above

        if busy := self.bench.busy():
            slots = ", ".join(busy)
            self.notify(self.words.bench.still_writing.format(slots=slots), severity="warning")
        elif not any(isinstance(screen, Sure | Pin) for screen in self.screen_stack):
            question = Sure(lambda words: words.bench.leave, lambda words: words.bench.leave_do)
            self.push_screen(question, self._leave)

    def _leave(self, go: Literal[True] | None) -> None:
        supervised = self._office in self.screen_stack
        if go and not self.is_open:  # nothing was begun
            assert self._opening is not None
            self._opening.stop()
            self.exit()
        elif go and (self._ended_by_anyone or supervised):
            self._close_now()
        elif go:
            self.bench.ask(self.desk.supervisors, self._leave_by)

    def _leave_by(self, supervisors: tuple[str, ...]) -> None:
        """Where nobody has a PIN, nobody can be asked for one."""
        from station.tui.over import Pin  # noqa: PLC0415 - as above

        def granted(grant: Grant | None) -> None:
            if grant:
                self._close_now()

        if supervisors:
            self.push_screen(Pin(), granted)
        else:
            self._close_now()

    def _close_now(self) -> None:
        self.run_worker(self._close(), group="close", exclusive=True)

    async def _close(self) -> None:
        """The desk has the last word: it knows of a board that came in meanwhile."""
        try:
            await asyncio.to_thread(self.desk.close)
        except StationError as error:
            self.show_trouble(error)
            return
        except Exception as error:  # likewise
            self.show_trouble(defect(error))
            return
        self.exit()


def _is_for_the_desk(event: events.Event) -> bool:
    """A key or a scan that cannot be answered before it is open."""
    return isinstance(event, events.Paste) or (isinstance(event, events.Key) and event.key not in _AT_ONCE)


def _load_what_comes_over() -> None:
    import station.tui.over  # noqa: F401, PLC0415 - loaded, and found by whoever wants it
