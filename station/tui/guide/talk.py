# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's questions on the screens of a running program. The dialogue has a thread of its own; each page belongs to
the program, and answers it. Whatever way the page goes, the dialogue hears of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TypeVar

from textual.screen import Screen

from station.codes import Code
from station.guide.asker import Filled, FormLine, Left, Phrase, Pick
from station.model import Language
from station.tui.floor import FloorApp
from station.tui.guide.choosing import ChoicePage
from station.tui.guide.filling import FormPage
from station.tui.guide.page import Frame, Note
from station.tui.guide.waiting import WaitPage

Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Conversation:
    """`guide.asker.Asker`, for one thread that is not the program's."""

    def __init__(self, app: FloorApp, heading: Phrase) -> None:
        self._app, self._heading = app, heading
        self._notes: list[Note] = []

    def speak(self, language: Language) -> None:
        def change() -> None:
            self._app.language = language

        self._in_program(change)

    def tell(self, phrase: Phrase, *, bad: bool = False, code: Code | None = None) -> None:
        self._notes.append(Note(phrase=phrase, bad=bad, code=code))

    def choose(self, title: Phrase, choices: Sequence[Pick[Value]]) -> Value | None:
        answers: SimpleQueue[Value | Left | None] = SimpleQueue()
        return self._ask(ChoicePage(self._frame(title), answers.put, choices), answers)

    def fill(self, title: Phrase, fields: Sequence[FormLine]) -> Filled | None:
        answers: SimpleQueue[Filled | Left | None] = SimpleQueue()
        return self._ask(FormPage(self._frame(title), answers.put, fields), answers)

    def wait(self, title: Phrase, work: Callable[[threading.Event], Answer], *, firm: bool = False) -> Answer:
        given_up = threading.Event()

        def gone(answer: Left | None) -> None:
            if answer is not None:
                given_up.set()

        page = WaitPage(Frame(heading=self._heading, question=title), gone, given_up, firm=firm)
        self._push(page)
        try:
            return work(given_up)
        finally:
            self._in_program(lambda: page.answer(None))

    def close(self, end: Phrase) -> None:
        """What is still to be read is shown once more, with the `end`."""
        if self._notes or end(self._app.words):
            go_on = Pick(value=True, said=lambda words: words.guide.go_on)
            self.choose(end, (go_on,))

    def _frame(self, question: Phrase) -> Frame:
        notes, self._notes = tuple(self._notes), []
        return Frame(heading=self._heading, question=question, notes=notes)

    def _ask(self, page: Screen[None], answers: SimpleQueue[Value | Left | None]) -> Value | None:
        self._push(page)
        answer = answers.get()
        if isinstance(answer, Left):
            raise answer
        return answer

    def _push(self, page: Screen[None]) -> None:
        def push() -> None:
            self._app.push_screen(page)

        self._in_program(push)

    def _in_program(self, work: Callable[[], None]) -> None:
        """`Left` once the program is at its end."""
        try:
            self._app.call_from_thread(work)
        except RuntimeError as error:
            raise Left from error


def begin_talk(app: FloorApp, heading: Phrase, dialogue: Callable[[Conversation], None]) -> None:
    """Runs beside the program until it is at its end, or has been left."""

    def run() -> None:
        try:
            dialogue(Conversation(app, heading))
        except Left:
            return

    threading.Thread(target=run, name="guide", daemon=True).start()
