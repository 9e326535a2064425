# SPDX-License-Identifier: GPL-3.0-or-later
"""What the wall board and the desk both read from the ledger. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence

from station.desk.desk import SlotNow
from station.desk.info import StationInfo
from station.desk.slots_now import slots_now
from station.flow.visit import wanted_by
from station.ledger.locks import STATION
from station.ledger.view import View
from station.people.shift import present_shift
from station.profiles.profile import Profile
from station.report.counters import Counters, SetProgress
from station.report.shift import Doubt, ShiftNumbers, doubts


class Reading:
    """The station as the ledger shows it. What counts as left is all there is, until a profile is in use. `slots`: the
    names of its slots; `plan`: boards an hour, 0 without one."""

    def __init__(self, ledger: View, name: str, slots: Sequence[str] = (), *, plan: int = 0) -> None:
        self.ledger = ledger
        self.name, self.profile = name, ""
        self._slots = tuple(slots)
        self._numbers = ShiftNumbers(ledger, plan=plan)

    def use(self, profile: Profile) -> None:
        """This profile from now on."""
        self.profile = profile.name
        self._numbers.stock = self.ledger.stock.flashable(*wanted_by(profile))

    def station(self, slots: tuple[str, ...] = ()) -> StationInfo:
        shift = present_shift(self.ledger)
        return StationInfo(
            name=self.name,
            slots=slots,
            profile=self.profile,
            product=" ".join(self._numbers.stock.products) if self._numbers.stock else "",
            batch=self._batch(),
            operator=shift.operator if shift else "",
            shift_started=shift.started if shift else 0.0,
            lock=self.ledger.locks.held().get(STATION),
        )

    def _batch(self) -> str:
        stays = [stay for stay in self._numbers.last_stays().values() if stay.identity_id]
        last = max(stays, key=lambda stay: stay.number, default=None)
        return self.ledger.batches.of(last.identity_id) if last and last.identity_id else ""

    def counters(self) -> Counters:
        return self._numbers.counters()

    def slots_now(self) -> tuple[SlotNow, ...]:
        return slots_now(self.ledger, self._slots, self._numbers.last_stays())

    def doubts(self) -> tuple[Doubt, ...]:
        return doubts(self.ledger)

    def set_progress(self, nvr: str) -> SetProgress | None:
        """How far the set of this NVR is."""
        found = self.ledger.certificates.search(nvr, limit=1)
        status = self.ledger.sets.status_of(found[0].identity_id) if found else None
        if status is None:
            return None
        return SetProgress(name=nvr, done=status.size - len(status.missing), total=status.size)
