# SPDX-License-Identifier: GPL-3.0-or-later
"""A table as lines: columns left-aligned, two cells apart; a Chinese character is two cells wide. Within a width the
widest columns give way, and what does not fit goes on in the next line, in its own column: nothing is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from station.words.width import cells, padded

_GAP = 2
_LEAST = 8
"""Cells that each column keeps while that will do: below that it is hard to read."""
_TIGHT = 5
"""What it keeps where there are many: a line that the terminal breaks is in no column at all."""


def filled(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, as far as the words allow."""
    lines, line = [], ""
    for unit in _unit().findall(" ".join(text.split())):
        if line and cells((line + unit).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += unit if line else unit.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def broken(text: str, width: int) -> list[str]:
    """As `filled`; what no blank parts and is too long goes on in the next line. A text that fits stays as it is."""
    lines = [text] if cells(text) <= width else filled(text, width)
    return [part for line in lines for part in _cut(line, width)]


def laid_out(rows: Sequence[Sequence[str]], width: int | None = None, *, ruled: bool = False) -> Iterator[str]:
    """The lines; all rows have as many columns. `width`: cells of the terminal, None where there is none; `ruled`: a
    line is drawn below the first row."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    if width is not None:
        _narrow(widths, width)
    for number, row in enumerate(rows):
        parts = [broken(text, most) for text, most in zip(row, widths, strict=True)]
        for at in range(max(map(len, parts))):
            texts = (part[at] if at < len(part) else "" for part in parts)
            yield (" " * _GAP).join(map(padded, texts, widths)).rstrip()
        if ruled and number == 0:
            yield (" " * _GAP).join("─" * most for most in widths)


def _narrow(widths: list[int], width: int) -> None:
    room = width - _GAP * (len(widths) - 1)
    for least in (_LEAST, _TIGHT):
        while sum(widths) > room and max(widths) > least:
            widths[widths.index(max(widths))] -= 1


def _cut(text: str, width: int) -> Iterator[str]:
    while cells(text) > width:
        end = _fits(text, width)
        yield text[:end]
        text = text[end:]
    yield text


def _fits(text: str, most: int) -> int:
    """How many of its characters; at least one."""
    taken = 0
    for at, character in enumerate(text):
        taken += cells(character)
        if taken > most:
            return max(at, 1)
    return len(text)


@cache
def _unit() -> re.Pattern[str]:
    """What stays in one line. Compiled when a line is first broken: that takes a fifth of `station --version`."""
    return re.compile(
        r"[（“「《]*"  # what opens stays with what it opens
        r"(?:[^\S\n]+|[\u2e80-\uffef]|[^\s\u2e80-\uffef，。；：、）”」》！？]+)"
        r"[，。；：、）”」》！？]*"  # what closes does not begin a line, but for the first one
        r"|[，。；：、）”」》！？]+"
    )
