# SPDX-License-Identifier: GPL-3.0-or-later
"""Many slots at once: boards come and go, each slot has one worker, nobody waits for a neighbour.

The bench turns plug and unplug into flows, flows into events, outcomes into visits and lock-outs. Listeners are called
from worker threads with frozen events, one at a time per slot, and must return soon; one that raises ends the run after
the boards in hand. The bench starts no board while its slot or the station is locked or the bench is held, and none
after `stop`. Locks and doubts that others lift, at another bench or from the command line, are noticed within LOOK_S.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace

from station.errors import Exit, IntegrityAlarm, NoCertificates, StationError, StationFault
from station.events import Blame, Event, Notice, Phase, SlotEvent, SlotState
from station.flow import KIND_OF, Job, Visit, flash
from station.ledger.locks import STATION, Lock, lock, locks, unlock
from station.ledger.store import Ledger
from station.model import BoardUid, Port, State
from station.painting import PAINTED, paint
from station.profile import Profile
from station.recording import Tally, due_lock, record
from station.rules import Outcome
from station.seat import Seat
from station.targets.base import Target
from station.targets.hotplug import PortAppeared, PortWatcher

LOOK_S = 0.5
"""Between two looks at locks and doubts."""
_TICK_S = 0.1
_RETRY_S = 2.0
"""Between two looks at a ledger that has nothing to give or cannot be read."""
_ANOTHER_BOARD = frozenset({"E209", "E311"})
"""Ends of a visit after which a port that came meanwhile is a board of its own, not the same one after its reset."""


class Bench:
    """One bench. `run` blocks; every other method may be called from any thread."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        target: Target,
        profile: Profile,
        slots: Sequence[str],
        watcher: PortWatcher,
        listen: Callable[[Event], None],
        write_attempts: int = 2,
        take_new: bool = True,
    ) -> None:
        self.ledger, self.profile, self.tally = ledger, profile, Tally()
        self.deaf: Exception | None = None  # what a listener raised: the run ends because of it
        self._target, self._watcher, self._listen = target, watcher, listen
        self._write_attempts, self._take_new = write_attempts, take_new
        self._seats = {name: Seat(name) for name in slots}
        self._guard = threading.RLock()
        self._stopping = threading.Event()
        self._aborting = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(slots)), thread_name_prefix="slot")
        self._count: int | None = None
        self._locks: dict[str, Lock] = {}  # as last read
        self._looked_at = -math.inf  # monotonic
        self._holds = 0

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self, *, count: int | None = None, watch: bool = True) -> Tally:
        """Until `stop`; or until `count` boards passed; or, without `watch`, until the boards present are done."""
        self._count = count
        self._lock_on_broken_chain()
        try:
            first = True
            while not self._finished(watch=watch, first=first):
                if time.monotonic() - self._looked_at >= LOOK_S:
                    self._look()
                for event in self._watcher.events(0.0 if first and not watch else _TICK_S):
                    with self._guard:
                        seat = self._seats[event.port.slot]
                        self._plugged(seat, event.port) if isinstance(event, PortAppeared) else self._unplugged(seat)
                with self._guard:
                    for seat in self._seats.values():
                        self._consider(seat)
                first = False
        finally:
            self._stopping.set()
            self._pool.shutdown(wait=True)
            self._watcher.close()
        return self.tally

    def _lock_on_broken_chain(self) -> None:
        try:
            self.ledger.verify_recent_audit()
        except IntegrityAlarm as alarm:
            self.lock(STATION, alarm.code, alarm.what)

    def stop(self, *, abort: bool = False) -> None:
        """No new boards; the boards in hand are finished. With `abort` they are left where they are, in doubt."""
        self._stopping.set()
        if abort:
            self._aborting.set()

    def hold(self) -> None:
        """No board is started until there was a `release` for each `hold`. A board in hand is never interrupted."""
        with self._guard:
            self._holds += 1
            self._paint_all()

    def release(self) -> None:
        """The boards that have waited are started."""
        with self._guard:
            self._holds -= 1
            self._paint_all()

    @contextmanager
    def held(self) -> Iterator[None]:
        """A `hold` for the time of a block."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    def boards(self) -> list[Port]:
        """Where the boards are that are not in hand; those that wait come first."""
        with self._guard:
            seats = sorted(self._seats.values(), key=lambda seat: not seat.waits)
            return [seat.port for seat in seats if seat.port is not None and seat.working is None]

    @property
    def writing(self) -> bool:
        """Whether a board is in hand now."""
        with self._guard:
            return self._busy() > 0

    def snapshot(self) -> list[SlotEvent]:
        """What each slot shows now."""
        with self._guard:
            return [s.shown for s in self._seats.values() if s.shown is not None]

    # -- people --------------------------------------------------------------------------------------------------------

    def scan(self, text: str) -> str | None:
        """Give a scanned label to the slot that has waited longest for one; returns its name."""
        with self._guard:
            waiting = [s for s in self._seats.values() if s.wants_label and s.port is not None]
            if not waiting:
                return None
            seat = min(waiting, key=lambda s: s.plugged_at)
            seat.label, seat.wants_label = text, False
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
        notice = Notice(at=time.time(), code=code, what=shown, do="a supervisor unlocks", serious=True, slot=scope)
        self._tell(notice)
        self._look()

    # -- slots ---------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """At what others may have changed in the ledger. Where it cannot be read, the tiles stay as they are: it is
        told when a board is to be started."""
        with self._guard:
            self._looked_at = time.monotonic()
            before, settled = self._locks, []
            with suppress(StationError):
                self._locks = locks(self.ledger.connection)
                settled = [s for s in self._seats.values() if s.working is None and self._is_settled(s.ended)]
            for seat in settled:
                self._settle(seat)
            for seat in self._seats.values():
                if _on(before, seat) is not None and _on(self._locks, seat) is None:
                    self._unlocked(seat)
            self._paint_all()

    def _unlocked(self, seat: Seat) -> None:
        """The board that raised the alarm is looked at again."""
        if seat.working is None and seat.ended is not None and seat.ended.state is SlotState.LOCKED:
            seat.ended = None
            if seat.port is not None:
                self._plugged(seat, seat.port)

    def _is_settled(self, event: SlotEvent | None) -> bool:
        """Whether a tile says that a board is in doubt which no longer is: it was done in another slot, or retired."""
        if event is None or event.state is not SlotState.IN_DOUBT:
            return False
        known = self.ledger.bound_to(BoardUid(event.uid))
        return known is None or known.state not in (State.IN_DOUBT, State.WRITING)

    def _settle(self, seat: Seat) -> None:
        """Nobody waits for that board any more. One that is still here goes."""
        if seat.port is None or seat.ended is None:
            seat.vacate()
            return
        over = replace(seat.ended, at=time.time(), state=SlotState.READY, phase=None, blame=None)
        seat.ended = replace(over, code="E612", what="it is no longer in doubt", do="take the board out")

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
        self._paint(seat)

    def _unplugged(self, seat: Seat) -> None:
        if seat.working is not None:
            seat.port = None
            return
        seat.vacate()
        self._paint(seat)

    def _consider(self, seat: Seat) -> None:
        """Start the board in this slot when it is due and allowed."""
        due = seat.due_at is not None and time.monotonic() >= seat.due_at
        if seat.port is None or not seat.waits or not due or self._holds or self._stopping.is_set():
            return
        if seat.wants_label and _on(self._locks, seat) is None:
            return
        if self._count is not None and self.tally.passed + self._busy() >= self._count:
            return
        try:
            self._locks = locks(self.ledger.connection)
            locked = _on(self._locks, seat) is not None
            if not locked and seat.starved and not self._stocked():
                seat.due_at = time.monotonic() + _RETRY_S
                return
        except StationError as trouble:
            self._cannot_start(seat, trouble)
            return
        if locked:
            self._turn_away(seat)
        elif not seat.wants_label:
            seat.due_at = seat.trouble = None
            seat.replugged = False
            seat.working = self._pool.submit(self._work, seat, seat.port, seat.label)

    def _turn_away(self, seat: Seat) -> None:
        if not seat.turned_away:
            seat.turned_away = True
            self.tally.codes.append(Exit.PERSON_NEEDED)
        self._paint(seat)

    def _stocked(self) -> bool:
        try:
            self.ledger.peek(self.profile.products, KIND_OF[self.profile.identity])
        except NoCertificates:
            return False
        return True

    def _cannot_start(self, seat: Seat, trouble: StationError) -> None:
        if seat.trouble is None or seat.trouble.code != trouble.code:
            self.tally.codes.append(trouble.exit)
        seat.wait(_RETRY_S, seat.tile(SlotState.READY, code=trouble.code, what=trouble.what, do=trouble.do))
        self._paint(seat)

    def _work(self, seat: Seat, port: Port, label: str | None) -> None:
        started = time.monotonic()
        visit = flash(self._job(seat), port, label=label)
        try:
            self._ended(seat, visit, time.monotonic() - started)
        finally:
            with self._guard:
                seat.working, replugged, seat.replugged = None, seat.replugged, False
                if seat.port is None:
                    seat.leave_in_hand()
                elif replugged and (
                    visit.error.code in _ANOTHER_BOARD if visit.error else visit.outcome is Outcome.PASS
                ):
                    self._plugged(seat, seat.port)
                self._paint(seat)

    def _job(self, seat: Seat) -> Job:
        def tell(visit: Visit) -> None:
            if self._aborting.is_set():
                raise StationFault("interrupted", do="put the board back in any slot", code="E330")
            self._tell_visit(seat, visit)

        return Job(
            ledger=self.ledger,
            target=self._target,
            profile=self.profile,
            tell=tell,
            seated=lambda uid: self._seated(seat, uid),
            write_attempts=self._write_attempts,
            take_new=self._take_new,
        )

    def _seated(self, seat: Seat, uid: BoardUid) -> str | None:
        while True:
            with self._guard:
                other = next((s for s in self._seats.values() if s is not seat and s.uid == uid), None)
                if other is None:
                    seat.uid = uid
                    return None
                if other.port is not None or self._aborting.is_set():
                    return f"slot {other.name}"
            time.sleep(_TICK_S)  # it was pulled out there and put in here: that slot is about to notice

    def _ended(self, seat: Seat, visit: Visit, seconds: float) -> None:
        error, outcome = visit.error, visit.outcome
        with self._guard:
            self.tally.count(visit)
        if outcome is Outcome.REMOVED:
            event = seat.tile(SlotState.EMPTY)
        else:
            self._record(visit, seconds)
            event = paint(visit, PAINTED[outcome], seconds=seconds)
        with self._guard:
            if error is not None and error.exit is Exit.NO_CERTIFICATES:
                seat.starved = True
                seat.wait(_RETRY_S, event)
            else:
                seat.end(event)
            self._show(seat, event)
        if error is not None and (error.exit is Exit.INTEGRITY or outcome is Outcome.STATION_FAULT):
            serious = error.exit is Exit.INTEGRITY
            self._tell(Notice(at=time.time(), code=error.code, what=error.what, do=error.do, serious=serious))

    def _record(self, visit: Visit, seconds: float) -> None:
        try:
            record(self.ledger, visit, seconds)
            due = due_lock(self.ledger, visit)
            if due is not None:
                self.lock(due.scope, due.code, due.what)
        except StationError as trouble:
            self._tell(Notice(at=time.time(), code=trouble.code, what=trouble.what, do=trouble.do, serious=True))
            self.tally.codes.append(trouble.exit)

    def _busy(self) -> int:
        return sum(s.working is not None for s in self._seats.values())

    def _finished(self, *, watch: bool, first: bool) -> bool:
        with self._guard:
            if self._busy():
                return False
            if self._stopping.is_set() or (self._count is not None and self.tally.passed >= self._count):
                return True
            return not watch and not first

    # -- telling -------------------------------------------------------------------------------------------------------

    def _tell_visit(self, seat: Seat, visit: Visit) -> None:
        if visit.phase is Phase.CONSUME:  # its board has just been seen: a port that comes from here on is another's
            with self._guard:
                seat.replugged = False
        event = paint(visit, SlotState.BUSY)
        before = seat.shown
        if before and _looks(before) == _looks(event):
            return
        self._show(seat, event)

    def _paint_all(self) -> None:
        for seat in self._seats.values():
            self._paint(seat)

    def _paint(self, seat: Seat) -> None:
        """Where no board is in hand, what the slot says now, if it is something else than before."""
        if seat.working is None:
            event = seat.view(_on(self._locks, seat), held=self._holds > 0)
            if not seat.says(event):
                self._show(seat, event)

    def _show(self, seat: Seat, event: SlotEvent) -> None:
        seat.shown = event
        self._tell(event)

    def _tell(self, event: Event) -> None:
        try:
            self._listen(event)
        except Exception as error:  # the board in hand must not pay for it
            self.deaf = self.deaf or error
            self.tally.codes.append(Exit.STATION_FAULT)
            self.stop()


def _on(present: dict[str, Lock], seat: Seat) -> Lock | None:
    """The lock that holds this slot; the station's before its own."""
    return present.get(STATION) or present.get(seat.name)


def _ended_by_the_station(seat: Seat) -> bool:
    event = seat.ended
    return event is not None and event.state is SlotState.READY and event.blame is Blame.STATION


def _looks(event: SlotEvent) -> tuple[object, ...]:
    """What of a busy tile is worth telling anew."""
    return event.state, event.phase, event.percent, event.do
