# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the cable, at an exact byte of either direction.

Bytes are counted from 0 since the board was started, as they pass the cable, and across unplugging and resets. Each
fault happens once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    DROP = "drop"
    """this one byte is lost"""
    FLIP = "flip"
    """one bit of this byte changes"""
    SILENCE = "silence"
    """this byte and all that follow in this direction are lost, until the board is unplugged"""
    VANISH = "vanish"
    """the port goes away before this byte; with `other`, that board appears under the same name at once"""
    SWAP = "swap"
    """`other` has been put on the same cable: it gets this byte and all that follow, and it answers"""


class Direction(StrEnum):
    TO_BOARD = "to_board"
    TO_HOST = "to_host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`other`: the EspBoard, never started, whose chip and flash take over."""

    kind: Kind
    direction: Direction
    at: int
    other: Any = None


class Faults:
    """The faults of one board that are still to come. `pass_on` is called with every run of bytes on its way."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._pending = {
            direction: sorted((f for f in faults if f.direction is direction), key=lambda fault: fault.at)
            for direction in Direction
        }
        self._count = dict.fromkeys(Direction, 0)
        self._silent: set[Direction] = set()

    def add(self, fault: Fault) -> None:
        self._pending[fault.direction].append(fault)
        self._pending[fault.direction].sort(key=lambda pending: pending.at)

    def clear(self) -> None:
        for pending in self._pending.values():
            pending.clear()

    def reconnected(self) -> None:
        self._silent.clear()

    def count(self, direction: Direction) -> int:
        """Bytes that came to the cable in this direction so far."""
        return self._count[direction]

    def pass_on(self, direction: Direction, data: bytes) -> tuple[bytes, Fault | None, bytes]:
        """What arrives; a VANISH or SWAP that happens right after it; what was to follow that."""
        arrived = bytearray()
        while data:
            pending = self._pending[direction]
            ahead = pending[0].at - self._count[direction] if pending else len(data)
            if ahead >= len(data):
                self._move(direction, data, arrived)
                break
            self._move(direction, data[: max(ahead, 0)], arrived)
            data = data[max(ahead, 0) :]
            fault = pending.pop(0)
            match fault.kind:
                case Kind.DROP:
                    self._count[direction] += 1
                    data = data[1:]
                case Kind.FLIP:
                    data = bytes((data[0] ^ 0x10,)) + data[1:]
                case Kind.SILENCE:
                    self._silent.add(direction)
                case Kind.VANISH | Kind.SWAP:
                    return bytes(arrived), fault, data
        return bytes(arrived), None, b""

    def _move(self, direction: Direction, data: bytes, arrived: bytearray) -> None:
        self._count[direction] += len(data)
        if direction not in self._silent:
            arrived += data
