# SPDX-License-Identifier: GPL-3.0-or-later
"""A table as lines: columns left-aligned, two cells apart; a Chinese character is two cells wide. Within a width the
widest columns give way, and what does not fit goes on in the next line, in its own column: nothing is left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_GAP = 2
_LEAST = 8
"""Cells that each column keeps: below that nobody reads it, and the terminal may break the line."""


def cells(text: str) -> int:
    """How wide a text is on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def laid_out(rows: Sequence[Sequence[str]], width: int | None = None) -> Iterator[str]:
    """The lines; all rows have as many columns. `width`: cells of the terminal, None where there is none."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    if width is not None:
        _narrow(widths, width)
    for row in rows:
        parts = [_broken(text, most) for text, most in zip(row, widths, strict=True)]
        for at in range(max(map(len, parts))):
            texts = (part[at] if at < len(part) else "" for part in parts)
            padded = (text + " " * (most - cells(text)) for text, most in zip(texts, widths, strict=True))
            yield (" " * _GAP).join(padded).rstrip()


def _narrow(widths: list[int], width: int) -> None:
    room = width - _GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1


def _broken(text: str, most: int) -> list[str]:
    """At its blanks where it has them, else where the line is full."""
    lines = []
    while cells(text) > most:
        end = _fits(text, most)
        blank = text.rfind(" ", 0, end + 1)
        cut = blank if blank > 0 else end
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]


def _fits(text: str, most: int) -> int:
    """How many of its characters; at least one."""
    taken = 0
    for at, character in enumerate(text):
        taken += cells(character)
        if taken > most:
            return max(at, 1)
    return len(text)
