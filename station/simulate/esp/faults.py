# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the cable, at an exact byte of either direction.

Bytes are counted from 0 since the board was started, as they pass the cable, and across unplugging and resets. Each
fault happens once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from station.simulate.cable_words import CableTrouble, Toward


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What strikes byte `at`: DROP, FLIP, SILENCE, or, before it passes, UNPLUG and SWAP. `other`: the EspBoard, never
    started, whose chip and flash take over; with UNPLUG it appears under the same name at once.
    """

    trouble: CableTrouble
    toward: Toward
    at: int
    other: Any = None


class Faults:
    """The faults of one board that are still to come. `pass_on` is called with every run of bytes on its way."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._pending = {
            toward: sorted((f for f in faults if f.toward is toward), key=lambda fault: fault.at) for toward in Toward
        }
        self._count = dict.fromkeys(Toward, 0)
        self._silent: set[Toward] = set()

    def add(self, fault: Fault) -> None:
        self._pending[fault.toward].append(fault)
        self._pending[fault.toward].sort(key=lambda pending: pending.at)

    def clear(self) -> None:
        for pending in self._pending.values():
            pending.clear()

    def reconnected(self) -> None:
        self._silent.clear()

    def count(self, toward: Toward) -> int:
        """Bytes that came to the cable in this direction so far."""
        return self._count[toward]

    def pass_on(self, toward: Toward, data: bytes) -> tuple[bytes, Fault | None, bytes]:
        """What arrives; an UNPLUG or SWAP that happens right after it; what was to follow that."""
        arrived = bytearray()
        while data:
            pending = self._pending[toward]
            ahead = pending[0].at - self._count[toward] if pending else len(data)
            if ahead >= len(data):
                self._move(toward, data, arrived)
                break
            self._move(toward, data[: max(ahead, 0)], arrived)
            data = data[max(ahead, 0) :]
            fault = pending.pop(0)
            match fault.trouble:
                case CableTrouble.DROP:
                    self._count[toward] += 1
                    data = data[1:]
                case CableTrouble.FLIP:
                    data = bytes((data[0] ^ 0x10,)) + data[1:]
                case CableTrouble.SILENCE:
                    self._silent.add(toward)
                case CableTrouble.UNPLUG | CableTrouble.SWAP:
                    return bytes(arrived), fault, data
        return bytes(arrived), None, b""

    def _move(self, toward: Toward, data: bytes, arrived: bytearray) -> None:
        self._count[toward] += len(data)
        if toward not in self._silent:
            arrived += data
