# SPDX-License-Identifier: GPL-3.0-or-later
"""A person whose answers are written down before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from station.codes import Code
from station.guide.asker import Filled, FormLine, Phrase, Pick
from station.model import Language, Secret
from station.words.tongues import TONGUES

Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Script:
    """Answers in order: the number of a pick, or the lines of a form; keeps what was told. None goes back.
    `impatient`: nothing is waited for that may be given up."""

    def __init__(self, *answers: int | Mapping[str, str] | None, impatient: bool = False) -> None:
        self.answers, self.told, self.asked = list(answers), "", ""
        self._impatient = impatient
        self.offers_to_stop = ""  # the titles of what may be given up

    def speak(self, language: Language) -> None:
        raise AssertionError(language)

    def tell(self, phrase: Phrase, *, bad: bool = False, code: Code | None = None) -> None:
        self.told += phrase(TONGUES[Language.ENGLISH]) + ("!" if bad else "")

    def choose(self, title: Phrase, choices: Sequence[Pick[Value]]) -> Value | None:
        answer = self.answers.pop(0)
        return choices[answer].value if isinstance(answer, int) else None

    def fill(self, title: Phrase, fields: Sequence[FormLine]) -> Filled | None:
        self.asked += title(TONGUES[Language.ENGLISH])
        answer = self.answers.pop(0)
        if not isinstance(answer, Mapping):
            return None
        assert {field.key for field in fields if not field.value} <= set(answer)
        texts = {field.key: answer.get(field.key, field.value) for field in fields if not field.secret}
        return Filled(texts=texts, secrets={f.key: Secret(answer[f.key]) for f in fields if f.secret})

    def wait(self, title: Phrase, work: Callable[[threading.Event], Answer], *, firm: bool = False) -> Answer:
        given_up = threading.Event()
        self.offers_to_stop += "" if firm else title(TONGUES[Language.ENGLISH])
        if self._impatient and not firm:
            given_up.set()
        return work(given_up)
