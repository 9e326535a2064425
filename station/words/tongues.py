# SPDX-License-Identifier: GPL-3.0-or-later
"""The languages the station speaks; a third one is one more file and one more line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from station.words import chinese, english
from station.words.language import Language, Words

TONGUES: Mapping[Language, Words] = MappingProxyType({Language.ENGLISH: english.WORDS, Language.CHINESE: chinese.WORDS})
