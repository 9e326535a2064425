# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated cloud's fault language in a language. English stands with the tables that run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from station.model import Language
from station.words.further import further


class SimulatorWords(NamedTuple):
    script: str
    mishaps: Mapping[str, str]  # by its usage
    quirks: Mapping[str, str]
    titles: tuple[str, str]


def simulator_words(language: Language) -> SimulatorWords | None:
    """None for a language without, which is then told in English."""
    own = further(language, "simulate")
    words: SimulatorWords | None = own.SIMULATOR if own else None
    return words
