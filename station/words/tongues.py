# SPDX-License-Identifier: GPL-3.0-or-later
"""The languages the station speaks: each name in `model.Language` has its module here, called like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from station.model import Language
from station.words.language import Words


class _Tongues(Mapping[Language, Words]):
    """All of them; each is loaded when it is first asked for."""

    def __getitem__(self, language: Language) -> Words:
        return _loaded(Language(language))

    def __iter__(self) -> Iterator[Language]:
        return iter(Language)

    def __len__(self) -> int:
        return len(Language)


TONGUES: Mapping[Language, Words] = _Tongues()


@cache
def _loaded(language: Language) -> Words:
    words: Words = import_module(f"station.words.{language.name.lower()}").WORDS
    return words


def language_key(words: Words) -> str:
    """The key for the next language, which is called by its own name: who needs it reads no other."""
    return f"F2: {words.language.next.called}"
