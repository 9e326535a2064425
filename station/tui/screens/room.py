# SPDX-License-Identifier: GPL-3.0-or-later
"""What every screen on top of the bench shares: questions to the desk off the UI thread, the way back, the language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.worker import WorkType

from station.errors import StationError
from station.tui.desk import Desk
from station.tui.say import Phrase, Say
from station.tui.words.language import Words

if TYPE_CHECKING:
    from station.tui.app import BenchApp

Answer = TypeVar("Answer")
Result = TypeVar("Result")


class Asking(Screen[Result], Generic[Result]):
    """A screen that asks the desk."""

    takes_scans: ClassVar[bool] = True
    """Whether typed characters are a scanner's; False where a person types into a field."""

    @property
    def bench_app(self) -> BenchApp:
        return cast("BenchApp", self.app)

    @property
    def desk(self) -> Desk:
        return self.bench_app.desk

    @property
    def words(self) -> Words:
        return self.bench_app.words

    def ask(self, question: Callable[[], Answer], then: Callable[[Answer], None] | None = None) -> None:
        """Runs `question` in a thread and `then` on the UI thread; a newer one of the same name replaces its answer.

        A `StationError` is shown as a dialog that says what to do.
        """
        name = getattr(then, "__name__", "act")
        # Not a coroutine: a worker replaced, or ended with the app, before its first step would leave it never awaited.
        work: WorkType[None] = partial(self._ask, question, then)
        self.run_worker(work, group=name, exclusive=then is not None)

    async def _ask(self, question: Callable[[], Answer], then: Callable[[Answer], None] | None) -> None:
        try:
            answer = await asyncio.to_thread(question)
        except StationError as error:
            self.bench_app.show_trouble(error)
            return
        if then is not None and self.is_mounted and self.is_running:
            then(answer)


class Room(Asking[None]):
    """A supervisor's screen: a title, the content, the keys. Esc goes back."""

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
        yield Say(self.title_phrase, classes="title")
        with Vertical(classes="content"):
            yield from self.content()
        yield Say(self._keys, classes="keys")

    def _keys(self, words: Words) -> str:
        own = self.keys_phrase(words)
        return "    ".join(part for part in (own, words.bench.back, words.bench.keys_language) if part)


class Dialog(ModalScreen[Result], Asking[Result], Generic[Result]):
    """A box over a screen. Esc gives no result."""

    takes_scans = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up")]

    def action_give_up(self) -> None:
        self.dismiss(None)

    def box(self, *children: Widget, classes: str = "") -> Vertical:
        return Vertical(*children, classes=f"box {classes}")


def fixed(text: str) -> Phrase:
    """A text that is the same in every language: a name, a code, something a device said."""
    return lambda _words: text
