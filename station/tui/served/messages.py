# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser says, read with no trust: a size within bounds, F2, a ping; everything else is nothing.

Sizes are whole steps, rounded down, so that screens that are nearly alike share a process.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

MOST_BYTES = 4096  # of one message
_WIDTHS = (40, 400, 4)  # least, most, step; cells
_HEIGHTS = (12, 120, 2)
_F2 = ("\x1bOQ", "\x1b[12~", "\x1b[[B")
_PING = 32  # characters that are sent back


@dataclass(frozen=True, slots=True)
class Size:
    """Of a screen, in cells; always one that a process may be started with."""

    width: int
    height: int

    def fits(self, other: Size) -> bool:
        return self.width <= other.width and self.height <= other.height


@dataclass(frozen=True, slots=True)
class Ping:
    what: str


class OtherLanguage:
    """F2."""


def size_of(width: object, height: object) -> Size:
    """Whatever was asked for; what is no number is 80 × 24."""
    return Size(_within(width, 80, *_WIDTHS), _within(height, 24, *_HEIGHTS))


def _within(asked: object, otherwise: int, least: int, most: int, step: int) -> int:
    try:
        number = int(asked) if isinstance(asked, int | str) and not isinstance(asked, bool) else otherwise
    except ValueError:
        number = otherwise
    number = min(most, max(least, number))
    return number - number % step


def read(text: str) -> Size | Ping | OtherLanguage | None:
    """Never raises; None for what means nothing here."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match message:
        case ["resize", {"width": width, "height": height}]:
            return size_of(width, height)
        case ["ping", str(what)]:
            return Ping(what[:_PING])
        case ["stdin", str(keys)] if keys in _F2:
            return OtherLanguage()
    return None
