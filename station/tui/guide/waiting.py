# SPDX-License-Identifier: GPL-3.0-or-later
"""Something is going on; where it may be given up, Esc does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.app import ComposeResult

from station.guide.asker import Left
from station.tui.guide.page import Frame, QuestionPage
from station.tui.say import Say
from station.words.language import Words

_REFRESH_S = 0.3


class WaitPage(QuestionPage[None]):
    def __init__(
        self,
        frame: Frame,
        answered: Callable[[Left | None], None],
        given_up: threading.Event,
        *,
        firm: bool,
    ) -> None:
        super().__init__(frame, answered)
        self._given_up = given_up
        self._firm = firm

    @property
    def is_firm(self) -> bool:
        """It may not be left, until what is waited for has come."""
        return self._firm and not self._is_answered

    def keys_phrase(self, words: Words) -> str:
        return words.guide.wait

    def _keys(self, words: Words) -> str:
        return self.keys_phrase(words) if self._firm else f"{self.keys_phrase(words)}    {words.guide.stop}"

    def content(self) -> ComposeResult:
        yield Say("")

    def on_mount(self) -> None:
        self.set_interval(_REFRESH_S, self.query_one("#question", Say).reword)

    def action_back(self) -> None:
        if not self._firm:
            self._given_up.set()
