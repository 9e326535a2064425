# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several: arrow keys and Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from station.guide.asker import Left, Pick
from station.tui.guide.page import Frame, QuestionPage
from station.tui.say import plain
from station.words.language import Words

Value = TypeVar("Value")


class ChoicePage(QuestionPage[Value], Generic[Value]):
    def __init__(
        self,
        frame: Frame,
        answered: Callable[[Value | Left | None], None],
        choices: Sequence[Pick[Value]],
    ) -> None:
        super().__init__(frame, answered)
        self._choices = choices

    def keys_phrase(self, words: Words) -> str:
        return words.office.choose

    def content(self) -> ComposeResult:
        yield OptionList(markup=False, classes="spaced")

    def on_mount(self) -> None:
        self.reword()
        self.query_one(OptionList).focus()

    def reword(self) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        options.clear_options()
        options.add_options(Option(self._line(choice)) for choice in self._choices)
        options.highlighted = at

    def _line(self, choice: Pick[Value]) -> Text:
        about = f"  –  {choice.about(self.words)}" if choice.about else ""
        return plain(f" {choice.said(self.words)}{about}", lines=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.answer(self._choices[event.option_index].value)
