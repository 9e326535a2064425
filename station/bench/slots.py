# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots of a bench side by side: which board is where, what keeps it from being started, and what each tile says.

Tiles follow from what is known: whoever changes that paints, and what is on a tile already is not told again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from station.bench.slot import Seat
from station.errors import StationError
from station.events import Blame, Event, Notice, SlotEvent, SlotState
from station.label import board_on
from station.ledger.locks import STATION, Lock, lock, locks, unlock, what_ends
from station.ledger.store import Ledger
from station.model import BoardUid, Port, State
from station.profiles.profile import Profile


class Row:
    """Every method may be called from any thread. A tile is changed and told under the guard, so that whoever listens
    hears each slot's events in order; a listener must not wait for another thread that works on the bench."""

    def __init__(self, ledger: Ledger, profile: Profile, slots: Sequence[str], tell: Callable[[Event], None]) -> None:
        self.ledger, self.profile = ledger, profile
        self._tell = tell
        self._seats = {name: Seat(name) for name in slots}
        self._guard = threading.RLock()
        self._locks: dict[str, Lock] = {}  # as last read
        self._looked_at = -math.inf  # monotonic
        self._broken_off: Lock | None = None
        self._holds = 0
        self._asked: Seat | None = None  # whose label the next scan is

    def snapshot(self) -> list[SlotEvent]:
        """What each slot shows now."""
        with self._guard:
            return [s.shown for s in self._seats.values() if s.shown is not None]

    def show_all(self, listener: Callable[[SlotEvent], None]) -> None:
        """Tell it what each slot shows now. Nothing changes meanwhile: what it hears by then or later is as new."""
        with self._guard:
            for event in self.snapshot():
                listener(event)

    def boards(self) -> list[Port]:
        """Where the boards are that are not in hand; those that wait come first."""
        with self._guard:
            seats = sorted(self._seats.values(), key=lambda seat: not seat.waits)
            return [seat.port for seat in seats if seat.port is not None and seat.working is None]

    # -- people --------------------------------------------------------------------------------------------------------

    def scan(self, text: str) -> str | None:
        """Give a scanned label to the slot that asks for one; returns its name. NotALabel: the slot goes on asking."""
        with self._guard:
            seat = self._asked
            if seat is None:
                return None
            board_on(text, self.profile.label)
            seat.label, seat.wants_label, seat.trouble = text, False, None
            self._paint()
            return seat.name

    def again(self) -> None:
        """Start over with every board whose visit ended because of a fault of the station."""
        with self._guard:
            for seat in self._seats.values():
                if seat.port is not None and seat.working is None and _ended_by_the_station(seat):
                    self._plugged(seat, seat.port)

    def unlock(self, scope: str, reason: str, *, by: str) -> None:
        """The supervisor `by` unlocks a slot, or the station (scope "")."""
        unlock(self.ledger, scope, reason, by=by)
        self._look()

    def lock(self, scope: str, code: str, what: str, *, by: str = "") -> None:
        """Lock a slot or the station at once; `by` a supervisor, when one did it by hand."""
        shown = lock(self.ledger, scope, code, what, by=by)
        notice = Notice(at=time.time(), code=code, what=shown, do=what_ends(code, what), serious=True, slot=scope)
        self._tell(notice)
        self._look()

    def hold(self) -> None:
        """No board is started until there was a `release` for each `hold`. A board in hand is never interrupted."""
        with self._guard:
            self._holds += 1
            self._paint()

    def release(self) -> None:
        """The boards that have waited are started."""
        with self._guard:
            self._holds -= 1
            self._paint()

    @contextmanager
    def held(self) -> Iterator[None]:
        """A `hold` for the time of a block."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    # -- what is known -------------------------------------------------------------------------------------------------

    def _plugged(self, seat: Seat, port: Port) -> None:
        if seat.working is not None:
            seat.port, seat.replugged = port, True
            return
        came_back = seat.came_back(port)
        if came_back is not None:
            seat.vacate()
            seat.port, seat.uid, seat.ended = port, BoardUid(came_back.uid), came_back
        else:
            seat.receive(port, wants_label=self.profile.scan_label)
        self._paint()

    def _unplugged(self, seat: Seat) -> None:
        if seat.working is not None:
            seat.port = None
            return
        seat.vacate()
        self._paint()

    def _lock_on(self, seat: Seat) -> Lock | None:
        """The end of the run before the station's lock before the slot's own, as last read."""
        return self._broken_off or self._locks.get(STATION) or self._locks.get(seat.name)

    def _break_off(self, end: Lock) -> None:
        """No board is begun here any more, and no unlock changes that."""
        with self._guard:
            self._broken_off = end
            self._paint()

    def _read_locks(self) -> None:
        self._locks = locks(self.ledger.connection)

    def _look(self) -> None:
        """At what others may have changed in the ledger. Where it cannot be read, the tiles stay as they are: it is
        told when a board is to be started."""
        with self._guard:
            self._looked_at = time.monotonic()
            locked = [seat for seat in self._seats.values() if self._lock_on(seat) is not None]
            with suppress(StationError):
                self._read_locks()
                for seat in self._seats.values():
                    if seat.working is None and seat.ended is not None and self._is_settled(seat.ended):
                        self._settle(seat, seat.ended)
            for seat in locked:
                if self._lock_on(seat) is None:
                    self._unlocked(seat)
            self._paint()

    def _unlocked(self, seat: Seat) -> None:
        """The board that raised the alarm is looked at again."""
        if seat.working is None and seat.ended is not None and seat.ended.state is SlotState.LOCKED:
            seat.ended = None
            if seat.port is not None:
                self._plugged(seat, seat.port)

    def _is_settled(self, event: SlotEvent) -> bool:
        """Whether a tile says that a board is in doubt which no longer is: it was done in another slot, or retired."""
        if event.state is not SlotState.IN_DOUBT:
            return False
        known = self.ledger.bound_to(BoardUid(event.uid))
        return known is None or known.state not in (State.IN_DOUBT, State.WRITING)

    def _settle(self, seat: Seat, event: SlotEvent) -> None:
        """Nobody waits for that board any more. One that is still here goes."""
        if seat.port is None:
            seat.vacate()
            return
        over = replace(event, at=time.time(), state=SlotState.READY, phase=None, blame=None)
        seat.ended = replace(over, code="E612", what="it is no longer in doubt", do="take the board out")

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _paint(self) -> None:
        """Where no board is in hand, what the slot says now, if it is something else than before."""
        self._choose_asked()
        for seat in self._seats.values():
            if seat.working is None:
                event = seat.view(self._lock_on(seat), held=self._holds > 0, asked=seat is self._asked)
                if not seat.says(event):
                    self._show(seat, event)

    def _choose_asked(self) -> None:
        """One slot at a time asks for a label, until it has one; the next is the one that has waited longest."""

        def may_ask(seat: Seat) -> bool:
            return seat.wants_label and seat.waits and not self._holds and self._lock_on(seat) is None

        if self._asked is None or not may_ask(self._asked):
            waiting = [seat for seat in self._seats.values() if may_ask(seat)]
            self._asked = min(waiting, key=lambda seat: seat.plugged_at, default=None)

    def _show(self, seat: Seat, event: SlotEvent) -> None:
        """Under the guard."""
        seat.shown = event
        self._tell(event)


def _ended_by_the_station(seat: Seat) -> bool:
    event = seat.ended
    return event is not None and event.state is SlotState.READY and event.blame is Blame.STATION
