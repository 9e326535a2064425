# SPDX-License-Identifier: GPL-3.0-or-later
"""What the outbox costs a board: its stay stored while a receiver's courier works beside it, and without one."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path

from station.ledger.store import Ledger
from station.outbox.courier import Courier
from station.secrets.vault import Vault
from tests.outbox.stays import Mes, stayed

ROUNDS, STAYS = 20, 25
"""By turns, so that whatever else the PC does is in both."""
PAUSE_S = 0.01
"""Between two boards: a hundred a second, more than any bench has."""


def stored_ms(ledger: Ledger) -> list[float]:
    """Of each stay's commit."""
    taken = []
    for number in range(STAYS):
        begun = time.perf_counter()
        stayed(ledger, number % 16)
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(PAUSE_S)
    return taken


def with_courier_ms(ledger: Ledger, mes: Mes) -> list[float]:
    courier = Courier(mes, ledger, "bench-1", lambda *_: None)
    thread = threading.Thread(target=courier.run)
    thread.start()
    try:
        return stored_ms(ledger)
    finally:
        courier.end(30.0)
        thread.join()


def main() -> None:
    alone, beside, mes = list[float](), list[float](), Mes()
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger(Path(folder) / "state" / "ledger.db", Vault(bytes(range(32)))) as ledger,
    ):
        ledger.outbox.begin("mes")
        for _ in range(ROUNDS):
            alone += stored_ms(ledger)
            beside += with_courier_ms(ledger, mes)
    one, other = statistics.median(alone), statistics.median(beside)
    print(f"a stay stored: {one:.2f} ms; while a courier sends ({len(mes.told)} events): {other:.2f} ms")
    print(f"the outbox costs a board {other - one:+.2f} ms")


if __name__ == "__main__":
    main()
