# SPDX-License-Identifier: GPL-3.0-or-later
"""Where line clients are served: each request is decided by `flow`, with the rules, locks and history of any board.

A board is in hand from its allocation until its client reports, the time for that is over or the station ends; what
ends otherwise is in doubt. In hand, the client that allocated gets the same identity again, and nobody else gets it.
`hear` may be called from any thread; what is of one board goes one after the other.
"""

from __future__ import annotations

import threading
import time
from collections import Counter as Counts
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from station import refusals
from station.bench.outcome import Tally
from station.bench.tile import paint
from station.codes import Code
from station.distribution import answer
from station.distribution.answer import LineAnswer
from station.distribution.clients import LineClient
from station.distribution.ending import Endings
from station.distribution.exchange import At, Enough, Handing, Reporting
from station.distribution.request import Action, LineRequest
from station.errors import BoardFault, IntegrityAlarm, NeedsPerson, PortFault, StationError, StationFault
from station.events import Event, SlotState
from station.flow.flow import flash
from station.flow.visit import Job, Permit, Visit
from station.ledger.store import Ledger
from station.model import BoardUid, Identity, Port, State
from station.profiles.profile import Profile
from station.rules import USUAL, LockOut, Outcome

MOST_IN_HAND: Final = 64
MOST_OF_CLIENT: Final = 32
"""Of those, one client's: one that never reports does not keep the others from their boards."""
_STRIPES = 64
_LEFT_S = 20.0
"""Between two looks at what other benches of a line left behind."""
_GOOD = (Outcome.PASS, Outcome.ALREADY_DONE)


