# SPDX-License-Identifier: GPL-3.0-or-later
"""A text from anywhere in so many cells of a row. What is cut says so: nobody takes a part for the whole."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from station.printable import printable

_CUT = "…"
_KEPT_END = 3  # cells of a name: its number, and the mark before it


def cut(text: str, width: int) -> str:
    """As much of it as `width` cells hold, nothing unseen in it."""
    shown = printable(text)
    if cell_len(shown) <= width:
        return shown
    return set_cell_size(shown, width - 1).rstrip() + _CUT if width > 0 else ""


def filled(text: str, width: int) -> str:
    """Likewise, and blanks behind it."""
    return set_cell_size(cut(text, width), width)


def first_fitting(texts: Sequence[str], room: int) -> str:
    """The first that `room` cells hold; where none is so short, as much of the last as they hold."""
    return cut(next((text for text in texts if cell_len(text) <= room), texts[-1]), room)


def shortened(name: str, width: int) -> str:
    """A name. Its end stays, as names of a kind differ there: fixture-11, fixture-12."""
    shown = printable(name)
    if cell_len(shown) <= width:
        return shown
    kept = min(_KEPT_END, width - 1)
    end = next(end for first in range(len(shown) + 1) if cell_len(end := shown[first:]) <= max(0, kept))
    return cut(shown, width - cell_len(end)) + end
