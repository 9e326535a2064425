# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's questions on a plain terminal, a line each: `guide.asker.Asker`, on stderr. Enter takes what stands in
brackets, `<` goes back; Ctrl-C leaves, or stops what is waited for. What is secret is not shown.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import click

from station.cli.asking import ask_line
from station.cli.output import say, say_lines, say_over
from station.codes import Code
from station.guide.asker import Filled, FormLine, Left, Phrase, Pick
from station.model import Language, Secret
from station.printable import is_whole
from station.words.language import Words
from station.words.tongues import TONGUES
from station.words.width import cells

Value = TypeVar("Value")
Answer = TypeVar("Answer")

BACK, EMPTY = "<", "-"
_RENEWED_S = 0.3


class _Back(Exception):
    """Out of a form, from whatever line."""


class Questions:
    """For the main thread: Ctrl-C is heard by nobody else."""

    def __init__(self, heading: Phrase, language: Language) -> None:
        self._heading, self._headed = heading, ""
        self._words = TONGUES[language]

    @property
    def words(self) -> Words:
        """What is spoken now."""
        return self._words

    def speak(self, language: Language) -> None:
        self._words = TONGUES[language]

    def tell(self, phrase: Phrase, *, bad: bool = False, code: Code | None = None) -> None:
        say_lines(f"\n{'! ' if bad else ''}{phrase(self._words)}")

    def choose(self, title: Phrase, choices: Sequence[Pick[Value]]) -> Value | None:
        self._head(title)
        for number, choice in enumerate(choices, start=1):
            about = f"  –  {choice.about(self._words)}" if choice.about else ""
            say(f"  {number}  {choice.said(self._words)}{about}")
        text = self._words.guide
        while (typed := self._typed(f"{text.which_number} [1]") or "1") != BACK:
            number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0
            if 1 <= number <= len(choices):
                return choices[number - 1].value
            say(text.no_such_number.format(most=len(choices)))
        return None

    def fill(self, title: Phrase, fields: Sequence[FormLine]) -> Filled | None:
        self._head(title)
        try:
            lines = {field.key: self._line(field) for field in fields}
        except _Back:
            return None
        texts = {field.key: lines[field.key].strip() for field in fields if not field.secret}
        return Filled(texts=texts, secrets={field.key: Secret(lines[field.key]) for field in fields if field.secret})

    def _line(self, field: FormLine) -> str:
        """What is asked for until it is there."""
        label = field.label(self._words)
        while True:
            typed = self._typed(f"{label} [{field.value}]" if field.value else label, secret=field.secret)
            if typed.strip() == BACK:
                raise _Back
            if field.may_lack and typed.strip() in ("", EMPTY):
                return field.value if not typed else ""
            if line := typed if typed.strip() else field.value:
                return line
            say(self._words.guide.needed.format(line=label))

    def _typed(self, prompt: str, *, secret: bool = False) -> str:
        while True:
            try:
                typed = ask_line(prompt, secret=secret)
            except click.Abort as error:
                raise Left from error
            except UnicodeDecodeError:
                typed = "\udc80"
            if is_whole(typed):
                return typed
            say(self._words.guide.not_text)

    def wait(self, title: Phrase, work: Callable[[threading.Event], Answer], *, firm: bool = False) -> Answer:
        text, given_up = self._words.guide, threading.Event()

        def on_interrupt(_number: int, _frame: FrameType | None) -> None:
            if firm:
                say_lines(f"\n{text.still_ordering}")
            else:
                given_up.set()

        def line() -> str:
            return title(self._words) if firm else f"{title(self._words)}    {text.plain_stop}"

        before = signal.signal(signal.SIGINT, on_interrupt)
        try:
            with _renewed(line):
                return work(given_up)
        finally:
            signal.signal(signal.SIGINT, before)

    def _head(self, title: Phrase) -> None:
        """How far it is and how one answers, as often as it changes."""
        heading = self._heading(self._words)
        if heading != self._headed:
            self._headed = heading
            say_lines(f"\n── {heading} ──\n{self._words.guide.plain_keys}")
        say_lines(f"\n{title(self._words)}")


@contextmanager
def _renewed(line: Callable[[], str]) -> Iterator[None]:
    """One line that follows what it says."""
    done, shown = threading.Event(), [""]

    def show() -> None:
        before, shown[0] = shown[0], line()
        if shown[0] != before:
            say_over(shown[0] + " " * max(0, cells(before) - cells(shown[0])))

    def follow() -> None:
        while not done.wait(_RENEWED_S):
            show()

    show()
    follower = threading.Thread(target=follow, name="line", daemon=True)
    follower.start()
    try:
        yield
    finally:
        done.set()
        follower.join()
        say("")
