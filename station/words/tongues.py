# SPDX-License-Identifier: GPL-3.0-or-later
"""The languages the station speaks: a line each, and its name in `model.Language`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from station.model import Language
from station.words import chinese, english
from station.words.language import Words

TONGUES: Mapping[Language, Words] = MappingProxyType(
    {
        Language.ENGLISH: english.WORDS,
        Language.CHINESE: chinese.WORDS,
    }
)


def language_key(words: Words) -> str:
    """The key for the next language, which is called by its own name: who needs it reads no other."""
    return f"F2: {TONGUES[words.language.next].called}"
