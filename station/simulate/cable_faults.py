# SPDX-License-Identifier: GPL-3.0-or-later
"""What can happen to a line on its way, as values, and what becomes of the line. No I/O."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum


class Toward(StrEnum):
    """A direction."""

    BOARD = "board"
    STATION = "station"


class CableTrouble(StrEnum):
    """What happens to a line."""

    DROP = "drop"  # byte `at` is lost
    FLIP = "flip"  # a bit of byte `at` turns over
    GARBAGE = "garbage"  # random bytes come before it
    HALF = "half"  # only the first `at` bytes arrive, and no newline
    TWICE = "twice"  # it arrives two times
    LOSE = "lose"  # it never arrives
    LATE = "late"  # it, and what follows in this direction, arrives `seconds` later
    HANG = "hang"  # it never arrives, nor anything in either direction for `seconds`
    UNPLUG = "unplug"  # the port vanishes after byte `at`, and comes back after `seconds`
    SWAP = "swap"  # from this line on, board `other` is at the cable; the station's port does not notice


DAMAGE = (
    CableTrouble.DROP,
    CableTrouble.FLIP,
    CableTrouble.GARBAGE,
    CableTrouble.HALF,
    CableTrouble.TWICE,
    CableTrouble.LOSE,
    CableTrouble.LATE,
)
"""What strikes by chance unless told otherwise: all that a protocol should get over by itself."""


@dataclass(frozen=True, slots=True)
class CableFault:
    """Lines are counted from 1 in each direction, bytes (`at`) from 0; with None the cable's random numbers choose."""

    trouble: CableTrouble
    toward: Toward
    line: int
    at: int | None = None
    seconds: float = 0.05
    other: str = ""


def arrives(line: bytes, fault: CableFault, dice: random.Random) -> bytes:
    """What becomes of a line (newline included) that `fault` strikes; delays and plugs are the cable's business."""
    at = dice.randrange(len(line)) if fault.at is None else min(fault.at, len(line) - 1)
    changed = {
        CableTrouble.DROP: line[:at] + line[at + 1 :],
        CableTrouble.FLIP: line[:at] + bytes([line[at] ^ 1 << dice.randrange(8)]) + line[at + 1 :],
        CableTrouble.GARBAGE: dice.randbytes(dice.randint(1, 24)) + line,
        CableTrouble.HALF: line[:at],
        CableTrouble.UNPLUG: line[:at],
        CableTrouble.TWICE: line + line,
        CableTrouble.LOSE: b"",
        CableTrouble.HANG: b"",
    }
    return changed.get(fault.trouble, line)
