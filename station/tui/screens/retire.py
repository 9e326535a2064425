# SPDX-License-Identifier: GPL-3.0-or-later
"""Retiring an identity for ever, with a reason."""

from __future__ import annotations

from collections.abc import Callable

from station.desk.desk import Grant
from station.tui.screens.reason import Reason
from station.tui.screens.room import Room


def ask_to_retire(room: Room, grant: Grant, name: str, then: Callable[[], None]) -> None:
    """Asks for the reason over `room`, retires, says so and calls `then`."""

    def retired(_: None) -> None:
        room.notify(room.words.office.retired.format(name=name))
        then()

    def reasoned(reason: str | None) -> None:
        if reason:
            desk = room.desk
            room.ask(lambda: desk.retire(grant, name, reason), retired)

    room.app.push_screen(Reason(lambda words: words.office.retire_reason.format(name=name)), reasoned)
