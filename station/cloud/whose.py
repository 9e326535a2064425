# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account is called: its project or user, where it is reached, and its instance, where that is told."""

from __future__ import annotations

from urllib.parse import urlsplit

_BETWEEN = " / "
_USUAL = ":443"


def called(whose: str, url: str, instance: str = "") -> str:
    where = urlsplit(url).netloc.lower().removesuffix(_USUAL)
    return _BETWEEN.join(filter(None, (whose, where, instance)))


def is_same(one: str, other: str) -> bool:
    """An instance has several addresses, and is one by its id; who has not told that yet is asked for the address."""
    whose, *place = one.split(_BETWEEN)
    its, *there = other.split(_BETWEEN)
    by = -1 if len(place) == len(there) else 0
    return whose == its and place[by] == there[by]
