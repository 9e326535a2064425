# SPDX-License-Identifier: GPL-3.0-or-later
"""How wide a text is on a terminal, in cells: a Chinese character takes two. Loads nothing, for `--help`."""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, width: int) -> str:
    """With blanks behind it, to so many cells."""
    return text + " " * (width - cells(text))
