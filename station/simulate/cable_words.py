# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on a cable, in the words of all simulated cables. Which of them one knows, and whether it counts
bytes or lines, it says itself.
"""

from __future__ import annotations

from enum import StrEnum


class Toward(StrEnum):
    """A direction."""

    BOARD = "board"
    STATION = "station"


class CableTrouble(StrEnum):
    DROP = "drop"  # a byte is lost
    FLIP = "flip"  # a bit of a byte turns over
    GARBAGE = "garbage"  # random bytes come before
    HALF = "half"  # only the beginning of a line arrives, and no newline
    TWICE = "twice"  # a line arrives two times
    LOSE = "lose"  # a line never arrives
    LATE = "late"  # it, and what follows in this direction, arrives later
    HANG = "hang"  # nothing passes in either direction for a while
    SILENCE = "silence"  # from here on nothing passes in this direction, until the board is unplugged
    UNPLUG = "unplug"  # the port vanishes
    SWAP = "swap"  # from here on another board is at the cable, and the station's port does not notice
