# SPDX-License-Identifier: GPL-3.0-or-later
"""What a station has around it, and the bench that is made by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.bench.bench import Bench
from station.bench.setup import make_bench
from station.events import Event
from station.flow.visit import FREE, Permit
from station.ledger.store import Ledger
from station.printing.printer import Printer
from station.profiles.profile import Profile
from station.rules import USUAL, LockOut
from station.targets.slots import SlotSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Where a station's things are."""

    name: str
    profiles_dir: Path
    reports_dir: Path
    config_file: Path | None
    write_attempts: int = 2
    permit: Permit = FREE
    lock_out: LockOut = USUAL
    scanner: str = ""  # of a serial one: USB topology or path
    printer: Printer | None = None  # of labels

    def bench(
        self, ledger: Ledger, profile: Profile, slots: Sequence[SlotSpec], listen: Callable[[Event], None]
    ) -> Bench:
        return make_bench(
            ledger,
            profile,
            slots,
            listen,
            write_attempts=self.write_attempts,
            permit=self.permit,
            lock_out=self.lock_out,
        )
