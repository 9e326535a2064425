# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast boards are made, and what follows from it: how long the stock lasts, how much of a plan is kept.

Of too few boards nothing is said. Plans are boards an hour.
"""

from __future__ import annotations

from collections.abc import Sequence

HOUR_S = 3600.0
FEWEST = 5
"""Boards before anything is said of how long stock lasts: one is no rate."""
_RECENT = 8
"""Hours looked back where the last 60 minutes made too few: a break, a night."""


def rate(last_hour: int, hourly: Sequence[int], age_s: float, *, fewest: int = FEWEST) -> float | None:
    """Boards an hour: of the last 60 minutes; where these made too few, of the last hours. None where those did too.

    `hourly`: boards in each hour since work began, which is `age_s` ago; the last of them is not over yet.
    """
    if last_hour >= fewest:
        return last_hour / _hours(min(age_s, HOUR_S))
    recent = hourly[-_RECENT:]
    looked_back_s = (len(recent) - 1) * HOUR_S + age_s % HOUR_S
    return sum(recent) / _hours(looked_back_s) if sum(recent) >= fewest else None


def lasts_s(stock: int, per_hour: float | None) -> float | None:
    """Until the stock is used up at this rate; None where nobody knows."""
    return stock / per_hour * HOUR_S if per_hour else None


def part_of_plan(last_hour: int, plan: int, age_s: float = HOUR_S) -> float | None:
    """0..1 and above: what the last 60 minutes made of what was planned for them; of a younger shift, for its time.
    None without a plan."""
    return last_hour / (plan * _hours(min(age_s, HOUR_S))) if plan else None


def _hours(seconds: float) -> float:
    """A shift that has just begun is a minute old: of less nothing can be told."""
    return max(seconds / HOUR_S, 1 / 60)
