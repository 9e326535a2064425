# SPDX-License-Identifier: GPL-3.0-or-later
"""Single words on a terminal: headings of tables, and what stands in a cell or at a line's beginning."""

from __future__ import annotations

from functools import cache

from station.model import Language
from station.words.further import further
from station.words.language import Words


def cell(text: str, words: Words) -> str:
    """In the language of `words`; as it is where that is its own, or it is no word of ours."""
    return text if words.native else _table(words.language).get(text, text)


@cache
def _table(language: Language) -> dict[str, str]:
    own = further(language, "cells")
    table: dict[str, str] = own.CELLS if own else {}
    return table
