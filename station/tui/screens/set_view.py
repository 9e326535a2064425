# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR set: the NVR and its channels in the cloud's order, each with its state and board.

Where a camera is retired and the NVR is still here, it says so below and takes a supervisor's word, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from station.desk.desk import Grant, Member
from station.model import State
from station.tui.say import Say
from station.tui.screens.filtering import FilterRoom
from station.tui.screens.reason import Reason
from station.tui.table import Table, TableRecord
from station.words.language import Words


class SetView(FilterRoom):
    """F5 lets the NVR out without its retired cameras, F8 ends the set."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f5", "short"), Binding("f8", "end")]

    def __init__(self, grant: Grant, name: str) -> None:
        super().__init__()
        self._grant = grant
        self._set_name = name
        self._members: tuple[Member, ...] = ()

    def title_phrase(self, words: Words) -> str:
        return words.of(words.office.set_, self._set_name)

    def keys_phrase(self, words: Words) -> str:
        return f"{words.office.set_short}    {words.office.set_end}" if self._stuck() else ""

    def content(self) -> ComposeResult:
        yield Table(_heads)

    def on_mount(self) -> None:
        self._read()

    def _read(self) -> None:
        desk, name = self.desk, self._set_name
        self.look(lambda: desk.members(name), self._show)

    def _show(self, members: tuple[Member, ...]) -> None:
        self._members = members
        self.query_one("Say.keys", Say).reword()
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill(
            [
                TableRecord(member.name, (_channel(member), member.name, self.words.ledger[member.state], member.uid))
                for member in self._members
            ]
        )

    def _stuck(self) -> str:
        """The NVR that waits for a retired camera, or may have a word about it already; "" when none does."""
        if not any(one.channel and one.state is State.RETIRED for one in self._members):
            return ""
        waiting = (one.name for one in self._members if not one.channel and one.state in (State.READY, State.WITHHELD))
        return next(waiting, "")

    def action_short(self) -> None:
        grant, desk = self._grant, self.desk
        text = self.words.office
        self._decide(text.set_short_reason, text.set_shortened, lambda n, why: desk.flash_without(grant, n, why))

    def action_end(self) -> None:
        grant, desk = self._grant, self.desk
        text = self.words.office
        self._decide(text.set_end_reason, text.set_ended, lambda n, why: desk.end_set(grant, n, why))

    def _decide(self, question: str, done: str, decide: Callable[[str, str], None]) -> None:
        nvr = self._stuck()
        if not nvr:
            return

        def decided(_: None) -> None:
            self.notify(done.format(name=nvr))
            self._read()

        def reasoned(reason: str | None) -> None:
            if reason:
                self.ask(lambda: decide(nvr, reason), decided)

        self.app.push_screen(Reason(lambda _words: question.format(name=nvr)), reasoned)


def _channel(member: Member) -> str:
    return str(member.channel) if member.channel else "NVR"


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.channel, text.name, text.state, text.board
