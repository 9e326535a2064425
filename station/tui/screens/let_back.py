# SPDX-License-Identifier: GPL-3.0-or-later
"""Letting what is withheld back into the queue, with a reason: one identity, or all of a batch that may come."""

from __future__ import annotations

from collections.abc import Callable

from station.desk.desk import Grant
from station.ledger.releasing import Released
from station.tui.screens.reason import Reason
from station.tui.screens.room import Room


def ask_to_let_back(room: Room, grant: Grant, name: str, then: Callable[[], None]) -> None:
    """Asks for the reason over `room`, lets the identity back, says so and calls `then`."""
    desk = room.desk
    _ask(room, name, lambda reason: desk.let_back(grant, name, reason), then)


def ask_to_let_batch_back(room: Room, grant: Grant, batch_id: str, then: Callable[[], None]) -> None:
    """The same for a batch; says too how many stay withheld."""
    desk = room.desk
    _ask(room, batch_id, lambda reason: desk.let_batch_back(grant, batch_id, reason), then)


def _ask(room: Room, name: str, let: Callable[[str], Released], then: Callable[[], None]) -> None:
    def done(released: Released) -> None:
        text = room.words.office
        said = [text.back_in_stock.format(n=released.back)]
        if stay := sum(released.stay.values()):
            said.append(text.stay_withheld.format(n=stay))
        room.notify(room.words.marks.comma.join(said))
        then()

    def reasoned(reason: str | None) -> None:
        if reason:
            room.ask(lambda: let(reason), done)

    room.app.push_screen(Reason(lambda words: words.office.let_back_reason.format(name=name)), reasoned)
