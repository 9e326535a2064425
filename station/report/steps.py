# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done in a board's stay in a slot, and how long each step took. An older station kept no steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from station.events import Phase
from station.ledger.values import VisitRow
from station.ledger.visits import STEPS

_PHASES = {phase.value: phase for phase in Phase}
_STEP = re.compile(rf"({'|'.join(Phase)}) (\d+\.\d+)")


def steps_of(visit: VisitRow) -> tuple[tuple[Phase, float], ...]:
    """Each with the seconds after which it began."""
    return tuple((_PHASES[phase], float(after)) for phase, after in _STEP.findall(visit.details.get(STEPS, "")))


def durations(visit: VisitRow) -> Iterator[tuple[Phase, float]]:
    """Each with the seconds that it took; the last one until the stay's end."""
    steps = steps_of(visit)
    for (phase, began), (_, ended) in pairwise((*steps, (None, max(visit.seconds, steps[-1][1] if steps else 0.0)))):
        if phase is not None:
            yield phase, ended - began
