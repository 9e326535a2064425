# SPDX-License-Identifier: GPL-3.0-or-later
"""Which boards a shipped profile is for, in a language: as its first comment says where that is the language, else from
a table, which nobody loads who does not ask.
"""

from __future__ import annotations

from importlib import import_module

from station.profiles.shipped import boards_of
from station.words.language import Words


def boards_for(name: str, words: Words) -> str:
    """ConfigError where no profile of that name is shipped."""
    if words.native:
        return boards_of(name)
    said: dict[str, str] = import_module(f"station.words.{words.language.name.lower()}_profiles").BOARDS
    return said.get(name) or boards_of(name)
