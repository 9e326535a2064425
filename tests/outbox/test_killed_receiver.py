# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of `python -m tests.soak outbox`: a receiver is killed, and each event comes, in its board's order."""

from __future__ import annotations

from pathlib import Path

from station.ledger.store import Ledger
from tests.outbox.kills import told_through_kills
from tests.outbox.stays import require_each_once_in_order


def test_a_receiver_killed_five_times_has_each_event_in_its_boards_order(ledger: Ledger, tmp_path: Path) -> None:
    kept = told_through_kills(ledger, tmp_path, stays=40, kills=5, seed=1)
    require_each_once_in_order(kept, range(1, 41))
