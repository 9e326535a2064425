# SPDX-License-Identifier: GPL-3.0-or-later
"""Claim and consume a second, and the cost of a status, at 1 k, 100 k and 1 M certificates, beside the disk's own
limit: three synced commits are what one identity needs. And beside queues of others in such a file, where they are
installed (`pip install .[bench]`).
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import (
    BoardUid,
    Certificate,
    Evidence,
    Identity,
    IdentityKind,
    Method,
    Provider,
    Secret,
)
from station.secrets.vault import Vault
from tests.benchmarks.file_peers import PEERS

SIZES = (1_000, 100_000, 1_000_000)
CLAIMS = 300
BATCH = BatchKey(provider=Provider.LIVING, batch_id="1", product_key="a1Product01")


def fill(ledger: Ledger, count: int) -> float:
    """Rows a second received, pages of 200."""
    started = time.perf_counter()
    for first in range(0, count, 200):
        page = [
            Identity(
                primary=Certificate(
                    product_key="a1Product01",
                    device_name=f"device{n:012d}",
                    device_secret=Secret(f"{n:032d}"),
                    iot_id=f"iot{n:020d}000101",
                )
            )
            for n in range(first, min(first + 200, count))
        ]
        ledger.receive(BATCH, page)
    return count / (time.perf_counter() - started)


def claim_and_consume(ledger: Ledger, run: int) -> list[float]:
    """Seconds for each of CLAIMS identities: reserve, begin, consume."""
    times = []
    for number in range(CLAIMS):
        uid = BoardUid.parse(f"aa{run:04x}{number:06x}")
        started = time.perf_counter()
        claim = ledger.reserve(["a1Product01"], IdentityKind.SINGLE, uid, "1")
        ledger.begin(claim.attempt)
        digest = claim.identity.digest()
        proof = Evidence(
            expected=digest, read=digest, uid_before=uid, uid_after=uid, method=Method.READBACK, after_reset=True
        )
        ledger.consume(claim.attempt, proof)
        times.append(time.perf_counter() - started)
    return times


def disk_limit(folder: Path) -> float:
    """Median seconds of three bare synced commits of one small row each."""
    raw = sqlite3.connect(folder / "limit.db", isolation_level=None)
    raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (a)")
    times = []
    for _ in range(CLAIMS):
        started = time.perf_counter()
        for _ in range(3):
            raw.execute("INSERT INTO t VALUES (1)")
        times.append(time.perf_counter() - started)
    raw.close()
    return statistics.median(times)


def fetch_and_finish(one: Callable[[], None]) -> list[float]:
    """Seconds for each of CLAIMS jobs."""
    times = []
    for _ in range(CLAIMS):
        started = time.perf_counter()
        one()
        times.append(time.perf_counter() - started)
    return times


def compare(folder: Path, ours: dict[int, float]) -> None:
    """Medians beside those of others' queues with as many jobs."""
    for name, fill_queue in PEERS.items():
        if find_spec(name) is None:
            print(f"{name} is not installed: pip install .[bench]")
            continue
        for size, median in ours.items():
            theirs = statistics.median(fetch_and_finish(fill_queue(folder / f"{name}{size}.db", size)))
            print(f"{size:>9} jobs: {name} {theirs * 1e3:.2f} ms, ours {median / theirs:.2f} of that", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledgers, received = {}, {}
        for size in SIZES:
            ledgers[size] = Ledger(folder / f"{size}.db", Vault(bytes(32)))
            received[size] = fill(ledgers[size], size)
        limit = disk_limit(folder)
        times: dict[int, list[float]] = {size: [] for size in SIZES}
        for run in range(3):  # in turn, so that a noisy moment hits all sizes
            for size in SIZES:
                times[size] += claim_and_consume(ledgers[size], run)
        median = {size: statistics.median(times[size]) for size in SIZES}
        print(f"three bare synced commits: {limit * 1e3:.2f} ms")
        for size in SIZES:
            started = time.perf_counter()
            ledgers[size].stock.by_state()
            status_ms = (time.perf_counter() - started) * 1e3
            file_mb = (folder / f"{size}.db").stat().st_size / 1e6
            print(
                f"{size:>9} certificates: claim+consume {median[size] * 1e3:.2f} ms = {1 / median[size]:.0f}/s, "
                f"{median[size] / limit:.1f}x the bare commits, {median[size] / median[SIZES[0]]:.2f}x of 1 k; "
                f"received {received[size]:.0f}/s; stock {status_ms:.2f} ms; file {file_mb:.0f} MB"
            )
        for ledger in ledgers.values():
            ledger.close()
        compare(folder, median)


if __name__ == "__main__":
    main()
