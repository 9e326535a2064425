# SPDX-License-Identifier: GPL-3.0-or-later
"""An NVR set: the NVR and its channels in the cloud's order, each with its state and board."""

from __future__ import annotations

from textual.app import ComposeResult

from station.desk.desk import Member
from station.tui.screens.room import Room
from station.tui.table import Record, Table
from station.words.language import Words


class SetView(Room):
    """Read only."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._set_name = name
        self._members: tuple[Member, ...] = ()

    def title_phrase(self, words: Words) -> str:
        return f"{words.office.set_}: {self._set_name}"

    def content(self) -> ComposeResult:
        yield Table(_heads)

    def on_mount(self) -> None:
        desk, name = self.desk, self._set_name
        self.look(lambda: desk.members(name), self._show)

    def _show(self, members: tuple[Member, ...]) -> None:
        self._members = members
        self.reword()

    def reword(self) -> None:
        self.query_one(Table).fill(
            [
                Record(member.name, (_channel(member), member.name, self.words.ledger[member.state], member.uid))
                for member in self._members
            ]
        )


def _channel(member: Member) -> str:
    return str(member.channel) if member.channel else "NVR"


def _heads(words: Words) -> tuple[str, ...]:
    text = words.office
    return text.channel, text.name, text.state, text.board
