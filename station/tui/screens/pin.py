# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor's PIN. What was typed goes to the desk as a Secret and is wiped from the field."""

from __future__ import annotations

import asyncio
from functools import partial

from textual.app import ComposeResult
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

    takes_scans = False

    def compose(self) -> ComposeResult:
        yield self.box(
            Say(lambda words: words.office.pin, classes="big"),
            Input(password=True, id="pin"),
            Say(id="wrong", classes="warn"),
            Say(lambda words: f"{words.office.ok}    {words.office.cancel}", classes="keys"),
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        pin = Secret(event.value)
        event.input.clear()
        if pin:
            work: WorkType[None] = partial(self._try, pin)
            self.run_worker(work, group="pin", exclusive=True)

    async def _try(self, pin: Secret) -> None:
        try:
            grant = await asyncio.to_thread(self.desk.unlock, pin)
        except StationError as error:
            shown = error  # Python forgets `error` behind the clause
            self.query_one("#wrong", Say).say(lambda words: _refusal(shown, words))
            return
        self.dismiss(grant)


def _refusal(error: StationError, words: Words) -> str:
    return "\n".join((headline(error.code, words), *error_lines(error, words)))
