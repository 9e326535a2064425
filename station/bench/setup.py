# SPDX-License-Identifier: GPL-3.0-or-later
"""From configuration to a bench that can run: the one way `station flash`, `station run` and the demo set one up."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from station.bench.bench import Bench
from station.bench.logged import logged
from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError, UsageError, place_of
from station.events import Event, Notice
from station.flow.visit import FREE, Permit
from station.ledger.store import Ledger
from station.meant import perhaps
from station.profiles.profile import Profile
from station.rules import USUAL, LockOut
from station.targets import get_target, usb, warm_up
from station.targets.base import Target
from station.targets.hotplug import SteadyWatcher
from station.targets.slots import SOCKET_LINKS, SlotSpec, is_fixed, is_numbered, slot_faults, slot_of_port, topology_key

if TYPE_CHECKING:
    from station.printing.printer import Printer
    from station.profiles.sticker import Sticker


def choose_slots(config: Config, names: Sequence[str], ports: Sequence[str]) -> list[SlotSpec]:
    """Slots by name from the configuration and ports given as device or URL; all configured slots when neither."""
    configured = {line.name: SlotSpec(name=line.name, path=line.path) for line in config.slots}
    missing = [name for name in names if name not in configured]
    if missing:
        known = ", ".join(configured) or "none yet; see `station slots assign`"
        what = f"slot {missing[0]} is not configured{perhaps(missing[0], configured)}"
        raise ConfigError(what, do=f"configured: {known}", code=Code.E115)
    chosen = [configured[name] for name in names]
    chosen += slots_of([as_typed(port) for port in ports], list(configured.values()))
    chosen = chosen or list(configured.values())
    if ports and (faults := slot_faults(chosen)):
        raise UsageError("; ".join(faults), do="name each port once", code=Code.E115)
    if not chosen:
        raise UsageError(
            "no slot and no port was given", do="use --port URL, or `station slots assign`", code=Code.E115
        )
    return chosen


def slots_of(paths: Sequence[str], configured: Sequence[SlotSpec]) -> list[SlotSpec]:
    """A slot for each path, named after it. The path of a configured slot is that slot."""
    known = {_key(slot.path): slot for slot in configured}
    names = {slot.name for slot in configured}
    return [known.get(_key(path)) or _unlike(slot_of_port(path), names) for path in paths]


def _unlike(slot: SlotSpec, names: Collection[str]) -> SlotSpec:
    """What has the name of a configured slot now never was this one's."""
    return replace(slot, formerly=tuple(name for name in slot.formerly if name not in names))


def _key(path: str) -> str:
    return topology_key(path) or path


def as_typed(port: str) -> str:
    """A path in the working directory becomes the port it names; /dev/ttyUSB0 the socket it is plugged into now, since
    after a reset another board may have the number. A link that udev gave a socket is that socket, and so its slot."""
    path = str(Path(port).absolute()) if Path(port).exists() else port
    if is_numbered(path):
        path = next((seen.topology for seen in usb.scan() if seen.device == path), "")
    elif path.startswith(SOCKET_LINKS):
        path = next((seen.topology for seen in usb.scan() if path in seen.links and seen.topology), path)
    if not is_fixed(path) and not topology_key(path):
        raise UsageError(f"there is no port {port}", do="see what is plugged in: station slots", code=Code.E115)
    return path


def require_products(profile: Profile) -> None:
    """ConfigError E112 when the profile can flash nothing."""
    if not profile.products:
        raise ConfigError(
            f"profile {profile.name} names no product", do='add products = ["productKey"] to it', code=Code.E112
        )


def lock_out_of(config: Config) -> LockOut:
    """As this bench has it."""
    return LockOut(
        in_a_row=int(config.number("bench.lock_slot_after")),
        of_last_ten=int(config.number("bench.lock_station_after")),
    )


def prepare(profile: Profile) -> Target:
    """What a bench needs beside a profile to `use` it. ConfigError when the profile can flash nothing."""
    require_products(profile)
    warm_up(profile.target)
    return get_target(profile.target)


def make_bench(
    ledger: Ledger,
    profile: Profile,
    slots: Sequence[SlotSpec],
    listen: Callable[[Event], None],
    *,
    write_attempts: int = 2,
    take_new: bool = True,
    permit: Permit = FREE,
    lock_out: LockOut | None = USUAL,
) -> Bench:
    """A bench ready to `run`. With `take_new` off it only settles boards that are known. ConfigError before any port
    is opened when the profile can flash nothing. `lock_out`: None for a run that no failure ends."""
    bench = Bench(
        ledger=ledger,
        target=prepare(profile),
        profile=profile,
        slots=[slot.name for slot in slots],
        watcher=SteadyWatcher(slots, lambda fault: listen(_watched_anew(fault))),
        listen=listen,
        write_attempts=write_attempts,
        take_new=take_new,
    )
    bench.slots.formerly = {slot.name: slot.formerly for slot in slots}
    bench.permit, bench.stays.lock_out = permit, lock_out
    return bench


@contextmanager
def labels_fed(bench: Bench, printer: Printer | None, say: Callable[[Notice], None]) -> Iterator[None]:
    """Inside, the labels of boards that are done are printed; where there is no printer, none is asked for, and a
    profile that needs its labels begins no board (E113)."""
    if printer is None:
        bench.require_printed = lambda: _require_unneeded(bench.profile)
        yield
        return
    from station.printing.feeding import fed  # noqa: PLC0415 - most benches have none

    bench.stays.prints_labels = True

    def stickers() -> dict[str, Sticker]:
        present = bench.profile
        return {present.name: present.sticker} if present.sticker else {}

    with fed(bench.ledger, printer, stickers, logged(say)) as bench.require_printed:
        yield


def _require_unneeded(profile: Profile) -> None:
    if profile.sticker is not None and profile.sticker.keeps_boards_waiting:
        raise ConfigError(
            f"profile {profile.name} needs its labels printed, and no label printer is named",
            do="set [printer] where, for example tcp://192.168.1.50",
            code=Code.E113,
        )


def _watched_anew(fault: Exception) -> Notice:
    """Kind and place only: whatever a fault says was not written for a screen."""
    what = f"hot-plug failed and was begun anew, every board is looked at again: {place_of(fault)}"
    return Notice(at=time.time(), code=Code.E399, what=what, do="report this", serious=True)
