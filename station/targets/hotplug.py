# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the bench when a board's port comes or goes in a slot of the allow-list.

`watch_ports(slots)` gives a `PortWatcher`. What is there at the start comes as `PortAppeared` with the first call. A
port that was away and is back between two calls is reported as both, vanished first: it may be another board. A board
that re-enumerates (its reset takes its USB device away) does the same, in the same slot; whoever works in that slot at
the time knows that it asked for it. Ports outside the list are never reported. For one thread.
"""

from __future__ import annotations

import math
import os
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from station.codes import Code
from station.errors import ConfigError
from station.model import Port
from station.targets import usb
from station.targets.slots import SeenPort, SlotSpec, fixed_port, is_fixed, is_url, match, port_of, slot_faults

STEADY_S = 60.0
_TOO_MANY = 3
_BREATH_S = 0.5
"""Before a watcher is begun anew: udev itself may be starting again."""
_POLL_S = 0.1
"""How long a plugged board may go unseen where nobody tells; a scan of 16 ports costs some milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortAppeared:
    port: Port


@dataclass(frozen=True, slots=True, kw_only=True)
class PortVanished:
    port: Port


PortEvent = PortAppeared | PortVanished


class PortWatcher(Protocol):
    """Who waits for boards."""

    def events(self, timeout_s: float) -> list[PortEvent]:
        """What changed since the last call; waits at most `timeout_s` for something to change."""

    def assign(self, slots: Sequence[SlotSpec]) -> None:
        """Watch these slots from now on; the next `events` tells only what that changes."""

    def present(self) -> dict[str, Port]:
        """Slot name → port, as of the last `events`."""

    def close(self) -> None:
        """Stop watching; never raises."""


def watch_ports(slots: Sequence[SlotSpec]) -> PortWatcher:
    """ConfigError when the list is ambiguous or names ports by number."""
    faults = slot_faults(slots)
    if faults:
        raise ConfigError("; ".join(faults), do="correct the [[slot]] tables in the station's config", code=Code.E110)
    return UdevWatcher(slots) if usb.udev_runs() else PollingWatcher(slots)


class SteadyWatcher:
    """Outlives the faults of the watcher it has: a new one takes its place. Nobody saw what was done at the slots
    meanwhile, so whatever was there is told as vanished and then as new. Raises the third fault within STEADY_S."""

    def __init__(self, slots: Sequence[SlotSpec], told: Callable[[Exception], None]) -> None:
        self._slots, self._told = tuple(slots), told
        self._faults: list[float] = []  # monotonic
        self._watcher: PortWatcher | None = watch_ports(slots)

    def events(self, timeout_s: float) -> list[PortEvent]:
        try:
            if self._watcher is None:  # that it cannot be begun yet is a fault like another
                self._watcher = watch_ports(self._slots)
            return self._watcher.events(timeout_s)
        except Exception as fault:
            self._faults = [at for at in self._faults if time.monotonic() - at < STEADY_S] + [time.monotonic()]
            if len(self._faults) >= _TOO_MANY:
                raise
            self._told(fault)
        gone: list[PortEvent] = [PortVanished(port=port) for port in self.present().values()]
        self.close()
        self._watcher = None
        time.sleep(_BREATH_S)
        return gone

    def assign(self, slots: Sequence[SlotSpec]) -> None:
        self._slots = tuple(slots)
        if self._watcher is not None:
            self._watcher.assign(slots)

    def present(self) -> dict[str, Port]:
        return self._watcher.present() if self._watcher is not None else {}

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.close()


