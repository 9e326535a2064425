# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things go on a tile of a size."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

SLOT_WIDTH = 6
_NARROW = 24
_FRAMED_HEIGHT = 8  # below this the border has no rows of its own
_DETAIL_HEIGHT = 6
_HAN_WIDTH = 2
_LARGE = 34, 17
_LOW = 48, 8
_LOW_FRAMED, _LOW_DETAILED = 10, 11  # rows of a low tile, from which on there is one for the border, for details
_LEAST_HEAD, _LEAST_ASKED = 3, 5  # rows: of the smallest Latin letters; of Chinese ones, and a free one above
_HAN_ROWS = 4
NAMED = 9
"""Columns of a low tile for the slot's name: two of the smallest figures, and a free one on each side."""


@dataclass(frozen=True, slots=True)
class Space:
    """The columns `left` to `right` and rows `top` to `last` inside border and lamp, the instruction on `last`. Small
    tiles give up the frame, then the details, never the instruction: it is their lower edge then, from side to side,
    as there may be no free row below them. On large ones slot and code have `head` rows at
    the top, and the instruction has `asked` rows above its text. On low ones all of that stands in two lines of block
    letters: name, word and code side by side, below them the instruction, `asked` rows down to `last`.
    """

    width: int
    height: int

    @property
    def framed(self) -> bool:
        return self.height >= (_LOW_FRAMED if self.low else _FRAMED_HEIGHT)

    @property
    def detailed(self) -> bool:
        return self.height >= (_LOW_DETAILED if self.low else _DETAIL_HEIGHT + 5 * self.framed)

    @property
    def headed(self) -> bool:
        """Its code stands on top, whatever else is on it."""
        return self.framed or self.low

    @property
    def name(self) -> int:
        """Columns for the slot's name as a row of text."""
        if self.low:
            return NAMED - 2
        return max(SLOT_WIDTH, (self.right - self.left) // 2 - 2) if self.framed else SLOT_WIDTH

    @property
    def large(self) -> bool:
        return self.width >= _LARGE[0] and self.height >= _LARGE[1]

    @property
    def low(self) -> bool:
        return self.width >= _LOW[0] and _LOW[1] <= self.height < _LARGE[1]

    @property
    def edged(self) -> bool:
        """The instruction is its lower edge."""
        return not self.framed and not self.low

    @property
    def head(self) -> int:
        return max(_LEAST_HEAD, self.height // 7) if self.large else int(self.framed)

    @property
    def asked(self) -> int:
        if self.low:
            return _HAN_ROWS
        return max(_LEAST_ASKED, self.height // 4) if self.large else 0

    @property
    def lamp(self) -> int:
        return 1 if self.width < _NARROW else 3

    @property
    def left(self) -> int:
        return self.lamp + self.framed

    @property
    def right(self) -> int:
        return self.width - 1

    @property
    def top(self) -> int:
        return int(self.framed)

    @property
    def last(self) -> int:
        return self.height - 1 - self.framed

    @property
    def word_top(self) -> int:
        """First row for the block letters."""
        return self.top + self.head + self.large

    @property
    def middle(self) -> int:
        """Rows for the block letters where all else has one row each."""
        return self.last - self.top - self.framed - self.detailed

    def word(self, slot: str) -> tuple[int, int, int]:
        """First column, columns and rows for the block letters. Without a frame, and on a low tile, the slot's name
        stands beside them."""
        if self.low:
            rows = self.last - self.top + 1 - self.asked - self.detailed
            return self.left + NAMED, self.right - self.left - NAMED, rows
        aside = 0 if self.framed else max(_HAN_WIDTH, min(cell_len(slot), SLOT_WIDTH))
        margin = int(self.width >= _NARROW)
        rows = self.middle - (self.head - self.framed) - self.asked - self.large
        return self.left + aside, self.right - self.left - aside - margin, rows
