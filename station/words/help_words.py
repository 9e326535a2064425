# SPDX-License-Identifier: GPL-3.0-or-later
"""`--help` and usage errors in a language. English stands with the commands themselves, and needs no words here.

A text is found by the command's path without `station`, of which the longest tail that is listed counts: an option that
many commands have is listed once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from station.model import Language
from station.words.further import further

_HOLE = re.compile(r"\{(\w+)\}")


class HelpWords(NamedTuple):
    """Names, metavars in capitals and what is typed are in no language."""

    usage: str
    options: str
    commands: str
    try_help: str  # {command}
    error: str  # {message}
    default: str  # {value}
    show_help: str
    parts: Mapping[str, str]  # of a usage line and of what stands behind an option, by the English
    errors: Mapping[str, str]  # of a usage error, by the English, in the order in which they are tried
    summaries: Mapping[str, str]  # by the command's name
    about: Mapping[str, str]  # by the command's path
    of_options: Mapping[str, str]  # by path and option

    def told(self, message: str) -> str:
        """A usage error's message; one that is not known stays as it is."""
        for english, here in self.errors.items():
            if found := _shape(english).fullmatch(message):
                filled = {name: self.told(part) for name, part in found.groupdict().items()}
                return here.format(**filled)
        return message


def help_words(language: Language) -> HelpWords | None:
    """None for a language without, which is then told in English."""
    own = further(language, "help")
    words: HelpWords | None = own.HELP if own else None
    return words


def tails(path: str) -> Iterator[str]:
    """What a text of this path may be listed as, the most particular first."""
    names = path.split(" ")
    return (" ".join(names[start:]) for start in range(len(names)))


def found_by(path: str, texts: Mapping[str, str]) -> str | None:
    return next((texts[tail] for tail in tails(path) if tail in texts), None)


def _shape(english: str) -> re.Pattern[str]:
    parts = _HOLE.split(english)  # text, name, text, name, … text
    fixed = (f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile("".join(fixed), re.DOTALL)
