# SPDX-License-Identifier: GPL-3.0-or-later
"""A question of the guide as a screen: what was told before, the question, the answer, the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from station.codes import Code
from station.guide.asker import Left, Phrase
from station.tui.say import Say
from station.tui.screens.room import Asking
from station.words.language import Words
from station.words.tongues import language_key

Answer = TypeVar("Answer")
_COUNT_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was told since the question before."""

    phrase: Phrase
    bad: bool
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a question, and the question."""

    heading: Phrase
    question: Phrase
    notes: tuple[Note, ...] = ()


class QuestionPage(Asking[None], Generic[Answer]):
    """`answered` hears what was answered, None for the way back, once; `Left` when the page goes without an answer."""

    takes_scans = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back")]

    def __init__(self, frame: Frame, answered: Callable[[Answer | Left | None], None]) -> None:
        super().__init__()
        self._frame, self._answered = frame, answered
        self._is_answered = False

    def on_mount(self) -> None:
        if Code.E606 in self.codes:
            self.set_interval(_COUNT_S, self._count_down)

    def _count_down(self) -> None:
        """How long to wait, as a note says it."""
        for note in self.query("Say.warn").results(Say):
            note.reword()

    @property
    def codes(self) -> tuple[Code, ...]:
        """Of what went wrong before the question."""
        return tuple(note.code for note in self._frame.notes if note.code)

    def content(self) -> ComposeResult:
        raise NotImplementedError

    def keys_phrase(self, words: Words) -> str:
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield Say(self._frame.heading, classes="title")
        with Vertical(classes="content"):
            for note in self._frame.notes:
                yield Say(note.phrase, classes="warn spaced" if note.bad else "told spaced")
            yield Say(self._frame.question, id="question", classes="big")
            yield from self.content()
        yield Say(self._keys, classes="keys")

    def _keys(self, words: Words) -> str:
        return "    ".join((self.keys_phrase(words), words.bench.back, language_key(words)))

    def answer(self, answer: Answer | None) -> None:
        if not self._is_answered:
            self._is_answered = True
            self._answered(answer)
            self.finish(None)

    def action_back(self) -> None:
        self.answer(None)

    def on_unmount(self) -> None:
        if not self._is_answered:
            self._is_answered = True
            self._answered(Left())
