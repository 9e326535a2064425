# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board of a bench reads its ledger, and station.toml anew where it was changed: a supervisor at the bench may
have chosen another profile, or learned a slot, since the wall board was opened.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from station.config.settings import Config
from station.desk.desk import SlotNow
from station.desk.info import StationInfo
from station.desk.reading import Reading
from station.errors import StationError
from station.ledger.view import View
from station.profiles.finding import find_profile
from station.report.counters import Counters
from station.report.shift import Doubt
from station.targets import check_options


class WallOfBench:
    """`configure` reads the configuration again, as it was read at first. While it cannot be read, the one of before
    stands, as it does at the bench."""

    def __init__(self, ledger: View, config: Config, configure: Callable[[], Config]) -> None:
        self._ledger, self._config, self._configure = ledger, config, configure
        self._as_of = _changed_at(config)
        self._reading = self._begin()

    def _begin(self) -> Reading:
        """Without a profile that can be used, of all there is."""
        config = self._config
        slots = tuple(slot.name for slot in config.slots)
        reading = Reading(self._ledger, config.text("bench.name"), slots, plan=int(config.number("bench.plan")))
        with suppress(StationError):
            reading.use(find_profile(config.text("bench.profile"), config.profiles_dir, check_options))
        return reading

    def counters(self) -> Counters:
        changed_at = _changed_at(self._config)
        if changed_at != self._as_of:
            self._as_of = changed_at
            with suppress(StationError):
                self._config = self._configure()
                self._reading = self._begin()
        return self._reading.counters()

    def station(self) -> StationInfo:
        return self._reading.station()

    def doubts(self) -> tuple[Doubt, ...]:
        return self._reading.doubts()

    def slots_now(self) -> tuple[SlotNow, ...]:
        return self._reading.slots_now()


def _changed_at(config: Config) -> int:
    """Of its file; 0 where there is none."""
    try:
        return config.path.stat().st_mtime_ns if config.path else 0
    except OSError:
        return 0
