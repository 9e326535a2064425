# SPDX-License-Identifier: GPL-3.0-or-later
"""A factory's system that is killed while boards end their stays: each event comes, in its board's order."""

from __future__ import annotations

from pathlib import Path

from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.outbox.kills import told_through_kills
from tests.outbox.stays import require_each_once_in_order
from tests.soak.toll import Toll


def killed_receiver(stays: int, kills: int, folder: Path) -> Toll:
    folder.mkdir()
    toll = Toll("receiver killed", runs=stays, faults=kills)
    with Ledger(folder / "state" / "ledger.db", Vault(bytes(range(32)))) as ledger:
        kept = told_through_kills(ledger, folder, stays=stays, kills=kills, seed=7)
    try:
        require_each_once_in_order(kept, range(1, stays + 1))
    except AssertionError as wrong:
        toll.violations.append(str(wrong))
    toll.remarks = f"{len(kept) - stays} events came twice"
    return toll
