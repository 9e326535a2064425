# SPDX-License-Identifier: GPL-3.0-or-later
"""What a supervisor changes at the bench: which port is which slot, which profile is used.

Whoever waits for a board holds the bench, so that none is flashed under their hands. Whoever asked for a wait gives it
up with an event of their own, which stays set: it counts as well when it comes before the wait has begun. A wait that
was given up changes nothing, whatever is plugged in afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from station.bench.bench import MOST_SLOTS, Bench
from station.bench.setup import prepare, require_products
from station.codes import Code
from station.config.edit import keep_port, keep_profile, kept_slots
from station.desk.desk import Check, Grant, ProfileRow
from station.desk.dry_check import dry_check
from station.errors import ConfigError, StationError
from station.ledger.store import Ledger
from station.model import Port
from station.profiles.finding import find_profile
from station.profiles.profile import Profile
from station.targets import check_options
from station.targets.learning import learn_port
from station.targets.slots import SlotSpec, same_port, slot_faults

BOARD_S = 30.0
"""How long a dry check waits for a board."""
_LOOK_S = 0.1


def free_name(taken: Set[str]) -> str:
    """Of a slot that is to be added. ConfigError E115 where a bench has all that it can have."""
    free = [str(number) for number in range(1, MOST_SLOTS + 1) if str(number) not in taken]
    if not free or len(taken) >= MOST_SLOTS:
        raise ConfigError(f"a bench has at most {MOST_SLOTS} slots", do="learn one of them anew", code=Code.E115)
    return free[0]


class Fitting:
    """Every method may be called from any thread."""

    def __init__(
        self, ledger: Ledger, bench: Bench, slots: Sequence[SlotSpec], *, profiles_dir: Path, config_file: Path | None
    ) -> None:
        self.slots = tuple(slots)
        self._ledger, self._bench = ledger, bench
        self._profiles_dir, self._config_file = profiles_dir, config_file
        self._guard = threading.Lock()
        self._closed = threading.Event()

    def close(self) -> None:
        """Nobody waits for a board here from now on."""
        with self._guard:
            self._closed.set()

    @contextmanager
    def _waiting(self, given_up: threading.Event) -> Iterator[Callable[[], bool]]:
        """Yields whether nobody waits any more."""
        with self._bench.slots.held():
            self._bench.require_idle()
            yield lambda: given_up.is_set() or self._closed.is_set()

    # -- slots ---------------------------------------------------------------------------------------------------------

    def new_slot(self) -> str:
        """The first number that no slot has, neither here nor in station.toml: a run may leave some of those out."""
        taken = {slot.name for slot in self.slots} | {line.name for line in kept_slots(self._config_file)}
        return free_name(taken)

    def learn_slot(self, grant: Grant, slot: str, given_up: threading.Event) -> str:
        """The port of the one board that is plugged in now; "" when it was given up."""
        kept_slots(self._config_file)  # before anybody waits for a board
        with self._waiting(given_up) as is_over:
            port = learn_port(stop=is_over)
            with self._guard:  # from here on it is too late to close
                if is_over():
                    return ""
                self._assign(grant, slot, port)
        return port

    def _assign(self, grant: Grant, slot: str, port: str) -> None:
        """All of it or nothing: what may fail comes before the file is changed. The bench is held and idle."""
        paths = {spec.name: spec.path for spec in self.slots}
        slots = tuple(SlotSpec(name=name, path=path) for name, path in (paths | {slot: port}).items())
        if faults := slot_faults(slots):
            raise ConfigError("; ".join(faults), do="plug the board into another socket", code=Code.E110)
        self._bench.require_idle()
        note = partial(self._ledger.audit.note, "slot assigned", slot=slot, port=port, by=grant.name)
        keep_port(self._config_file, slot, port, same=same_port, new=slot not in paths, note=note)
        self._bench.assign(slots)
        self.slots = slots

    # -- profiles ------------------------------------------------------------------------------------------------------

    def profiles(self) -> tuple[ProfileRow, ...]:
        """All there are; what is wrong with one is said beside it."""
        names = sorted(path.stem for path in self._profiles_dir.glob("*.toml"))
        return tuple(self._row(name) for name in names)

    def _row(self, name: str) -> ProfileRow:
        try:
            profile = self._usable(name)
        except StationError as error:
            return ProfileRow(name=name, target="", products=(), trouble=error)
        used = profile.name == self._bench.profile.name
        return ProfileRow(name=name, target=profile.target, products=profile.products, in_use=used)

    def _usable(self, name: str) -> Profile:
        profile = find_profile(name, self._profiles_dir, check_options)
        require_products(profile)
        return profile

    def use_profile(self, grant: Grant, name: str) -> Profile:
        """From the next board on, and after the next start; or not at all, as above."""
        profile = self._usable(name)
        target = prepare(profile)
        with self._bench.slots.held():
            self._bench.require_idle()
            note = partial(self._ledger.audit.note, "profile chosen", profile=profile.name, by=grant.name)
            if self._config_file is None:
                note()
            else:
                keep_profile(self._config_file, name, note=note)
            self._bench.use(target, profile)
        return profile

    def dry_check(self, name: str, by_hand: Callable[[], None], given_up: threading.Event) -> tuple[Check, ...]:
        """Of the first board that is in, or comes within BOARD_S; () when it was given up."""
        profile = self._usable(name)
        with self._waiting(given_up) as is_over:
            port = self._board(is_over)
            return () if is_over() else dry_check(self._ledger, profile, port, by_hand)

    def _board(self, is_over: Callable[[], bool]) -> Port | None:
        deadline = time.monotonic() + BOARD_S
        while not (ports := self._bench.slots.boards()) and time.monotonic() < deadline and not is_over():
            time.sleep(_LOOK_S)
        return ports[0] if ports else None
