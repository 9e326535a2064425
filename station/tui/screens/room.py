# SPDX-License-Identifier: GPL-3.0-or-later
"""What every screen shares: questions to the desk off the UI thread, scans, the way back, the language."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import WorkType

from station.errors import StationError, defect
from station.label import surely_scanned
from station.people.badge import BADGE
from station.tui.above import Above
from station.tui.apart import apart
from station.tui.cut import cut
from station.tui.echo import ScanEcho
from station.tui.host import Host
from station.tui.mouse import take_mouse
from station.tui.rows import cropped
from station.tui.say import LOW, Phrase, Say
from station.tui.scanner import CONFIRM_BARCODE, MAX_LENGTH
from station.words.language import Words
from station.words.tongues import language_key

if TYPE_CHECKING:
    from station.desk.desk import Desk, ScanAnswer

HIDDEN = "***"
"""For a scan that is not shown: not even how long it is."""
_GAP = "    "  # between two keys, or parts of a title; less of it where not all of them fit
_MARGINS = 2
_DIGITS = re.compile("[0-9]{4,12}")

Answer = TypeVar("Answer")
Result = TypeVar("Result")


class Asking(Screen[Result], Generic[Result]):
    """A screen that asks the desk."""

    takes_scans: ClassVar[bool] = True
    """Whether typed characters are a scanner's; False where a person types into a field."""

    _polling = False
    _told = ""
    _parting: tuple[Result] | None = None
    _was_shown = False

    @property
    def host(self) -> Host:
        return cast("Host", self.app)

    @property
    def desk(self) -> Desk:
        return self.host.desk

    @property
    def words(self) -> Words:
        return self.host.words

    def took(self, key: events.Key) -> bool:  # noqa: ARG002 - the lists take letters
        """Whether a key was this screen's before any widget's, and no scanner's."""
        return False

    def finish(self, result: Result) -> None:
        """Dismisses this very screen: at once, or when what has come over it meanwhile, an alarm, has gone."""
        if self.app.screen is self:
            self.dismiss(result)
        else:
            self._parting = (result,)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        event.refresh_styles &= self._was_shown  # at first all is just styled: once more is a fifth of its opening
        self._was_shown = True
        if self._parting is not None:
            self.dismiss(*self._parting)

    def on_resize(self, event: events.Resize) -> None:
        """On a low screen what is said goes before the free rows around it."""
        self.set_class(event.size.height < LOW, "low")

    def left_alone(self, seconds: float) -> bool:
        """Whether it is on top and no key was pressed for so long."""
        return self.app.screen is self and time.monotonic() - self.host.last_key > seconds

    def reword_texts(self) -> None:
        """What it says has changed."""
        for say in self.query(Say):
            say.reword()

    # -- questions -----------------------------------------------------------------------------------------------------

    def ask(
        self,
        question: Callable[[], Answer],
        then: Callable[[Answer], None] | None = None,
        failed: Callable[[StationError], None] | None = None,
        *,
        outside: bool = False,
    ) -> None:
        """Runs `question` in a thread and `then` on the UI thread; each one that is asked is carried out.

        What goes wrong is a dialog that says what to do, unless the screen has another way to say that it `failed`.
        `outside`: it waits for a cloud or for a board that is still to come.
        """
        # Not a coroutine: a worker replaced, or ended with the app, before its first step would leave it never awaited.
        work: WorkType[None] = partial(self._ask, question, then, failed or self.host.show_trouble, outside=outside)
        self.run_worker(work, group="ask")

    def look(self, question: Callable[[], Answer], then: Callable[[Answer], None], *, outside: bool = False) -> None:
        """For what only reads: a newer question makes the answer to the one before it unwanted."""
        work: WorkType[None] = partial(self._ask, question, then, self.host.show_trouble, outside=outside)
        self.run_worker(work, group="look", exclusive=True)

    def poll(self, question: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        """For timers: never two at once, however slow the answer; a trouble is told once for as long as it lasts."""
        if not self._polling:
            self._polling = True
            work: WorkType[None] = partial(self._poll, question, then)
            self.run_worker(work, group="poll")

    async def _poll(self, question: Callable[[], Answer], then: Callable[[Answer], None]) -> None:
        def answered(answer: Answer) -> None:
            self._told = ""
            then(answer)

        def failed(error: StationError) -> None:
            if error.code != self._told:
                self._told = error.code
                self.poll_failed(error)

        try:
            await self._ask(question, answered, failed)
        finally:
            self._polling = False

    def poll_failed(self, error: StationError) -> None:
        self.host.show_trouble(error)

    async def _ask(
        self,
        question: Callable[[], Answer],
        then: Callable[[Answer], None] | None,
        failed: Callable[[StationError], None],
        *,
        outside: bool = False,
    ) -> None:
        try:
            answer = await (apart(question) if outside else asyncio.to_thread(question))
        except StationError as error:
            failed(error)
        except Exception as error:  # the boards in hand must not pay for it
            failed(defect(error))
        else:
            # Not `is_mounted`: an answer may come before Textual says so, and must not be lost then. A program that
            # ends takes the screens on its stack apart piece by piece: what comes meanwhile finds no place.
            if then is not None and self.app.is_running and self in self.app.screen_stack:
                then(answer)

    # -- scans ---------------------------------------------------------------------------------------------------------

    def scanned(self, text: str) -> None:
        """The confirm barcode is the same on every screen; what the others do, a screen may change."""
        if len(text) > MAX_LENGTH:
            self.echo(text, lambda words: words.bench.scan_unknown)
        elif text == CONFIRM_BARCODE:
            self.echo(text, lambda words: words.bench.scan_confirm)
            self.confirmed()
        elif BADGE.fullmatch(text):
            self.badge_scanned(text)
        else:
            self.label_scanned(text)

    def badge_scanned(self, text: str) -> None:
        """What it does on the bench."""
        self._tell_desk(text)

    def label_scanned(self, text: str) -> None:
        """What it does on the bench."""
        self._tell_desk(text)

    def _tell_desk(self, text: str) -> None:
        self.echo(text, "…")

        def answered(answer: ScanAnswer) -> None:
            self.echo(text, lambda words: _meaning(answer, words), is_label=answer.known)

        desk = self.desk
        self.ask(lambda: desk.scan(text), answered)

    def confirmed(self) -> None:
        """The printed confirm barcode: what the Space bar does here."""

    def echo(self, scan: str, meaning: Phrase | str, *, is_label: bool = False) -> None:
        """Shows a scan large, with what it did; `is_label`: a slot took it as one. What may be a PIN, typed where
        nobody asked for it, is not shown.
        """
        shown = self.query(ScanEcho)
        echo = shown.first() if shown else ScanEcho()
        if not shown:
            self.mount(echo)
        echo.show(scan if may_be_seen(scan, is_label=is_label) else HIDDEN, meaning)
        if self.app.size.height < LOW:
            echo.step_aside()


def may_be_seen(scan: str, *, is_label: bool) -> bool:
    """No PIN is a badge or looks surely like a label; digits alone may be one whatever else they are."""
    if scan == CONFIRM_BARCODE or BADGE.fullmatch(scan) or surely_scanned(scan):
        return True
    return is_label and not _DIGITS.fullmatch(scan)


def _meaning(answer: ScanAnswer, words: Words) -> str:
    text = words.bench
    if answer.operator:
        return text.scan_operator.format(name=answer.operator)
    if answer.known:
        return (text.scan_serial_ok if answer.is_serial else text.scan_label_ok).format(slot=answer.slot)
    if answer.no_serial:
        return text.scan_no_serial
    return text.scan_no_label if answer.no_label else text.scan_unknown


class Room(Asking[None]):
    """A supervisor's screen: the slots, a title, the content, the keys. Esc goes back; mouse and wheel work here."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back")]

    def action_back(self) -> None:
        self.dismiss()

    def title_phrase(self, words: Words) -> str:
        raise NotImplementedError

    def keys_phrase(self, words: Words) -> str:  # noqa: ARG002 - the rooms that have keys use it
        """The keys beside Esc and the language."""
        return ""

    def content(self) -> ComposeResult:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield Above()
        yield Say(self._title, classes="title")
        with Vertical(classes="content"):
            yield from self.content()
            yield from self.below()
        yield Say(self._keys, classes="keys")

    def below(self) -> ComposeResult:
        """Under the content."""
        yield from ()

    def title_aside(self, words: Words) -> str:
        """Behind the title."""
        return words.bench.keys_help

    def _title(self, words: Words) -> str:
        return self._in_a_line(self.title_phrase(words), self.title_aside(words))

    def on_screen_resume(self, event: events.ScreenResume) -> None:  # noqa: ARG002 - `Asking`'s is called too
        self.bench_changed()
        take_mouse(self.app, on=True)

    def on_screen_suspend(self) -> None:
        take_mouse(self.app, on=False)

    def on_unmount(self) -> None:
        take_mouse(self.app, on=False)

    def bench_changed(self) -> None:
        """What is above it follows the bench, in the room that is seen."""
        for above in self.query(Above):
            above.show(self.host.seen())

    def _keys(self, words: Words) -> str:
        return self._in_a_line(self.keys_phrase(words), words.bench.back, language_key(words))

    def _in_a_line(self, *parts: str) -> str:
        whole = _GAP.join(part for part in parts if part)
        forms = (whole.replace(_GAP, _GAP[:wide]) for wide in range(len(_GAP), 0, -1))
        width = self.app.size.width - _MARGINS
        return next((form for form in forms if cell_len(form) <= width), cut(whole, width))


class Dialog(ModalScreen[Result], Asking[Result], Generic[Result]):
    """A box over a screen. Esc gives no result. A scan is a scan here too, never the keys of a dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up")]

    def action_give_up(self) -> None:
        self.dismiss(None)

    def render_lines(self, crop: Region) -> list[Strip]:
        """What is behind it as it is kept there: Textual makes each run of cells of that anew, to tint it with what may
        be nothing, which took most of what a key waits for."""
        stack = self.app.screen_stack
        if self.styles.background.a or self not in stack[1:]:
            return super().render_lines(crop)
        behind = stack[stack.index(self) - 1]._compositor.render_strips(self.size)
        return cropped(behind[crop.y : crop.bottom], crop, self.size.width)

    def box(self, *children: Widget, classes: str = "") -> Vertical:
        return Vertical(*children, classes=f"box {classes}")
