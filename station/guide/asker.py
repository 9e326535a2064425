# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever puts the guide's questions to a person: a screen, or a plain terminal. One question at a time, each answered
before the next is put; all that is said is in the language that is spoken then.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from station.codes import Code
from station.errors import StationError, TooSoon
from station.model import Language, Secret
from station.words.language import Words
from station.words.told import asked_lines, wait_line

Phrase = Callable[[Words], str]
Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Left(Exception):
    """The person who was asked has gone; what was done so far stays done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick(Generic[Value]):
    """One of several. `about`: what a person should know before they choose it."""

    value: Value
    said: Phrase
    about: Phrase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLine:
    """A line to be typed; what is typed into a `secret` one is shown nowhere. A `pin` is one that no scanner types."""

    key: str
    label: Phrase
    value: str = ""
    secret: bool = False
    pin: bool = False
    may_lack: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was typed, by the fields' keys; without blanks around a text."""

    texts: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)


class Asker(Protocol):
    """Each question raises `Left` when nobody is there to answer it. None: the person wants to go back."""

    def speak(self, language: Language) -> None:
        """From now on."""

    def tell(self, phrase: Phrase, *, bad: bool = False, code: Code | None = None) -> None:
        """To be read beside the next question; `code`: of an error, for whoever has a page of it."""

    def choose(self, title: Phrase, choices: Sequence[Pick[Value]]) -> Value | None: ...

    def fill(self, title: Phrase, fields: Sequence[FormLine]) -> Filled | None:
        """All of them, none empty but those that `may_lack`."""

    def wait(self, title: Phrase, work: Callable[[threading.Event], Answer], *, firm: bool = False) -> Answer:
        """What `work` gives or raises; its event is set when the person gives it up, who cannot where it is `firm`."""


def tell_error(asker: Asker, error: StationError) -> None:
    """How long to wait counts down as often as it is said again."""
    again_at = time.monotonic() + (error.wait_s if isinstance(error, TooSoon) else 0.0)

    def phrase(words: Words) -> str:
        if not isinstance(error, TooSoon):
            return "\n".join(asked_lines(error, words))
        left_s = math.ceil(again_at - time.monotonic())
        return wait_line(error.code, left_s, words) if left_s > 0 else ""

    asker.tell(phrase, bad=True, code=error.code)
