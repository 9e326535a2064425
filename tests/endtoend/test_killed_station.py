# SPDX-License-Identifier: GPL-3.0-or-later
"""A station that dies in the middle of anything leaves every certificate consumed or married to its board; with boards
that are firmware on an emulated processor `make soak` tries it, two hundred times.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from station.model import State
from tests.endtoend.killing import run

KILLS = 16


@pytest.mark.timeout(240)
def test_kills_at_random_moments_break_nothing(tmp_path: Path) -> None:
    toll = run(tmp_path, kills=KILLS, seed=20261122, boards_are="simulated")
    assert toll.violations == []
    assert toll.kills == KILLS
    assert toll.while_writing >= KILLS // 10, "the kills missed the dangerous moments: the harness proves nothing"
    assert toll.stock[State.CONSUMED] == sum(toll.stock.values()) == KILLS + 8
