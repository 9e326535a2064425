# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated cloud's fault language in a language. English stands with the tables that run it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from station.model import Language


class SimulatorWords(NamedTuple):
    script: str
    mishaps: Mapping[str, str]  # by its usage
    quirks: Mapping[str, str]
    titles: tuple[str, str]


def simulator_words(language: Language) -> SimulatorWords | None:
    """None for English."""
    if language is Language.ENGLISH:
        return None
    words: SimulatorWords = import_module(f"station.words.{language.name.lower()}_simulate").SIMULATOR
    return words
