# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried at every place there is: `make test` takes a fixed sample of the places, `make soak` all of them. So it
is with what a property is tried with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

WHOLE = "STATION_WHOLE" in os.environ
Place = TypeVar("Place")


def sampled(places: Sequence[Place], of: int, first: int = 0) -> Sequence[Place]:
    """Every `of`-th, from number `first` on. One that is prime to how the places are ordered comes to each kind."""
    return places if WHOLE else places[first % of :: of]


def examples(of: int) -> int:
    """How many a property is tried with: a quarter of those of `make soak`, whose seeds differ each time."""
    return of if WHOLE else max(of // 4, 1)
