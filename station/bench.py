# SPDX-License-Identifier: GPL-3.0-or-later
"""Many slots at once: boards come and go, each slot has one worker, nobody waits for a neighbour.

The bench turns plug and unplug into flows, flows into events, outcomes into visits and lock-outs. Listeners are called
from worker threads with frozen events, one at a time per slot, and must return soon; one that raises ends the run after
the boards in hand. The bench starts no board while its slot or the station is locked, and none after `stop`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from station.errors import Exit, IntegrityAlarm, NeedsPerson, NoCertificates, StationError, StationFault, most_serious
from station.events import Event, Notice, Phase, SlotEvent, SlotState
from station.flow import KIND_OF, Job, Visit, flash
from station.ledger.locks import STATION, Lock, lock, locks, unlock
from station.ledger.store import Ledger
from station.model import BoardUid, Port
from station.painting import PAINTED, paint
from station.profile import Profile
from station.recording import due_lock, record
from station.rules import Outcome
from station.targets.base import Target
from station.targets.hotplug import PortAppeared, PortWatcher

_TICK_S = 0.1
_RETRY_S = 2.0
"""Between two looks at a ledger that has nothing to give or cannot be read."""
_COMES_BACK_S = 5.0
"""A board whose port tells its uid (native USB) may reset and come back so long after it was done."""
_ANOTHER_BOARD = frozenset({"E209", "E311"})
"""Ends of a visit after which a port that came meanwhile is a board of its own, not the same one after its reset."""


@dataclass(slots=True)
class _Slot:
    name: str
    port: Port | None = None
    working: Future[None] | None = None
    label: str | None = None
    wants_label: bool = False
    replugged: bool = False  # a port came while the worker was busy: the same board after a reset, or another one
    uid: BoardUid | None = None
    retry_at: float | None = None  # monotonic; when the board in it is due
    starved: bool = False  # its board waits for stock
    plugged_at: float = 0.0
    shown: SlotEvent | None = None
    done: tuple[float, SlotEvent] | None = None  # when its last good board was done (monotonic), and what it showed


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    passed: int = 0
    failed: int = 0
    already_done: int = 0
    in_doubt: int = 0
    station_faults: int = 0
    codes: list[Exit] = field(default_factory=list)

    @property
    def exit(self) -> Exit:
        return most_serious(self.codes)


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
        self._slots = {name: _Slot(name) for name in slots}
        self._guard = threading.RLock()
        self._stopping = threading.Event()
        self._aborting = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(slots)), thread_name_prefix="slot")
        self._count: int | None = None

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self, *, count: int | None = None, watch: bool = True) -> Tally:
        """Until `stop`; or until `count` boards passed; or, without `watch`, until the boards present are done."""
        self._count = count
        self._lock_on_broken_chain()
        for slot in self._slots.values():
            self._show(slot, SlotState.EMPTY)
        try:
            first = True
            while not self._finished(watch=watch, first=first):
                for event in self._watcher.events(0.0 if first and not watch else _TICK_S):
                    with self._guard:
                        slot = self._slots[event.port.slot]
                        self._plugged(slot, event.port) if isinstance(event, PortAppeared) else self._unplugged(slot)
                with self._guard:
                    for slot in self._slots.values():
                        self._consider(slot)
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

    @property
    def writing(self) -> bool:
        """Whether a board is in hand now."""
        with self._guard:
            return any(s.working is not None for s in self._slots.values())

    def snapshot(self) -> list[SlotEvent]:
        """What each slot shows now."""
        with self._guard:
            return [s.shown for s in self._slots.values() if s.shown is not None]

    # -- people --------------------------------------------------------------------------------------------------------

    def scan(self, text: str) -> str | None:
        """Give a scanned label to the slot that has waited longest for one; returns its name."""
        with self._guard:
            waiting = [s for s in self._slots.values() if s.wants_label and s.port is not None]
            if not waiting:
                return None
            slot = min(waiting, key=lambda s: s.plugged_at)
            slot.label, slot.wants_label = text, False
            return slot.name

    def again(self, name: str) -> None:
        """Start over with the board that is in this slot."""
        with self._guard:
            slot = self._slots[name]
            if slot.port is not None and slot.working is None:
                self._plugged(slot, slot.port)

    def unlock(self, scope: str, reason: str, *, by: str) -> None:
        """The supervisor `by` unlocks a slot, or the station (scope "")."""
        unlock(self.ledger, scope, reason, by=by)
        with self._guard:
            for slot in self._slots.values():
                if slot.shown and slot.shown.state is SlotState.LOCKED and self._lock_on(slot) is None:
                    self._show(slot, SlotState.EMPTY)
                    if slot.port is not None:
                        self._plugged(slot, slot.port)

    def lock(self, scope: str, code: str, what: str, *, by: str = "") -> None:
        """Lock a slot or the station at once; `by` a supervisor, when one did it by hand."""
        shown = lock(self.ledger, scope, code, what, by=by)
        self._tell(Notice(at=time.time(), code=code, what=shown, do="a supervisor unlocks", serious=True))

    # -- slots ---------------------------------------------------------------------------------------------------------

    def _plugged(self, slot: _Slot, port: Port) -> None:
        slot.port = port
        if slot.working is not None:
            slot.replugged = True
            return
        came_back = _from_its_own_reset(slot, port)
        if came_back is not None:
            slot.uid = BoardUid(came_back.uid)
            self._show_event(slot, came_back)
            return
        slot.plugged_at, slot.label, slot.uid, slot.retry_at = time.monotonic(), None, None, 0.0
        slot.starved = False
        slot.wants_label = self.profile.scan_label
        self._show(slot, SlotState.READY, what="scan its label" if slot.wants_label else "")

    def _unplugged(self, slot: _Slot) -> None:
        slot.port = None
        if slot.working is None:
            slot.uid, slot.retry_at, slot.wants_label = None, None, False
            self._show(slot, SlotState.EMPTY)

    def _consider(self, slot: _Slot) -> None:
        """Start the board in this slot when it is due and allowed."""
        due = slot.retry_at is not None and time.monotonic() >= slot.retry_at
        if slot.port is None or slot.working is not None or not due or slot.wants_label or self._stopping.is_set():
            return
        if self._count is not None and self.tally.passed + self._busy() >= self._count:
            return
        try:
            locked = self._lock_on(slot)
            if locked is None and slot.starved and not self._stocked():
                slot.retry_at = time.monotonic() + _RETRY_S
                return
        except StationError as trouble:
            slot.retry_at = time.monotonic() + _RETRY_S
            self._cannot_start(slot, trouble)
            return
        if locked is not None:
            if slot.shown is None or slot.shown.state is not SlotState.LOCKED:
                self._show(slot, SlotState.LOCKED, code=locked.code, what=locked.what, do="a supervisor unlocks")
                self.tally.codes.append(Exit.PERSON_NEEDED)
            return
        slot.retry_at = None
        slot.replugged = False
        slot.working = self._pool.submit(self._work, slot, slot.port, slot.label)

    def _stocked(self) -> bool:
        try:
            self.ledger.peek(self.profile.products, KIND_OF[self.profile.identity])
        except NoCertificates:
            return False
        return True

    def _cannot_start(self, slot: _Slot, trouble: StationError) -> None:
        if slot.shown is None or slot.shown.code != trouble.code:
            self._show(slot, SlotState.READY, code=trouble.code, what=trouble.what, do=trouble.do)
            self.tally.codes.append(trouble.exit)

    def _work(self, slot: _Slot, port: Port, label: str | None) -> None:
        started = time.monotonic()
        visit = flash(self._job(slot), port, label=label)
        try:
            self._ended(slot, visit, time.monotonic() - started)
        finally:
            with self._guard:
                slot.working, replugged, slot.replugged = None, slot.replugged, False
                if slot.port is None:
                    self._left_while_busy(slot)
                elif replugged and (
                    visit.error.code in _ANOTHER_BOARD if visit.error else visit.outcome is Outcome.PASS
                ):
                    self._plugged(slot, slot.port)

    def _left_while_busy(self, slot: _Slot) -> None:
        """What happened to the board that is gone stays on the tile until the next one comes."""
        slot.uid, slot.retry_at = None, None
        if slot.shown is None or slot.shown.state in (SlotState.BUSY, SlotState.READY):
            self._show(slot, SlotState.EMPTY)

    def _job(self, slot: _Slot) -> Job:
        def tell(visit: Visit) -> None:
            if self._aborting.is_set():
                raise StationFault("interrupted", do="put the board back in any slot", code="E330")
            self._tell_visit(slot, visit)

        return Job(
            ledger=self.ledger,
            target=self._target,
            profile=self.profile,
            tell=tell,
            seated=lambda uid: self._seat(slot, uid),
            write_attempts=self._write_attempts,
            take_new=self._take_new,
        )

    def _seat(self, slot: _Slot, uid: BoardUid) -> str | None:
        while True:
            with self._guard:
                other = next((s for s in self._slots.values() if s is not slot and s.uid == uid), None)
                if other is None:
                    slot.uid = uid
                    return None
                if other.port is not None or self._aborting.is_set():
                    return f"slot {other.name}"
            time.sleep(_TICK_S)  # it was pulled out there and put in here: that slot is about to notice

    def _ended(self, slot: _Slot, visit: Visit, seconds: float) -> None:
        error, outcome = visit.error, visit.outcome
        with self._guard:
            self._count_outcome(visit)
        if outcome is Outcome.REMOVED:
            with self._guard:
                self._show(slot, SlotState.EMPTY)
            return
        self._record(visit, seconds)
        event = paint(visit, PAINTED[outcome], seconds=seconds)
        slot.done = (time.monotonic(), event) if event.state in (SlotState.PASS, SlotState.ALREADY_DONE) else None
        self._show_event(slot, event)
        if error is not None and error.exit is Exit.NO_CERTIFICATES:
            slot.starved, slot.retry_at = True, time.monotonic() + _RETRY_S
        if error is not None and (error.exit is Exit.INTEGRITY or outcome is Outcome.STATION_FAULT):
            self._tell(
                Notice(
                    at=time.time(), code=error.code, what=error.what, do=error.do, serious=error.exit is Exit.INTEGRITY
                )
            )

    def _record(self, visit: Visit, seconds: float) -> None:
        try:
            record(self.ledger, visit, seconds)
            due = due_lock(self.ledger, visit)
            if due is not None:
                self.lock(due.scope, due.code, due.what)
        except StationError as trouble:
            self._tell(Notice(at=time.time(), code=trouble.code, what=trouble.what, do=trouble.do, serious=True))
            self.tally.codes.append(trouble.exit)

    def _lock_on(self, slot: _Slot) -> Lock | None:
        present = locks(self.ledger.connection)
        return present.get(STATION) or present.get(slot.name)

    def _count_outcome(self, visit: Visit) -> None:
        tally, error = self.tally, visit.error
        tally.passed += visit.outcome is Outcome.PASS
        tally.already_done += visit.outcome is Outcome.ALREADY_DONE
        tally.failed += visit.outcome in (Outcome.FAIL, Outcome.ALARM)
        tally.in_doubt += visit.outcome is Outcome.IN_DOUBT
        tally.station_faults += visit.outcome is Outcome.STATION_FAULT
        if error is not None and visit.outcome is not Outcome.REMOVED:
            tally.codes.append(error.exit)
            if visit.married:
                tally.codes.append(NeedsPerson.exit)

    def _busy(self) -> int:
        return sum(s.working is not None for s in self._slots.values())

    def _finished(self, *, watch: bool, first: bool) -> bool:
        with self._guard:
            if self._busy():
                return False
            if self._stopping.is_set() or (self._count is not None and self.tally.passed >= self._count):
                return True
            return not watch and not first

    # -- telling -------------------------------------------------------------------------------------------------------

    def _tell_visit(self, slot: _Slot, visit: Visit) -> None:
        if visit.phase is Phase.CONSUME:  # its board has just been seen: a port that comes from here on is another's
            with self._guard:
                slot.replugged = False
        event = paint(visit, SlotState.BUSY)
        before = slot.shown
        if before and _looks(before) == _looks(event):
            return
        self._show_event(slot, event)

    def _show(self, slot: _Slot, state: SlotState, *, code: str = "", what: str = "", do: str = "") -> None:
        self._show_event(slot, SlotEvent(slot=slot.name, at=time.time(), state=state, code=code, what=what, do=do))

    def _show_event(self, slot: _Slot, event: SlotEvent) -> None:
        slot.shown = event
        self._tell(event)

    def _tell(self, event: Event) -> None:
        try:
            self._listen(event)
        except Exception as error:  # the board in hand must not pay for it
            self.deaf = self.deaf or error
            self.tally.codes.append(Exit.STATION_FAULT)
            self.stop()


def _from_its_own_reset(slot: _Slot, port: Port) -> SlotEvent | None:
    """What to show again when this port is the board that was just done here. Only a port whose serial number is the
    board's uid can tell; any other port is looked at anew."""
    if slot.done is None or time.monotonic() - slot.done[0] > _COMES_BACK_S:
        return None
    try:
        return slot.done[1] if BoardUid.parse(port.serial) == slot.done[1].uid else None
    except ValueError:
        return None


def _looks(event: SlotEvent) -> tuple[object, ...]:
    """What of a busy tile is worth telling anew."""
    return event.state, event.phase, event.percent, event.do
