# SPDX-License-Identifier: GPL-3.0-or-later
"""One slot as the bench keeps it: which board is in it, and how its visit goes or went. What the tile says follows from
that (`tile`). No I/O.

A slot is vacant, or its board waits, is in hand, or has ended its visit. How a visit ended is kept until the board is
taken out; where the board left during it, and in any case where it is in doubt, until the next one comes. `after` says
what a slot does when a visit is over.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum

from station.codes import Then
from station.errors import StationError
from station.events import Asks
from station.flow.visit import Visit
from station.ledger.locks import Lock
from station.ledger.printed import OnLabel
from station.ledger.scan_backs import OWED
from station.model import BoardUid, Port
from station.rules import Outcome

_COMES_BACK_S = 5.0
"""A board whose port tells its uid (native USB) may reset and come back so long after it was done."""

GOOD = frozenset({Outcome.PASS, Outcome.ALREADY_DONE})
"""It has its identity, and is proved to."""
_FINAL = GOOD | {Outcome.FAIL, Outcome.IN_DOUBT, Outcome.ALARM}
"""What became of the board. Any other outcome says why nothing did."""


class After(StrEnum):
    """What a slot does when its board's visit is over."""

    STAY = "stay"  # what became of the board is on the tile until it is out
    WAIT = "wait"  # the same board's visit goes on later
    ANEW = "anew"  # another board may be in it: nothing of this one counts for that, its label least of all
    GONE = "gone"  # nothing is in it


def after(visit: Visit, port: Port | None, *, replugged: bool) -> After:
    """`port`: what is in the slot now; `replugged`: it came after the board was last seen. A board that resets does
    that too, so where the visit has an end that is this board's own, it is taken for the same one, but never for done.
    """
    if port is None:
        return After.GONE
    waits = wants_stock(visit) or visit.outcome is Outcome.WRONG_LABEL or is_waited_out(visit.error)
    if replugged:
        told = visit.board is not None and _tells(port, visit.board.uid)
        passed = visit.outcome is Outcome.PASS
        if passed or (visit.error is not None and Then.ANOTHER in visit.error.code.then):
            return After.ANEW
        if (waits or visit.outcome is Outcome.ALREADY_DONE) and not told:
            return After.ANEW
    return After.WAIT if waits else After.STAY


def is_waited_out(error: StationError | None) -> bool:
    """Whether the board goes on by itself; also one in doubt, whose next look settles it."""
    return error is not None and Then.WAITED_OUT in error.code.then


def wants_stock(visit: Visit) -> bool:
    """Whether its board waits for an identity."""
    return visit.error is not None and visit.error.code.lacks_stock


def _tells(port: Port, uid: str) -> bool:
    """Whether the port says by its serial number that the board with this uid is at it."""
    try:
        return BoardUid.parse(port.serial) == uid
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, weakref_slot=True, kw_only=True, eq=False)  # by identity, for `of_ended`
class Ended:
    """A visit that is over, or that goes on later. Nobody changes it any more."""

    visit: Visit
    seconds: float  # since it began
    at: float  # Unix time, seconds
    monotonic: float  # seconds

    @property
    def is_final(self) -> bool:
        return self.visit.outcome in _FINAL