class _Watcher(ABC):
    """Compares what is there with what was; the two kinds differ in how they look and wait."""

    _rescan_s: float
    """How long a list of USB ports is believed when nothing stirs: a scan of all ttys costs milliseconds, and a bench
    asks ten times a second."""

    def __init__(self, slots: Sequence[SlotSpec]) -> None:
        self._now: dict[str, tuple[Port, object]] = {}
        self._seen: dict[SeenPort, object] = {}
        self.assign(slots)

    def assign(self, slots: Sequence[SlotSpec]) -> None:
        self._fixed = [slot for slot in slots if is_fixed(slot.path)]
        self._usb = [slot for slot in slots if not is_fixed(slot.path)]
        self._nodes = [slot for slot in self._fixed if not is_url(slot.path)]
        self._scanned_at = -math.inf

    @abstractmethod
    def _stirred(self) -> bool:
        """Whether something is known to have changed since the last scan."""

    @abstractmethod
    def _scan(self) -> Iterable[tuple[SeenPort, object]]:
        """USB ports, each with a token that changes when the device is another one under the same name."""

    @abstractmethod
    def _wait(self, timeout_s: float) -> None:
        """Until something may have changed, or `timeout_s`."""

    @abstractmethod
    def close(self) -> None: ...

    def present(self) -> dict[str, Port]:
        return {name: port for name, (port, _) in self._now.items()}

    def events(self, timeout_s: float) -> list[PortEvent]:
        deadline = time.monotonic() + timeout_s
        while not (found := self._changes()) and (left := deadline - time.monotonic()) > 0:
            self._wait(left)
        return found

    def _changes(self) -> list[PortEvent]:
        now = self._look()
        gone = [PortVanished(port=old[0]) for name, old in self._now.items() if now.get(name) != old]
        new = [PortAppeared(port=port[0]) for name, port in now.items() if self._now.get(name) != port]
        self._now = now
        return [*gone, *new]

    def _look(self) -> dict[str, tuple[Port, object]]:
        now: dict[str, tuple[Port, object]] = {}
        for slot in self._fixed:
            token = "" if is_url(slot.path) else node_token(slot.path)
            if token is not None:
                now[slot.name] = (fixed_port(slot), token)
        if self._usb:
            if self._stirred() or time.monotonic() - self._scanned_at >= self._rescan_s:
                self._scanned_at = time.monotonic()
                self._seen = dict(self._scan())
            there = match(self._seen, self._usb)
            present = [(slot, there[slot.name]) for slot in self._usb if slot.name in there]
            now |= {slot.name: (port_of(slot, seen), self._seen[seen]) for slot, seen in present}
        return now


class PollingWatcher(_Watcher):
    """Looks again and again: no udev, or only fixed ports."""

    _rescan_s = 0.5

    def _stirred(self) -> bool:
        return False

    def _scan(self) -> Iterable[tuple[SeenPort, object]]:
        return [(seen, node_token(seen.device)) for seen in usb.scan_list()]

    def _wait(self, timeout_s: float) -> None:
        time.sleep(min(timeout_s, _POLL_S if self._usb or self._nodes else timeout_s))

    def close(self) -> None:
        """Holds nothing."""


class UdevWatcher(_Watcher):
    """Woken by udev after its rules have run, so that permissions and symlinks are there. Looks now and then all the
    same: in a container events may not come through.
    """

    _rescan_s = 5.0

    def __init__(self, slots: Sequence[SlotSpec]) -> None:
        import pyudev  # noqa: PLC0415 - not on every system

        super().__init__(slots)
        self._monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        self._monitor.filter_by("tty")
        self._monitor.start()
        self._taken: dict[str, int] = {}
        self._told = False

    def _stirred(self) -> bool:
        self._drain(0)
        told, self._told = self._told, False
        return told

    def _scan(self) -> Iterable[tuple[SeenPort, object]]:
        return [(seen, self._taken.get(seen.device, 0)) for seen in usb.scan_udev()]

    def _wait(self, timeout_s: float) -> None:
        self._drain(min(timeout_s, _POLL_S if self._nodes else self._rescan_s))

    def _drain(self, timeout_s: float) -> None:
        """Counts how often each node was taken away, so that a swap between two looks is seen."""
        device = self._monitor.poll(timeout_s)
        while device is not None:
            self._told = True
            if device.action == "remove" and device.device_node:
                self._taken[device.device_node] = self._taken.get(device.device_node, 0) + 1
            device = self._monitor.poll(0)

    def close(self) -> None:
        self._monitor = None


def node_token(path: str) -> object | None:
    """What tells one device from the next under the same path; None while there is none.

    Neither time stamps of the node (opening changes them) nor its number alone (reused) would do; the symlink's own
    inode and time are those of the moment it was laid.
    """
    try:
        link, node = os.lstat(path), Path(path).stat()
    except (OSError, ValueError):
        return None
    laid = (link.st_ino, link.st_ctime_ns) if stat.S_ISLNK(link.st_mode) else ()  # asked again, it may be gone
    return (laid, node.st_ino, node.st_rdev)
