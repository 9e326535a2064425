# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver of the outbox: where events go. One file a kind; a new kind is one more, and a line in `reading`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from station.codes import Code
from station.errors import StationFault
from station.outbox.event import Event

TAKES_S: Final = 10.0
"""As long as one event may take; after that the receiver takes nothing, for now."""


class Receiver(Protocol):
    """Used by one thread, `close` by any. `deliver` and `look` end within about TAKES_S whatever the other side
    does."""

    @property
    def name(self) -> str: ...

    @property
    def since(self) -> float | None:
        """It is told of stays that ended then (Unix time) or later; None: of those from its beginning on."""

    def deliver(self, event: Event) -> None:
        """The receiver has it, for good. EventRefused: it will never take this one. A StationError: it takes nothing
        now, and the same event is tried again."""

    def look(self) -> None:
        """A StationError for what can be seen to be wrong without telling it anything."""

    def close(self) -> None:
        """More than once is nothing; never raises."""


class EventRefused(Exception):
    """This event, and not the receiver, is what is wrong; the text says how it was refused, in our own words."""


def deaf(what: str, do: str) -> StationFault:
    return StationFault(what, do=do, code=Code.E318)


@contextmanager
def as_ours() -> Iterator[None]:
    """What the andon's means say is said of a receiver."""
    try:
        yield
    except StationFault as fault:
        raise deaf(fault.what, fault.do) from fault
