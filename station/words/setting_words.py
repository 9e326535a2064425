# SPDX-License-Identifier: GPL-3.0-or-later
"""What each setting of station.toml means, in a language. Loaded by whoever asks: no other command pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from station.config.table import SETTINGS
from station.words.language import Words


def meanings(words: Words) -> Mapping[str, str]:
    """Dotted key → meaning, of every setting."""
    native = {setting.key: setting.meaning for setting in SETTINGS}
    if words.native:
        return native
    said: dict[str, str] = import_module(f"station.words.{words.language.name.lower()}_settings").MEANINGS
    return native | said
