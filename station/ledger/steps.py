# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done in a board's stay in a slot, and how long each step took: read of the stay's details, in one way for
all who tell of it. An older station kept no steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from station.events import Phase
from station.ledger.visits import STEPS

_PHASES = {phase.value: phase for phase in Phase}
_STEP = re.compile(rf"({'|'.join(Phase)}) (\d+\.\d+)")


def steps_of(details: Mapping[str, str]) -> tuple[tuple[Phase, float], ...]:
    """Each with the seconds after which it began."""
    return tuple((_PHASES[phase], float(after)) for phase, after in _STEP.findall(details.get(STEPS, "")))


def durations(details: Mapping[str, str], stay_s: float) -> Iterator[tuple[Phase, float]]:
    """Each with the seconds that it took; the last one until the stay's end."""
    steps = steps_of(details)
    for (phase, began), (_, ended) in pairwise((*steps, (None, max(stay_s, steps[-1][1] if steps else 0.0)))):
        if phase is not None:
            yield phase, ended - began
