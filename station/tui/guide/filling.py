# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines to be typed. Enter goes to the next one, and answers on the last; what is secret is not shown, and wiped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input

from station.guide.asker import Filled, FormLine, Left
from station.model import Secret
from station.tui.guide.page import Frame, QuestionPage
from station.tui.say import Say
from station.tui.screens.pin import PinField
from station.words.language import Words

_LONGEST = 1024


def _line(field: FormLine) -> Input:
    key = f"field-{field.key}"
    if field.pin:
        return PinField(key)
    return Input(field.value, password=field.secret, max_length=_LONGEST, id=key)


class FormPage(QuestionPage[Filled]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", priority=True),
        Binding("up", "app.focus_previous", priority=True),
        Binding("down", "app.focus_next", priority=True),
    ]

    def __init__(
        self,
        frame: Frame,
        answered: Callable[[Filled | Left | None], None],
        fields: Sequence[FormLine],
    ) -> None:
        super().__init__(frame, answered)
        self._fields = fields
        self._unread: set[str] = set()
        self._lacking: FormLine | None = None

    def keys_phrase(self, words: Words) -> str:
        return words.guide.next_field

    def content(self) -> ComposeResult:
        with VerticalScroll(classes="spaced", can_focus=False):
            for field in self._fields:
                yield Say(field.label, id=f"label-{field.key}")
                yield _line(field)
            yield Say(self._needed, id="lacking", classes="warn")

    def on_mount(self) -> None:
        """At the first line that has nothing yet."""
        empty = [field for field in self._fields if not field.value and not field.may_lack]
        self.set_focus(self._input((empty or self._fields)[0]))

    def _input(self, field: FormLine) -> Input:
        return self.query_one(f"#field-{field.key}", Input)

    def _needed(self, words: Words) -> str:
        return words.guide.needed.format(line=self._lacking.label(words)) if self._lacking else ""

    def action_next(self) -> None:
        """At once, before the keys behind Enter come; those before it may still be on their way to their line."""
        at = next((n for n, field in enumerate(self._fields) if self._input(field) is self.focused), -1)
        if at + 1 < len(self._fields):
            self.set_focus(self._input(self._fields[at + 1]))
            return
        if self._unread:  # they are being read
            return
        self._unread = {field.key for field in self._fields}
        for field in self._fields:
            self._input(field).call_later(self._read, field.key)

    def _read(self, key: str) -> None:
        """The line has all its keys."""
        self._unread.discard(key)
        if self._unread:
            return
        if any(pin.holds_a_scan for pin in self.query(PinField)):
            self._turn_away_a_scan()
            return
        lacking = [field for field in self._fields if not field.may_lack and not self._input(field).value.strip()]
        if lacking:
            self._lacking = lacking[0]
            self.query_one("#lacking", Say).reword()
            self.set_focus(self._input(lacking[0]))
        else:
            self.answer(self._filled())

    def _turn_away_a_scan(self) -> None:
        """It is no try of a PIN."""
        for pin in self.query(PinField):
            self.echo(pin.take(), lambda words: words.bench.scan_unknown)
            self.set_focus(pin)

    def _filled(self) -> Filled:
        texts = {field.key: self._input(field).value.strip() for field in self._fields if not field.secret}
        secrets = {field.key: Secret(self._input(field).value) for field in self._fields if field.secret}
        for field in self._fields:
            self._input(field).clear()
        return Filled(texts=texts, secrets=secrets)
