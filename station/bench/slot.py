# SPDX-License-Identifier: GPL-3.0-or-later
"""One slot as the bench keeps it: which board is in it, how far that board is, and what the tile says. No I/O.

A slot is vacant, or its board waits, is in hand, or has ended its visit. How a visit ended stays on the tile until the
board is taken out; where the board left during it, until the next one comes. `after` says what a slot does when a visit
is over.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import StrEnum

from station.errors import Exit
from station.events import SlotEvent, SlotState
from station.flow import Visit
from station.ledger.locks import Lock, what_ends
from station.model import BoardUid, Port
from station.rules import Outcome

_COMES_BACK_S = 5.0
"""A board whose port tells its uid (native USB) may reset and come back so long after it was done."""

HELD = "E611"
_ANOTHER_BOARD = frozenset({"E209", "E311"})
"""Ends of a visit after which a port that came meanwhile is a board of its own, not the same one after its reset."""
_FINAL = frozenset(SlotState) - {SlotState.EMPTY, SlotState.READY, SlotState.BUSY}


class After(StrEnum):
    """What a slot does when its board's visit is over."""

    STAY = "stay"  # what became of the board is on the tile until it is out
    WAIT = "wait"  # the same board's visit goes on later
    ANEW = "anew"  # another board may be in it: nothing of this one counts for that, its label least of all
    GONE = "gone"  # nothing is in it


def after(visit: Visit, port: Port | None, *, replugged: bool) -> After:
    """`port`: what is in the slot now; `replugged`: it came after the board was last seen. A board that resets does
    that too, so where the visit has an end that is this board's own, it is taken for the same one.
    """
    if port is None:
        return After.GONE
    waits = wants_stock(visit) or visit.outcome is Outcome.WRONG_LABEL
    if replugged:
        passed = visit.outcome is Outcome.PASS
        if passed or (visit.error is not None and visit.error.code in _ANOTHER_BOARD):
            return After.ANEW
        if waits and not (visit.board and _tells(port, visit.board.uid)):
            return After.ANEW
    return After.WAIT if waits else After.STAY


def wants_stock(visit: Visit) -> bool:
    """Whether its board waits for an identity."""
    return visit.error is not None and visit.error.exit is Exit.NO_CERTIFICATES


def _tells(port: Port, uid: str) -> bool:
    """Whether the port says by its serial number that the board with this uid is at it."""
    try:
        return BoardUid.parse(port.serial) == uid
    except ValueError:
        return False


@dataclass(slots=True)
class Slot:
    """Times are monotonic, seconds."""

    name: str
    port: Port | None = None
    plugged_at: float = 0.0
    uid: BoardUid | None = None
    due_at: float | None = None  # when the board in it may be started; None: it is not to be
    starved: bool = False  # its board waits for stock
    label: str | None = None
    wants_label: bool = False
    trouble: SlotEvent | None = None  # why the board waits
    turned_away: bool = False  # the board came to a locked slot
    working: Future[None] | None = None
    replugged: bool = False  # a port came while the worker was busy: the same board after a reset, or another one
    ended: SlotEvent | None = None  # how the visit ended
    done: tuple[float, SlotEvent] | None = None  # when its last good board was done, and what it showed
    shown: SlotEvent | None = None

    @property
    def waits(self) -> bool:
        """A board is in it whose visit has not begun, or goes on later."""
        return self.port is not None and self.working is None and self.ended is None

    def receive(self, port: Port, *, wants_label: bool) -> None:
        """A board whose visit begins as soon as it may."""
        self.vacate()
        self.port, self.plugged_at, self.due_at, self.wants_label = port, time.monotonic(), 0.0, wants_label

    def begin(self, working: Future[None]) -> None:
        """Its board is in hand."""
        self.due_at = self.trouble = None
        self.replugged, self.working = False, working

    def vacate(self) -> None:
        """Nothing is in it, and nothing is left to say about what was."""
        self.port = self.uid = self.due_at = self.label = self.trouble = self.ended = None
        self.starved = self.wants_label = self.turned_away = False

    def wait(self, seconds: float, trouble: SlotEvent) -> None:
        """Its board is due again in `seconds`; until then the tile says why."""
        self.due_at, self.trouble, self.ended = time.monotonic() + seconds, trouble, None

    def end(self, event: SlotEvent) -> None:
        """Its board's visit is over."""
        self.ended, self.due_at = event, None
        good = event.state in (SlotState.PASS, SlotState.ALREADY_DONE)
        self.done = (time.monotonic(), event) if good else None

    def leave_in_hand(self) -> None:
        """Its board went while it was in hand: what became of it stays on the tile, a mere wait does not."""
        keep = self.ended if self.ended and self.ended.state in _FINAL else None
        self.vacate()
        self.ended = keep

    def came_back(self, port: Port) -> SlotEvent | None:
        """What to show again when this port is the board that was just done here. Only a port whose serial number is
        the board's uid can tell; any other port is looked at anew."""
        if self.done is None or time.monotonic() - self.done[0] > _COMES_BACK_S:
            return None
        return self.done[1] if _tells(port, self.done[1].uid) else None

    def view(self, lock: Lock | None, *, held: bool, asked: bool) -> SlotEvent:
        """What the tile says while no board is in hand here. A lock is said except where a board is in that has ended
        its visit: what became of it is seen first."""
        shows_its_end = self.port is not None and self.ended is not None and self.ended.state in _FINAL
        if lock is not None and not shows_its_end:
            return self.tile(SlotState.LOCKED, code=lock.code, what=lock.what, do=what_ends(lock.code, lock.what))
        if self.ended is not None:
            return self.ended
        if self.port is None:
            return self.tile(SlotState.EMPTY)
        if held:
            return self.tile(SlotState.READY, code=HELD, what="held: a supervisor is at work", do="wait")
        if self.wants_label and not asked:
            return self.tile(SlotState.READY)
        return self.trouble or self.tile(SlotState.READY, what="scan its label" if asked else "")

    def says(self, event: SlotEvent) -> bool:
        """Whether that is on the tile already."""
        return self.shown is not None and replace(event, at=self.shown.at) == self.shown

    def tile(self, state: SlotState, *, code: str = "", what: str = "", do: str = "") -> SlotEvent:
        """An event of this slot, without a board's particulars."""
        return SlotEvent(slot=self.name, at=time.time(), state=state, code=code, what=what, do=do)
