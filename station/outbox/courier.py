# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings one receiver what the ledger has for it: each event at least once, those of a board in their order.

One that a receiver refuses is set aside, and with it what comes of the same board, until a person has it tried again or
skipped. A receiver that takes nothing is asked ever more seldom, and nothing is lost meanwhile. Whoever sends is alone
with its receiver, on a line too; one whose connection broke finds out before it sends again.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from station.errors import StationError, defect
from station.ledger.outbox import Delivered, Due, Held
from station.ledger.stay_events import StayEvent
from station.ledger.view import View
from station.logger import logger
from station.outbox.event import event_of
from station.outbox.receiver import EventRefused, Receiver

_LOG = logger("outbox")
AT_ONCE: Final = 50
"""Events between two words to the ledger: as many may come twice after a crash."""
LOOK_S: Final = 1.0
"""Between two looks for what is new, and for whether somebody else still sends."""
_FIRST_S, _LONGEST_S = 1.0, 60.0
"""Between two tries of what was not taken; each is shortened by chance, so that not all benches ask at once."""

Say = Callable[[str, StationError | None, str], None]
"""A receiver's name; what is wrong with it, None where an event was refused; and, of that, how."""


class Courier:
    """`send` once, or `run` until `end`."""

    def __init__(
        self,
        receiver: Receiver,
        ledger: View,
        bench: str,
        say: Say,
        *,
        first_s: float = _FIRST_S,
        look_s: float = LOOK_S,
    ) -> None:
        self.receiver = receiver
        self._ledger, self._bench, self._say = ledger, bench, say
        self._first_s, self._look_s = first_s, look_s
        self._failures = 0
        self._trouble: str | None = None  # as the ledger has it; None: not known
        self._begun = False
        self._ending = threading.Event()
        self._until = math.inf  # monotonic

    def end(self, within_s: float) -> None:
        """What is left is tried once more, as long as that; the rest stays in the ledger."""
        self._until = time.monotonic() + within_s
        self._ending.set()

    def run(self) -> None:
        """In a thread of its own; never raises."""
        try:
            while True:
                last = self._ending.is_set()
                rest_s = self._once()
                if last:
                    return
                self._ending.wait(rest_s)
        finally:
            self.receiver.close()

    def _once(self) -> float:
        """All there is, as far as it is taken; how long to rest then."""
        try:
            self.send()
        except StationError as error:
            self._failed(error)
        except Exception as error:  # whatever it is, the boards do not pay for it
            self._failed(defect(error))
        if not self._failures:
            return self._look_s
        longest: float = min(_LONGEST_S, self._first_s * 2 ** min(self._failures - 1, 10))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spread, no secret

    def send(self) -> bool:
        """All there is now. False where somebody else sends to it. A StationError: it takes nothing now."""
        outbox, name = self._ledger.outbox, self.receiver.name
        if not self._begun:
            outbox.begin(name, self.receiver.since)
            self._begun = True
        if not outbox.due(name, 1).events:
            return True
        with outbox.alone(name) as alone:
            joins = outbox.joins
            while alone and (due := outbox.due(name, AT_ONCE)).events:
                outbox.make_last()
                if outbox.joins != joins or self._is_late():
                    break
                self._deliver(due)
        return alone

    def _is_late(self) -> bool:
        return time.monotonic() >= self._until

    def _deliver(self, due: Due) -> None:
        """One word to the ledger, also where it broke off in the middle."""
        told, refused = Delivered(), set[str]()
        trouble: StationError | None = None
        for stay in due.events:
            if self._is_late():
                break
            try:
                self._one(stay, due, told, refused)
            except StationError as error:
                trouble = error
                break
            except Exception as error:
                trouble = defect(error)
                break
        text = trouble.what if trouble else ""
        if told.settled or told.held or text != self._trouble:
            self._ledger.outbox.keep(self.receiver.name, told, text)
            self._trouble = text
        if trouble is not None:
            raise trouble
        self._failures = 0

    def _one(self, stay: StayEvent, due: Due, told: Delivered, refused: set[str]) -> None:
        """`refused`: the boards of which one has just been. What is held of a board is ahead of what is new of it."""
        was_held = stay.number in due.held
        if stay.number in due.skipped:
            pass
        elif stay.uid and (stay.uid in refused or (stay.uid in due.blocked and not was_held)):
            if not was_held:
                told.held[stay.number] = Held.WAITING, "behind a refused one of the same board"
        else:
            try:
                self.receiver.deliver(event_of(stay, self._bench))
            except EventRefused as why:
                told.held[stay.number] = Held.REFUSED, str(why)
                refused.add(stay.uid)
                with suppress(Exception):  # who listened may be gone
                    self._say(self.receiver.name, None, f"event {stay.number}: {why}")
            else:
                _LOG.debug("%s has event %d, of visit %s", self.receiver.name, stay.number, stay.visit or "-")
                if was_held:
                    told.held[stay.number] = Held.SENT, ""
        if not was_held:
            told.settled = stay.number

    def _failed(self, error: StationError) -> None:
        """Said once, until it has worked again."""
        self._failures += 1
        if self._failures == 1:
            with suppress(Exception):  # as above
                self._say(self.receiver.name, error, "")
