# SPDX-License-Identifier: GPL-3.0-or-later
"""The counters of a shift of 1 k and 100 k visits: what each of the screen's refreshes costs, with nothing new and with
sixteen new visits, beside counting the shift from scratch. While it counts, a key press waits.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.model import BoardUid
from station.report.shift import ShiftNumbers
from station.rules import Outcome
from station.secrets.vault import Vault

SIZES = (1_000, 100_000)
SLOTS = 16
REFRESHES = 20
SHIFT_S = 5 * 86400.0
DETAILS = json.dumps({"chip": "esp32c3", "firmware": "agent 1.4.2", "adapter": "CP2102N"})


def fill(ledger: Ledger, count: int) -> None:
    """A shift of five days that nobody handed over; one visit of twenty fails."""
    began = time.time() - SHIFT_S
    outcomes = [(Outcome.FAIL, "E204"), *[(Outcome.PASS, "")] * 19]
    rows = (
        (began + SHIFT_S * n / count, str(n % SLOTS), f"{n:012x}", *outcomes[n % 20], "", 9.0, "1042", DETAILS)
        for n in range(count)
    )
    with closing(sqlite3.connect(ledger.path)) as db, db:
        db.executemany(
            "INSERT INTO visits (at, slot, board_uid, outcome, code, what, seconds, operator, details)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            rows,
        )


def median_ms(work: Callable[[], object], times: int, before: Callable[[], object] = lambda: None) -> float:
    taken = []
    for _ in range(times):
        before()
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3


def one_from_each_slot(ledger: Ledger) -> None:
    for slot in range(SLOTS):
        uid = BoardUid(f"{time.time_ns():x}")
        ledger.visits.record(VisitRow(at=time.time(), slot=str(slot), outcome=Outcome.PASS, board_uid=uid))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for size in SIZES:
            with Ledger(Path(name) / f"{size}.db", Vault(bytes(32))) as ledger:
                fill(ledger, size)
                numbers = ShiftNumbers(ledger)
                scratch = median_ms(lambda: ShiftNumbers(ledger).counters(), 3)
                numbers.counters()
                idle = median_ms(numbers.counters, REFRESHES)
                busy = median_ms(numbers.counters, REFRESHES, lambda: one_from_each_slot(ledger))
                print(
                    f"{size:>7} visits: from scratch {scratch:.1f} ms; a refresh with nothing new {idle:.2f} ms ="
                    f" 1/{scratch / idle:.0f} of it, with {SLOTS} new visits {busy:.2f} ms = 1/{scratch / busy:.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
