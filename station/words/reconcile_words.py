# SPDX-License-Identifier: GPL-3.0-or-later
"""What `station reconcile` says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple

from station.model import Language


class ReconcileWords(NamedTuple):
    """`kinds`: of each way to differ, what it is and what to do about it."""

    kinds: Mapping[str, str]  # {batch} {name}
    line: str  # {name} {kind} {state} {uid}
    same: str  # {batch} {asked}
    differ: str  # {batch} {asked} {number}
    unsaid: str  # {batch} {number}
    lists_none: str  # {batch}
    a_file: str  # {batch}
    ended: str  # {batch}


@cache
def reconcile_words(language: Language) -> ReconcileWords:
    """Loaded only where a cloud is asked again."""
    words: ReconcileWords = import_module(f"station.words.{Language(language).name.lower()}_reconcile").RECONCILE
    return words
