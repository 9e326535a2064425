# SPDX-License-Identifier: GPL-3.0-or-later
"""A supervisor's PIN, and whose it is. What was typed goes to the desk as a Secret, is wiped from the field and shown
nowhere. A badge, a label, and what any scanner reads is no PIN, which nobody prints: it does what it does on the bench.
"""

from __future__ import annotations

import math
import time
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from station.desk.desk import Grant
from station.errors import StationError, TooSoon
from station.model import Secret
from station.people.pins import is_read_by_scanners
from station.tui.say import Say
from station.tui.scanner import typed_by_scanner
from station.tui.screens.room import Dialog
from station.words.language import Words
from station.words.told import wait_line, whole_error

IDLE_S = 30.0


class PinField(Input):
    """Knows when its keys came."""

    def __init__(self, id: str = "pin") -> None:
        super().__init__(password=True, id=id)
        self._times: list[float] = []

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable:
            self._times.append(event.time)
        await super()._on_key(event)

    @property
    def holds_a_scan(self) -> bool:
        """Whether a scanner typed it."""
        return typed_by_scanner(self._times) or is_read_by_scanners(self.value)

    def take(self) -> str:
        """What was typed; the field is empty then."""
        typed = self.value
        self._times = []
        self.clear()
        return typed


class Pin(Dialog[Grant]):
    """Gives a Grant, or nothing, also when nobody types for IDLE_S. The desk counts wrong PINs and makes them wait."""

    takes_scans = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("up", "choose(-1)"), Binding("down", "choose(1)")]

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()  # () until the desk has said them
        self._chosen = 0
        self._may_again = 0.0  # monotonic seconds; 0: at once

    def compose(self) -> ComposeResult:
        yield self.box(
            Say(self._question, id="whose", classes="big"),
            PinField(),
            Say(id="wrong", classes="warn"),
            Say(self._keys, id="keys", classes="keys"),
        )

    def on_mount(self) -> None:
        self.ask(self.desk.supervisors, self._know)
        self.set_interval(1.0, self.close_when_idle)
        self.set_interval(0.5, self.count_down)

    def close_when_idle(self) -> None:
        if self.left_alone(IDLE_S):
            self.dismiss(None)

    def _know(self, names: tuple[str, ...]) -> None:
        self._names = names
        if self.host.supervisor in names:
            self._chosen = names.index(self.host.supervisor)
        self.reword_texts()

    def action_choose(self, step: int) -> None:
        if self._names:
            self._chosen = (self._chosen + step) % len(self._names)
            self.reword_texts()

    @property
    def _whose(self) -> str:
        return self._names[self._chosen] if self._names else ""

    def _question(self, words: Words) -> str:
        return words.of(words.office.pin, self._whose) if self._whose else words.office.pin

    def _keys(self, words: Words) -> str:
        choose = (words.office.another_supervisor,) if len(self._names) > 1 else ()
        return "    ".join((*choose, words.office.ok, words.office.cancel))

    def on_input_submitted(self, _: Input.Submitted) -> None:
        field = self.query_one(PinField)
        by_scanner, typed = field.holds_a_scan, field.take()
        if by_scanner:
            self.scanned(typed)
        elif typed:
            desk, pin, name = self.desk, Secret(typed), self._whose
            self.ask(lambda: desk.unlock(pin, name), self._granted, self._refused)

    def _granted(self, grant: Grant) -> None:
        """What came over it while the PIN was looked at, an alarm, is not taken away with it."""
        self.finish(grant)

    def _refused(self, error: StationError) -> None:
        self._may_again = time.monotonic() + error.wait_s if isinstance(error, TooSoon) else 0.0
        self.query_one("#wrong", Say).say(lambda words: self._refusal(error, words))

    def count_down(self) -> None:
        """How long a PIN is still not looked at; what was said goes with the last second."""
        if not self._may_again:
            return
        if self._left_s <= 0:
            self._may_again = 0.0
            self.query_one("#wrong", Say).say("")
        self.query_one("#wrong", Say).reword()

    @property
    def _left_s(self) -> int:
        return math.ceil(self._may_again - time.monotonic())

    def _refusal(self, error: StationError, words: Words) -> str:
        if self._may_again:
            return wait_line(error.code, self._left_s, words)
        return "\n".join(whole_error(error, words))
