# SPDX-License-Identifier: GPL-3.0-or-later
"""Single words on a terminal: headings of tables, and what stands in a cell or at a line's beginning."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from station.model import Language
from station.words.language import Words


def cell(text: str, words: Words) -> str:
    """In the language of `words`; as it is where that is its own, or it is no word of ours."""
    return text if words.native else _table(words.language).get(text, text)


@cache
def _table(language: Language) -> dict[str, str]:
    module = f"station.words.{Language(language).name.lower()}_cells"
    if find_spec(module) is None:  # a language without: its tables have English headings
        return {}
    table: dict[str, str] = import_module(module).CELLS
    return table
