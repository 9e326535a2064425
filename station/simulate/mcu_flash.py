# SPDX-License-Identifier: GPL-3.0-or-later
"""NOR flash as it is: erasing sets a page to ones, programming can only clear bits, power may go in the middle.

The contents are a file, see `nor`. Counts its operations; a `Cut` ends the board's power inside one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from station.simulate.nor import NorCells

SIZE = 0x10000
PAGE = 0x1000
_WORD = 4


class Tear(StrEnum):
    """What the operation in hand has done when the power goes."""

    NOTHING = "nothing"
    FIRST_HALF = "first-half"  # the low 16 bits of the word, the lower half of the page
    SECOND_HALF = "second-half"
    EVERY_OTHER_BIT = "every-other-bit"
    ALL = "all"  # complete, but the firmware never learns


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Power is lost inside flash operation number `operation` (1 = the first since power-on)."""

    operation: int
    tear: Tear = Tear.FIRST_HALF


class PowerLost(Exception):
    """Raised by the operation named in `Cut`."""


class McuFlash:
    """`path` is created, erased, when it does not exist; raises ValueError when it has another size."""

    def __init__(self, path: Path, cut: Cut | None = None) -> None:
        if path.exists() and path.stat().st_size != SIZE:
            raise ValueError(f"{path} is no flash image of this board: {path.stat().st_size} bytes, not {SIZE}")
        self._cells = NorCells(SIZE, path)
        self.cut = cut
        self.operations = 0

    @property
    def address(self) -> int:
        """Where the cells lie in this process, for the CPU to read without asking."""
        return self._cells.address

    def program(self, at: int, word: int) -> bool:
        """Clear the bits of `word` that are 0. False, like a controller's error flag, when `at` is no word of ours."""
        if at % _WORD or not 0 <= at < SIZE:
            return False
        tear = self._begin()
        unchanged = {
            None: 0,
            Tear.NOTHING: 0xFFFFFFFF,
            Tear.FIRST_HALF: 0xFFFF0000,
            Tear.SECOND_HALF: 0x0000FFFF,
            Tear.EVERY_OTHER_BIT: 0x55555555,
            Tear.ALL: 0,
        }[tear]
        self._cells.program(at, (word | unchanged).to_bytes(_WORD, "little"))
        self._end(tear)
        return True

    def erase(self, at: int) -> bool:
        """Set the page that begins at `at` to ones."""
        if at % PAGE or not 0 <= at < SIZE:
            return False
        tear = self._begin()
        half = PAGE // 2
        match tear:
            case None | Tear.ALL:
                self._cells.erase(at, PAGE)
            case Tear.FIRST_HALF:
                self._cells.erase(at, half)
            case Tear.SECOND_HALF:
                self._cells.erase(at + half, half)
            case Tear.EVERY_OTHER_BIT:
                self._cells.put(at, bytes(byte | 0xAA for byte in self._cells.read(at, PAGE)))
        self._end(tear)
        return True

    def _begin(self) -> Tear | None:
        self.operations += 1
        return self.cut.tear if self.cut and self.operations == self.cut.operation else None

    def _end(self, tear: Tear | None) -> None:
        if tear is not None:
            raise PowerLost
