# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator's card says: one sheet of paper beside the bench, a tile of each state and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from station.events import SlotState
from station.words.language import Words


class TileWords(NamedTuple):
    means: str
    do: str


class CardWords(NamedTuple):
    title: str
    subtitle: str
    tiles: Mapping[SlotState, TileWords]  # every state, in the order of the card
    named: str  # {tile} {means}
    heads: tuple[str, str, str]  # of a table: tile, what it means, what to do
    alarm: str
    rules: tuple[str, ...]
    written: str  # {path}


def card_words(words: Words) -> CardWords:
    """In the language of `words`."""
    card: CardWords = import_module(f"station.words.{words.language.name.lower()}_card").CARD
    return card
