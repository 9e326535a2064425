# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen asks of the program it is shown in. The program knows its screens; a screen knows no more than this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from station.words.language import Words

if TYPE_CHECKING:
    from station.desk.desk import Desk
    from station.errors import StationError
    from station.events import Notice, SlotEvent
    from station.guide.asker import Asker, Phrase
    from station.report.shift import Doubt


class Speaker(Protocol):
    """Whatever speaks one language at a time."""

    @property
    def words(self) -> Words:
        """In the language that is shown now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the operator's screen shows now, whatever is over it."""

    slots: tuple[SlotEvent, ...]
    doubts: tuple[Doubt, ...]
    notice: Notice | None


class Host(Speaker, Protocol):
    """`supervisor`: who gave a PIN last. `last_key`: when a key was pressed last, monotonic seconds."""

    desk: Desk
    supervisor: str
    last_key: float

    def show_trouble(self, error: StationError) -> None:
        """Once: the same trouble is not piled on itself."""

    def alarm(self, notice: Notice) -> None:
        """Over whatever is shown."""

    def alarm_is_over(self, asked: float) -> None:
        """The station's lock was lifted elsewhere, as read at that time."""

    def seen(self) -> Shown:
        """As the bench told it last."""

    def open_office(self) -> None:
        """The supervisor's rooms, behind a PIN."""

    def converse(self, heading: Phrase, dialogue: Callable[[Asker], Phrase]) -> None:
        """Questions one after the other, a page each, in a thread of their own; at the end what the dialogue gives, or
        what is still to be read."""
