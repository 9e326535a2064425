# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables that a language may have beside its words: what stands in English where it is said, in that language."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from station.model import Language


def further(language: Language, subject: str) -> ModuleType | None:
    """Its module or package of that subject, such as `chinese_help`; None where it has none, as English has not: what
    it is about stays English then."""
    name = f"station.words.{language.name.lower()}_{subject}"
    return import_module(name) if find_spec(name) else None
