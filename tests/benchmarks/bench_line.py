# SPDX-License-Identifier: GPL-3.0-or-later
"""A line's ledger: identities claimed, written and consumed a second by 1, 8 and 32 benches, a process each, with the
slowest of a hundred; beside as many bare synced commits on as many connections of the same server, three for each
identity. `line 100000`: with so many certificates in stock.
"""

from __future__ import annotations

import multiprocessing
import secrets
import tempfile
import time
from contextlib import suppress
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg

from station.errors import NoCertificates
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import BoardUid, IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single
from tests.postgres.server import Server, empty_ledger, programs

BENCHES = (1, 8, 32)
_SECONDS = 5.0
_PAGE = 500


def main(certificates: int = 10_000) -> None:
    if programs() is None:
        print("  needs the Debian package postgresql")
        return
    server = Server(max_connections="200").start()
    try:
        for many in BENCHES:
            _compare(server, many, certificates)
    finally:
        server.remove()


def _compare(server: Server, many: int, certificates: int) -> None:
    database = server.copy(empty_ledger(server), f"line{many}")
    server.execute("CREATE TABLE bare (n bigint)", database)
    key, folder = secrets.token_bytes(32), Path(tempfile.mkdtemp())
    with _open(server.url(database, BENCH), folder / "stock", key) as ledger:
        for start in range(0, certificates, _PAGE):
            ledger.receive(BATCH, [single(f"cam{n}") for n in range(start, min(start + _PAGE, certificates))])
    server.execute("ANALYZE", database)
    bare = _measured(_commits, many, (server.url(database),))
    ours = _measured(_boards, many, (server.url(database, BENCH), folder, key))
    ratio = len(bare) / max(1, len(ours))
    print(
        f"  {many:2} benches, {certificates:,} certificates: {len(ours) / _SECONDS:7.0f} identities a second, 99 % in"
        f" {_slowest(ours):6.1f} ms; three bare commits {len(bare) / _SECONDS:7.0f}, {_slowest(bare):6.1f} ms:"
        f" {ratio:.2f} times as many",
        flush=True,
    )


def _measured(work: object, many: int, given: tuple[object, ...]) -> list[float]:
    """Seconds of each piece of work that ended in time, of all processes."""
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(many), context.SimpleQueue()
    running = [context.Process(target=work, args=(number, start, told, *given)) for number in range(many)]  # type: ignore[arg-type]
    for process in running:
        process.start()
    found = [seconds for _ in running for seconds in told.get()]
    for process in running:
        process.join()
    return found


def _boards(number: int, start: Barrier, told: object, url: str, folder: Path, key: bytes) -> None:
    with _open(url, folder / str(number), key) as ledger:
        taken = 0

        def one() -> None:
            nonlocal taken
            taken += 1
            uid = BoardUid.parse(f"{number:04x}{taken:08x}")
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid, "1")
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))

        _again_and_again(one, start, told)


def _commits(number: int, start: Barrier, told: object, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:

        def three() -> None:
            for _ in range(3):
                db.execute("INSERT INTO bare VALUES (%s)", (number,))

        _again_and_again(three, start, told)


def _again_and_again(work: object, start: Barrier, told: object) -> None:
    assert callable(work)
    start.wait()
    end, found = time.monotonic() + _SECONDS, list[float]()
    with suppress(NoCertificates):  # all are gone: what was done counts
        while (begun := time.monotonic()) < end:
            work()
            found.append(time.monotonic() - begun)
    told.put(found)  # type: ignore[attr-defined]


def _slowest(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)] * 1000 if seconds else 0.0


def _open(url: str, folder: Path, key: bytes) -> Ledger:
    return Ledger(LineConnection(url, folder / "line"), Vault(key), actor=folder.name)
