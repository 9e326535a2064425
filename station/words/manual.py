# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of each error code for people: what happened, what it means, what to do, who does it, whether it counts."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from station.codes import Code, Exit
from station.words.language import Words


class Manual(NamedTuple):
    """A language's words for it. Loaded by whoever opens it: no command pays for it."""

    title: str
    topic: str
    page: str
    all_codes: str
    line: str  # {label} {about}
    how: str
    code: str
    what: str
    means: str
    do: str
    who: str
    counted: str
    yes: str
    no: str
    acts: Mapping[Exit, str]  # of every exit that a code has


class CodePage(NamedTuple):
    """What there is to say of a code; `means` may be ""."""

    code: Code
    what: str
    means: str
    do: str
    who: str
    counted: bool


def manual_of(words: Words) -> Manual:
    """In the language of `words`."""
    manual: Manual = import_module(f"station.words.{words.language.name.lower()}_manual").MANUAL
    return manual


def page_of(code: Code, words: Words) -> CodePage:
    """From the one table of codes and the texts that the screens show."""
    what, do, means = words.codes[code]
    return CodePage(code, what, means, do, manual_of(words).acts[code.exit], code.counts_in_yield)


def page_lines(code: Code, words: Words) -> tuple[str, ...]:
    """As a person reads it."""
    page, text = page_of(code, words), manual_of(words)
    below = (text.means, page.means), (text.do, page.do), (text.who, page.who)
    counted = text.yes if page.counted else text.no
    said = [text.line.format(label=label, about=about) for label, about in (*below, (text.counted, counted)) if about]
    return f"{code}  {page.what}", *said
