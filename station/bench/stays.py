# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stay of a board leaves behind: its row, the label that its slot owes, the lock that is due, the alarm."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from station.bench.outcome import Tally, due_lock, record
from station.bench.slot import GOOD, Slot
from station.bench.slots import Slots
from station.errors import IntegrityAlarm, StationError, defect
from station.events import Notice
from station.flow.visit import Visit
from station.ledger.locks import LOCK_OUT, OFF, STATION, Lock
from station.ledger.scan_backs import OWED, SCAN_BACK
from station.ledger.store import Ledger
from station.ledger.visits import LABEL, PROFILE
from station.profiles.sticker import ScanBack
from station.rules import USUAL, LockOut, Outcome


class Stays:
    """Of one bench. `heard` hears of each stay as soon as it is in the history, by its number."""

    def __init__(
        self,
        ledger: Ledger,
        slots: Slots,
        tally: Tally,
        *,
        tell: Callable[[Notice], None],
        heard: Callable[[int], None],
    ) -> None:
        self._ledger, self._slots, self._tally, self._tell, self._heard = ledger, slots, tally, tell, heard
        self.lock_out: LockOut | None = USUAL  # None: whatever fails, alarms alone lock
        self.prints_labels = False  # of boards that are done, where the profile has one

    def record(self, visit: Visit, seconds: float) -> None:
        """What stops the neighbours comes first, whether or not the rest can be written."""
        alarm = visit.error if isinstance(visit.error, IntegrityAlarm) else None
        if alarm is not None:
            self.alarm(alarm)
        visit.notes |= self._notes(visit.outcome)
        try:
            number = record(self._ledger, visit, seconds)
            self._owe(visit)
            due = due_lock(self._ledger, visit.slot, self.lock_out) if alarm is None and self.lock_out else None
            if due is not None:
                self._slots.lock(due.scope, due.code, due.what)
            self._heard(number)
            self._say_what_nobody_scans(self._slots[visit.slot])
        except Exception as error:  # a defect of ours too: nobody else hears that the history has a gap
            trouble = error if isinstance(error, StationError) else defect(error)
            self._tell(Notice(at=time.time(), code=trouble.code, what=trouble.what, do=trouble.do, serious=True))
            self._tally.note(trouble.exit)

    def _notes(self, outcome: Outcome) -> dict[str, str]:
        """What a stay's details say of how this bench works now."""
        notes, sticker = {PROFILE: self._slots.profile.name}, self._slots.profile.sticker
        if self.prints_labels and sticker is not None and outcome in GOOD:
            notes[LABEL] = self._slots.profile.name
            if outcome is Outcome.PASS and sticker.scan_back is ScanBack.DEMANDED:
                notes[SCAN_BACK] = sticker.scan_back
        if self.lock_out is None:
            notes[LOCK_OUT] = OFF
        return notes

    def _owe(self, visit: Visit) -> None:
        """Nobody is asked for a label that is not printed."""
        sticker = self._slots.profile.sticker
        asked = self.prints_labels and sticker is not None and sticker.scan_back is not ScanBack.NO
        if asked and sticker is not None and visit.outcome is Outcome.PASS and visit.identity_id is not None:
            demanded = sticker.scan_back is ScanBack.DEMANDED
            self._slots.owe(self._slots[visit.slot], visit.identity_id, demanded=demanded)

    def _say_what_nobody_scans(self, slot: Slot) -> None:
        """Its board is not finished before its label was scanned, and nobody is asked here."""
        if slot.owes is not None and slot.owes.demanded and not self._slots.hears_scans:
            what, do = slot.owes.what, "scan it at this slot in station run; or a supervisor unlocks the slot"
            self._tell(Notice(at=time.time(), code=OWED, what=what, do=do, serious=True, slot=slot.name))
            self._tally.note(OWED.exit)

    def say_beforehand(self) -> None:
        """Where this station is killed the next one goes by it. What keeps it from being written keeps boards from
        being done, too."""
        with suppress(StationError):
            self._ledger.missed_stays.expect({slot.name: self._notes(Outcome.PASS) for slot in self._slots})

    def alarm(self, alarm: IntegrityAlarm) -> None:
        """Its lock is the alarm: after a restart the screen still says which it was. Where the lock cannot be written,
        this bench begins no board any more all the same."""
        try:
            self._slots.lock(STATION, alarm.code, alarm.what)
        except StationError as trouble:
            what = f"{alarm.what}; its lock cannot be kept past a restart: {trouble.code} {trouble.what}"
            self._slots.break_off(Lock(scope=STATION, code=alarm.code, what=what, since=""))
            self._tell(Notice(at=time.time(), code=alarm.code, what=what, do=alarm.do, serious=True))
            self._tally.note(trouble.exit)
