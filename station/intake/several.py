# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work on many things, several at a time; what came of each is handed back in the caller's thread.

Promises: the first is done alone, so that a wrong key or a refused product is met once and not by every hand; after a
failure no new one is begun, and all that were begun are handed back. The hands are daemons: a process that is ended
does not wait for them, so the work must be such that it may end anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from station.intake.progress import Stop

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came(Generic[Item, Result]):
    """`error` is set exactly where there is no result."""

    item: Item
    result: Result | None = None
    error: Exception | None = None


def several(
    items: Iterable[Item], work: Callable[[Item], Result], *, hands: int, stop: Stop
) -> Iterator[Came[Item, Result]]:
    """As they are done, in any order. After `stop()` nothing is begun."""
    crew = _Crew(work, hands)
    todo = iter(items)
    room = 1  # how many may be begun and not handed back
    out = 0
    try:
        while True:
            while room and out < room:
                item = None if stop() else next(todo, None)
                if item is None:
                    room = 0
                    break
                crew.give(item)
                out += 1
            if not out:
                return
            came = crew.take()
            out -= 1
            if came.error is not None:
                room = 0
            elif room:
                room = 2 * hands  # one in work and one at hand each: nobody waits for the caller's disk
            yield came
    finally:
        crew.dismiss()


class _Crew(Generic[Item, Result]):
    """Threads, started as they are needed."""

    def __init__(self, work: Callable[[Item], Result], hands: int) -> None:
        self._work = work
        self._hands = hands
        self._inbox: SimpleQueue[Item | None] = SimpleQueue()
        self._outbox: SimpleQueue[Came[Item, Result]] = SimpleQueue()
        self._hired = 0

    def give(self, item: Item) -> None:
        if self._hired < self._hands:
            self._hired += 1
            threading.Thread(target=self._serve, daemon=True, name=f"several-{self._hired}").start()
        self._inbox.put(item)

    def take(self) -> Came[Item, Result]:
        return self._outbox.get()

    def dismiss(self) -> None:
        """Each goes home after what it has in hand; what nobody began is left."""
        while not self._inbox.empty():
            self._inbox.get()
        for _ in range(self._hired):
            self._inbox.put(None)

    def _serve(self) -> None:
        while (item := self._inbox.get()) is not None:
            try:
                self._outbox.put(Came(item=item, result=self._work(item)))
            except Exception as error:  # it is raised where it is handed back
                self._outbox.put(Came(item=item, error=error))
