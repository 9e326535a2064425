# SPDX-License-Identifier: GPL-3.0-or-later
"""What being sure of a ledger costs: claim and consume with a witness beside the same without one, in turn; and opening
a ledger of a million certificates beside opening the bare file.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from station.ledger.opening import Surroundings, open_ledger
from station.ledger.store import Ledger
from station.secrets.vault import Vault
from tests.benchmarks.bench_ledger import claim_and_consume, fill

SIZE = 1_000_000
ROUNDS = 5


def main(size: int = SIZE) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, vault = Path(name), Vault(bytes(32))
        path, around = folder / "state" / "ledger.db", Surroundings(home=folder / "home" / "witness")
        with Ledger(path, vault) as bare:
            fill(bare, size)
        with open_ledger(path, vault, around) as ledger:
            watch, times = ledger.watch, {True: [], False: []}  # type: ignore[var-annotated]
            for run in range(2 * ROUNDS):
                ledger.watch = watch if run % 2 else None
                times[bool(run % 2)] += claim_and_consume(ledger, run)
            ledger.watch = watch
        opening: dict[bool, list[float]] = {True: [], False: []}
        for run in range(2 * ROUNDS):
            started = time.perf_counter()
            with open_ledger(path, vault, around) if run % 2 else Ledger(path, vault):
                opening[bool(run % 2)].append(time.perf_counter() - started)
        medians = {told: statistics.median(found) for told, found in times.items()}
        opened = {told: statistics.median(found) for told, found in opening.items()}
        ratio, more_ms = medians[True] / medians[False], (opened[True] - opened[False]) * 1e3
        print(f"claim+consume with a witness {medians[True] * 1e3:.2f} ms, {ratio:.2f}x of without")
        print(f"opening {size} certificates {opened[True] * 1e3:.0f} ms, {more_ms:.0f} ms more than the bare file")


if __name__ == "__main__":
    main()