@dataclass(slots=True, kw_only=True)
class Owed:
    """A label that was printed for the board that was done here, and that is to be scanned back."""

    label: OnLabel
    demanded: bool  # before another board is begun; otherwise until this one is out
    printed: bool = False
    error: StationError | None = None  # why the last scan was not it

    @property
    def lock(self) -> Lock | None:
        """Until it was scanned, where that is demanded."""
        return Lock(scope="", code=OWED, what=self.what, since="") if self.demanded else None

    @property
    def what(self) -> str:
        return f"the printed label of {self.label.fields['device']} was not scanned"


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
    serial: str = ""
    wants: tuple[Asks, ...] = ()  # what is to be scanned before its board is begun, in this order
    trouble: StationError | None = None  # why the board waits
    paused: Ended | None = None  # the visit that met it, if one did
    turned_away: bool = False  # the board came to a locked slot
    working: Future[None] | None = None
    visit: Visit | None = None  # in hand, as far as it is
    replugged: bool = False  # a port came while the worker was busy: the same board after a reset, or another one
    ended: Ended | None = None
    settled: bool = False  # it ended in a doubt that is none any more
    done: Ended | None = None  # its last board, if that was a good one
    owes: Owed | None = None  # a scan of that one's label

    @property
    def waits(self) -> bool:
        """A board is in it whose visit has not begun, or goes on later."""
        return self.port is not None and self.working is None and self.ended is None

    @property
    def waits_for_station(self) -> bool:
        """Its board's visit ended because of a fault of the station."""
        return self.port is not None and self.ended_as(Outcome.STATION_FAULT)

    @property
    def is_set_aside(self) -> bool:
        """Its board raised an alarm that no unlock is an answer to: it is taken out and kept apart."""
        error = self.ended.visit.error if self.ended is not None else None
        return error is not None and Then.SET_ASIDE in error.code.then and self.ended_as(Outcome.ALARM)

    @property
    def goes_on(self) -> str:
        """The visit that its board's next look is a part of, "" for one that is to begin."""
        visit = self.paused.visit if self.paused is not None else None
        return visit.id if visit is not None and is_waited_out(visit.error) else ""

    def ended_as(self, outcome: Outcome) -> bool:
        """Whether that is how its board's visit ended, and still matters."""
        over = self.working is None and not self.settled
        return over and self.ended is not None and self.ended.visit.outcome is outcome

    def receive(self, port: Port, *, wants: tuple[Asks, ...]) -> None:
        """A board whose visit begins as soon as it may."""
        self.vacate()
        self.port, self.plugged_at, self.due_at, self.wants = port, time.monotonic(), 0.0, wants

    def take_back(self, port: Port, ended: Ended) -> None:
        """The board that was done here came back."""
        self.vacate()
        self.port, self.ended = port, ended
        self.uid = ended.visit.board.uid if ended.visit.board else None

    def hear(self, scan: str) -> None:
        """What it asked for first: whatever kept it waiting for that is over."""
        heard, self.wants = self.wants[0], self.wants[1:]
        if heard is Asks.LABEL:
            self.label = scan
        else:
            self.serial = scan
        self.trouble = self.paused = None

    def begin(self, working: Future[None]) -> None:
        """Its board is in hand."""
        self.due_at = self.trouble = self.paused = self.visit = None
        self.replugged, self.working = False, working

    def leave_hand(self) -> None:
        """Its board is in hand no more."""
        self.working = self.visit = None
        self.replugged = False

    def vacate(self) -> None:
        """Nothing is in it, and nothing is left to say about what was; what it owes is not forgotten."""
        self.port = self.uid = self.due_at = self.label = self.trouble = self.paused = self.ended = None
        self.starved = self.turned_away = self.settled = False
        self.serial, self.wants = "", ()
        if self.owes is not None and not self.owes.demanded:
            self.owes = None

    def wait(self, seconds: float, trouble: StationError | None, paused: Ended | None = None) -> None:
        """Its board is due again in `seconds`; until then the tile says why."""
        self.due_at, self.trouble, self.paused, self.ended = time.monotonic() + seconds, trouble, paused, None

    def end(self, ended: Ended) -> None:
        """Its board's visit is over."""
        self.ended, self.due_at = ended, None
        self.done = ended if ended.visit.outcome in GOOD else None

    def empty(self) -> None:
        """Its board was taken out after its visit. A doubt is kept: the visit may have ended because the board went,
        which is seen only now; so is one that was to go on in it."""
        over = None if self.settled else self.ended or self.paused
        self.vacate()
        self.ended = over if over is not None and over.visit.outcome is Outcome.IN_DOUBT else None

    def lose(self) -> None:
        """Its board went while it was in hand: what became of it is kept, a mere wait is not."""
        keep = self.ended if self.ended and self.ended.is_final else None
        self.vacate()
        self.ended = keep

    def came_back(self, port: Port) -> Ended | None:
        """How its visit ended when this port is the board that was just done here. Only a port whose serial number is
        the board's uid can tell; any other port is looked at anew."""
        if self.done is None or time.monotonic() - self.done.monotonic > _COMES_BACK_S:
            return None
        board = self.done.visit.board
        return self.done if board is not None and _tells(port, board.uid) else None
