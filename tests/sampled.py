# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried at every place there is: `make test` takes a fixed sample of the places, `make soak` all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

WHOLE = "STATION_WHOLE" in os.environ
Place = TypeVar("Place")


def sampled(places: Sequence[Place], of: int, first: int = 0) -> Sequence[Place]:
    """Every `of`-th, from number `first` on. One that is prime to how the places are ordered comes to each kind."""
    return places if WHOLE else places[first % of :: of]