@dataclass(slots=True)
class _Hand:
    """A board that is being served. `came`: it was handed over, or its visit ended before that."""

    slot: str
    product: str
    session: Handing
    began: float = field(default_factory=time.monotonic)
    identity: Identity | None = field(default=None, repr=False)
    visit: Visit | None = None
    came: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Counter:
    """`confirm_s`: how long a client may take. Close it: boards in hand are in doubt then."""

    def __init__(
        self,
        ledger: Ledger,
        profile: Profile,
        permit: Permit,
        listen: Callable[[Event], None],
        *,
        accept: Enough,
        confirm_s: float,
        lock_out: LockOut = USUAL,
    ) -> None:
        self.ledger, self.profile = ledger, profile
        self.tally = Tally()
        self._permit, self._accept, self._confirm_s = permit, accept, confirm_s
        self._endings = Endings(ledger, profile.name, self.tally, listen, lock_out)
        self._pool = ThreadPoolExecutor(MOST_IN_HAND, thread_name_prefix="client")
        self._stripes = [threading.Lock() for _ in range(_STRIPES)]
        self._guard = threading.Lock()
        self._hands: dict[BoardUid, _Hand] = {}  # handed over, not yet ended
        self._working: Counts[str] = Counts()  # by slot
        self._closing = False
        self._take_over_at = time.monotonic() + _LEFT_S
        with suppress(StationError):
            self._lock_on_broken_chain()

    def hear(self, client: LineClient, request: LineRequest) -> LineAnswer:
        """Never raises a StationError: the client is told."""
        try:
            self._require_product(request)
            with self._alone(request.uid):
                if request.action is Action.ALLOCATE:
                    return self._allocate(client.slot, request)
                return self._report(client.slot, request)
        except StationError as error:
            return answer.refused(error, product=request.product, said=request.said)

    def tick(self) -> None:
        """Now and then: whose time is over is in doubt; of a line, what gone benches had in hand is taken over."""
        now = time.monotonic()
        with self._guard:
            late = [hand.session for hand in self._hands.values() if now - hand.began >= self._confirm_s]
        for session in late:
            session.give_up(_silent(self._confirm_s))
        if self.ledger.bench and now >= self._take_over_at:
            self._take_over_at = now + _LEFT_S
            with suppress(StationError):
                self.ledger.recover(own=False)

    def close(self) -> None:
        """Returns when nothing is in hand any more."""
        with self._guard:
            self._closing = True
            sessions = [hand.session for hand in self._hands.values()]
        for session in sessions:
            session.give_up(_interrupted())
        self._pool.shutdown(wait=True)

    # -- what clients ask for ------------------------------------------------------------------------------------------

    def _allocate(self, slot: str, request: LineRequest) -> LineAnswer:
        hand = self._in_hand(slot, request)
        if hand is None:
            hand = self._begin(slot, request)
            hand.came.wait()
        if hand.identity is not None:
            return answer.handed_over(hand.identity, request.said)
        assert hand.visit is not None
        return answer.of_visit(hand.visit, request.product, request.said)

    def _report(self, slot: str, request: LineRequest) -> LineAnswer:
        hand = self._in_hand(slot, request)
        if hand is not None:
            counts = hand.session.report(request)
            hand.ended.wait()
            if counts and hand.visit is not None:
                return _of_report(hand.visit, request)
        if request.action is Action.FAILED and self._is_doubted(request):
            return answer.noted(request.product, request.said)  # said before
        self._endings.require_open(slot)  # what nobody waits for any more may wait for a supervisor, as at a bench
        began = time.monotonic()
        visit = flash(self._job(request, Reporting(request, self._accept), take_new=False), _port(slot))
        if visit.outcome is not Outcome.ALREADY_DONE:  # said before: no other stay of the board
            self._endings.end(visit, time.monotonic() - began)
        return _of_report(visit, request)

    def _begin(self, slot: str, request: LineRequest) -> _Hand:
        self._endings.require_open(slot)
        session = Handing(request.uid, self._accept)
        hand = _Hand(slot=slot, product=request.product, session=session)
        session.handed = partial(self._handed, hand, request.uid)
        with self._guard:
            if self._closing:
                raise _interrupted()
            for working, most in ((self._working[slot], MOST_OF_CLIENT), (self._working.total(), MOST_IN_HAND)):
                if working >= most:
                    do = "report what became of the others first"
                    raise NeedsPerson(f"{most} boards are in hand", do=do, code=Code.E609)
            self._working[slot] += 1
            self._pool.submit(self._work, hand, request)
        return hand

    def _handed(self, hand: _Hand, uid: BoardUid, identity: Identity) -> None:
        with self._guard:
            if self._closing:
                raise _interrupted()
            hand.identity = identity
            self._hands[uid] = hand
        hand.came.set()

    def _work(self, hand: _Hand, request: LineRequest) -> None:
        try:
            hand.visit = flash(self._job(request, hand.session), _port(hand.slot))
            self._endings.end(hand.visit, time.monotonic() - hand.began)
        finally:
            with self._guard:
                self._working[hand.slot] -= 1
                if self._hands.get(request.uid) is hand:
                    del self._hands[request.uid]
            hand.came.set()
            hand.ended.set()

    def _job(self, request: LineRequest, session: Handing | Reporting, *, take_new: bool = True) -> Job:
        """One write, since the client is asked for each; nothing that only a look at the board could tell."""
        profile = replace(
            self.profile, products=(request.product,), chips=(), prove_after_reset=False, overwrite_unknown=False
        )

        def tell(visit: Visit) -> None:
            self._endings.tell(paint(visit, SlotState.BUSY))

        return Job(
            ledger=self.ledger,
            target=At(session=session),
            profile=profile,
            tell=tell,
            write_attempts=1,
            permit=self._permit,
            take_new=take_new,
        )

    # -- what is known -------------------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self, uid: BoardUid) -> Iterator[None]:
        with self._stripes[hash(uid) % _STRIPES]:
            yield

    def _in_hand(self, slot: str, request: LineRequest) -> _Hand | None:
        """BoardFault E210 where another client has it: two boards may have one uid."""
        with self._guard:
            hand = self._hands.get(request.uid)
        if hand is not None and hand.slot != slot:
            raise refusals.in_two_slots(request.uid, f"slot {hand.slot}")
        if hand is not None and hand.product != request.product:
            raise _other_product(f"board {request.uid} was allocated for as one of product {hand.product}")
        if hand is not None and hand.session.is_decided:
            hand.ended.wait()
            return None
        return hand

    def _is_doubted(self, request: LineRequest) -> bool:
        known = self.ledger.bound_to(request.uid)
        return known is not None and known.state is State.IN_DOUBT and known.name.product_key == request.product

    def _require_product(self, request: LineRequest) -> None:
        if request.product not in self.profile.products:
            raise _other_product(f"profile {self.profile.name} is for {', '.join(self.profile.products)}")

    def _lock_on_broken_chain(self) -> None:
        try:
            self.ledger.audit.verify_recent()
        except IntegrityAlarm as alarm:
            self._endings.alarm(alarm)


def _of_report(visit: Visit, request: LineRequest) -> LineAnswer:
    is_noted = visit.outcome in _GOOD
    if request.action is Action.FAILED:
        is_noted = visit.married and visit.error is not None and visit.error.code is Code.E203
    if is_noted:
        return answer.noted(request.product, request.said)
    return answer.of_visit(visit, request.product, request.said)


def _port(slot: str) -> Port:
    return Port(url=slot, slot=slot)


def _other_product(what: str) -> BoardFault:
    do = "ask for the board's own product, or serve the right profile"
    return BoardFault(what, means="nothing was reserved or written", do=do, code=Code.E202)


def _interrupted() -> StationFault:
    return StationFault("interrupted", do="allocate for the board again", code=Code.E330)


def _silent(seconds: float) -> PortFault:
    what = f"the client did not say within {seconds:.0f} s what became of the board"
    return PortFault(what, do="report it, or allocate for the board again", code=Code.E311)
