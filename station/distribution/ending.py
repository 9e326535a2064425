# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client's board leaves behind when its visit ends: history, events, locks; as a bench's slot does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from station.bench.logged import log_notice
from station.bench.outcome import Tally, due_lock, record
from station.bench.slot import Ended, is_waited_out, wants_stock
from station.bench.tile import of_ended
from station.codes import Exit
from station.errors import IntegrityAlarm, NeedsPerson, StationError
from station.events import Event, Notice
from station.flow.visit import Visit
from station.ledger.locks import STATION, what_ends
from station.ledger.store import Ledger
from station.ledger.visits import PROFILE
from station.rules import LockOut, Outcome


class Endings:
    """May be called from any thread."""

    def __init__(
        self, ledger: Ledger, profile: str, tally: Tally, listen: Callable[[Event], None], lock_out: LockOut
    ) -> None:
        self._ledger, self._profile, self._tally, self._listen = ledger, profile, tally, listen
        self._lock_out = lock_out
        self._guard = threading.Lock()
        self._alarmed: IntegrityAlarm | None = None  # whose lock could not be kept
        self._expected: set[str] = set()  # slots of which it is kept what their stays say

    def require_open(self, slot: str) -> None:
        """NeedsPerson with the lock's code while the station or this slot is locked."""
        if self._alarmed is not None:
            raise self._alarmed
        held = self._ledger.locks.held()
        lock = held.get(STATION) or held.get(slot)
        if lock is not None:
            code = lock.code
            raise NeedsPerson(lock.what, do=what_ends(code, lock.what), code=code)
        if slot not in self._expected:  # where this station is killed the next one goes by it
            self._ledger.missed_stays.expect({slot: {PROFILE: self._profile}})
            self._expected.add(slot)

    def end(self, visit: Visit, seconds: float) -> None:
        """Whoever waits for stock, or for the line's server, asks again: that is no stay."""
        error = visit.error
        if not (wants_stock(visit) or is_waited_out(error)):
            with self._guard:
                self._tally.count(visit)
            self._keep(visit, seconds)
        self.tell(of_ended(Ended(visit=visit, seconds=seconds, at=time.time(), monotonic=time.monotonic())))
        if error is not None and (error.exit is Exit.INTEGRITY or visit.outcome is Outcome.STATION_FAULT):
            self._notice(error, serious=error.exit is Exit.INTEGRITY)

    def alarm(self, alarm: IntegrityAlarm) -> None:
        """Its lock is the alarm. Where that cannot be written, nothing is handed over here any more all the same."""
        with self._guard:
            self._tally.note(alarm.exit)
        try:
            self._ledger.locks.lock(STATION, alarm.code, alarm.what)
        except StationError as trouble:
            self._alarmed = alarm
            self._notice(trouble, serious=True)

    def tell(self, event: Event) -> None:
        """A listener that is gone does not cost a board."""
        if isinstance(event, Notice):
            log_notice(event)
        with suppress(Exception), self._guard:
            self._listen(event)

    def _keep(self, visit: Visit, seconds: float) -> None:
        if isinstance(visit.error, IntegrityAlarm):
            self.alarm(visit.error)
        visit.notes[PROFILE] = self._profile
        try:
            record(self._ledger, visit, seconds)
            is_alarm = isinstance(visit.error, IntegrityAlarm)
            due = None if is_alarm else due_lock(self._ledger, visit.slot, self._lock_out)
            if due is not None:
                self._ledger.locks.lock(due.scope, due.code, due.what)
        except StationError as trouble:
            self._notice(trouble, serious=True)
            with self._guard:
                self._tally.note(trouble.exit)

    def _notice(self, error: StationError, *, serious: bool) -> None:
        self.tell(Notice(at=time.time(), code=error.code, what=error.what, do=error.do, serious=serious))
