# SPDX-License-Identifier: GPL-3.0-or-later
"""What can happen to a line on its way, as values, and what becomes of the line. No I/O."""

from __future__ import annotations

import random
from dataclasses import dataclass

from station.simulate.cable_words import CableTrouble, Toward

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
    """What strikes a line: all troubles but SILENCE.

    Lines are counted from 1 in each direction. `at`: the byte that is struck, from 0, or where the line is cut; with
    None the cable's random numbers choose. `seconds`: how long LATE, HANG and UNPLUG last. `other`: the path of the
    board that SWAP puts there.
    """

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
