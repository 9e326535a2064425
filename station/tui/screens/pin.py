# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor's PIN, and whose it is. What was typed goes to the desk as a Secret and is wiped from the field; what is
scanned meanwhile, by whatever scanner, is taken for a PIN and shown nowhere.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input
from textual.worker import WorkType

from station.errors import StationError
from station.model import Secret
from station.tui.desk import Grant
from station.tui.say import Say
from station.tui.screens.room import Dialog
from station.tui.told import error_lines, headline
from station.tui.words.language import Words


class Pin(Dialog[Grant]):
    """Gives a Grant, or nothing. The desk counts wrong PINs and makes them wait."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("up", "choose(-1)"), Binding("down", "choose(1)")]

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()  # () until the desk has said them
        self._chosen = 0

    def compose(self) -> ComposeResult:
        yield self.box(
            Say(self._question, id="whose", classes="big"),
            Input(password=True, id="pin"),
            Say(id="wrong", classes="warn"),
            Say(self._keys, id="keys", classes="keys"),
        )

    def on_mount(self) -> None:
        self.ask(self.desk.supervisors, self._know)

    def _know(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._reword()

    def action_choose(self, step: int) -> None:
        if self._names:
            self._chosen = (self._chosen + step) % len(self._names)
            self._reword()

    def _reword(self) -> None:
        for say in self.query(Say):
            say.reword()

    @property
    def _whose(self) -> str:
        return self._names[self._chosen] if self._names else ""

    def _question(self, words: Words) -> str:
        return f"{words.office.pin}: {self._whose}" if self._whose else words.office.pin

    def _keys(self, words: Words) -> str:
        choose = (words.office.another_supervisor,) if len(self._names) > 1 else ()
        return "    ".join((*choose, words.office.ok, words.office.cancel))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        typed = event.value
        event.input.clear()
        self.scanned(typed)

    def scanned(self, text: str) -> None:
        """Tries it, for the supervisor who is chosen now; from a scanner that does not type as well."""
        if text:
            work: WorkType[None] = partial(self._try, Secret(text), self._whose)
            self.run_worker(work, group="pin", exclusive=True)

    async def _try(self, pin: Secret, name: str) -> None:
        try:
            grant = await asyncio.to_thread(self.desk.unlock, pin, name)
        except StationError as error:
            shown = error  # Python forgets `error` behind the clause
            self.query_one("#wrong", Say).say(lambda words: _refusal(shown, words))
            return
        self.dismiss(grant)


def _refusal(error: StationError, words: Words) -> str:
    return "\n".join((headline(error.code, words), *error_lines(error, words)))
