# SPDX-License-Identifier: GPL-3.0-or-later
"""A word that is not known, and the known one that was perhaps meant. Only ever said, never taken instead."""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = 0.6
"""As difflib counts it: one slip in a word of three letters, three in one of ten."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known one that is most like it; "" where none is."""
    from difflib import get_close_matches  # noqa: PLC0415 - nobody mistypes at most starts

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=_ALIKE)), "")


def perhaps(word: str, known: Iterable[str]) -> str:
    """Behind the message that it is not known: ": is “…” meant?", or nothing."""
    found = nearest(word, known)
    return f": is “{found}” meant?" if found else ""
