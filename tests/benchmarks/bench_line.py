# SPDX-License-Identifier: GPL-3.0-or-later
"""A line's ledger: identities claimed, written and consumed a second by 1, 8 and 32 benches, a process each, with the
slowest of a hundred; beside as many bare synced commits on as many connections of the same server, three for each
identity, by psycopg in as many processes, and beside the queues of others where they are installed
(`pip install .[bench]`). Then the server alone: the same calls of all of them, by pgbench, since on a line each bench
has processors of its own. With 1 k and 100 k certificates in stock, or `line 1000000`: with so many. `line:10ms`: on a
disk whose syncs take that long, as most do that are not of memory. How much of the machine was idle is said: where
it is none, the limit is its processors'.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg

from station.errors import NoCertificates
from station.ledger.postgres.connection import LineConnection
from station.ledger.sealing import Sealer, row_of
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import BoardUid, IdentityKind
from station.secrets.vault import Vault
from tests.benchmarks import server_alone
from tests.benchmarks.server_alone import Capacity
from tests.ledger.ledger_samples import BATCH, evidence, single
from tests.postgres.line_peers import PEERS
from tests.postgres.server import Server, empty_ledger, programs

BENCHES = (1, 8, 32)
SIZES = (1_000, 100_000)
_SECONDS = 3.0
_OPENED = 100_000
"""No run comes further: what is in stock behind these is never opened."""
_ENOUGH = 20_000
"""For a run of so many seconds; of fewer, each client has its share."""


def main(*given: str | int) -> None:
    """`1000000`: of so many certificates; `10ms`: with such syncs; `8benches`: by so many alone."""
    if programs() is None:
        print("  needs the Debian package postgresql")
        return
    certificates = next((size for size in given if isinstance(size, int)), 0)
    words = [word for word in given if isinstance(word, str)]
    sync_ms = next((int(word.removesuffix("ms")) for word in words if word.endswith("ms")), 0)
    benches = tuple(int(word.removesuffix("benches")) for word in words if word.endswith("benches")) or BENCHES
    with tempfile.TemporaryDirectory() as folder:
        server = Server(on_disk=True, max_connections="200", environment=_disk(Path(folder), sync_ms)).start()
        _with_each_size(server, (certificates,) if certificates else SIZES, benches)


def _disk(folder: Path, sync_ms: int) -> dict[str, str]:
    """The environment of a program whose syncs take that much longer."""
    if not sync_ms:
        return {}
    shim = folder / "slow_sync.so"
    source = Path(__file__).with_name("slow_sync.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"], check=True)
    folder.chmod(0o755)  # the server's own user loads it
    print(f"  each sync takes {sync_ms} ms longer")
    return {"LD_PRELOAD": str(shim), "SYNC_US": str(sync_ms * 1000)}


def _with_each_size(server: Server, sizes: tuple[int, ...], benches: tuple[int, ...]) -> None:
    try:
        for size in sizes:
            key = secrets.token_bytes(32)
            stock = _stocked(server, size, key)
            for many in benches:
                _compare(server, many, size, key, stock)
    finally:
        server.remove()


def _stocked(server: Server, certificates: int, key: bytes) -> str:
    """A database with so many in stock, the first of them received, the others as rows beside it: nobody verifies."""
    database = server.copy(empty_ledger(server), f"stock{certificates}")
    with (
        tempfile.TemporaryDirectory() as folder,
        _open(server.url(database, BENCH), Path(folder) / "stock", key) as ledger,
    ):
        ledger.receive(BATCH, [single("cam0")])
    with psycopg.connect(server.url(database)) as db:
        db.execute("SET search_path = station, pg_temp")
        db.execute("SET session_replication_role = replica")  # references hold: they are made here
        for counter in ("count_in", "tally_in"):  # each would go through what it wrote before in this transaction
            db.execute(f"ALTER TABLE identities DISABLE TRIGGER {counter}".encode())
        db.execute(
            "INSERT INTO identities (id, batch, provider, product_key, kind, size, state, changed_at)"
            " SELECT n, 1, %s, 'a1Camera', 'single', 1, 'READY', '2026' FROM generate_series(2, %s) AS n",
            (BATCH.provider, certificates),
        )
        _copy_certificates(db, min(certificates, _OPENED), Sealer(Vault(key)))
        db.execute(
            "INSERT INTO certificates SELECT n, n, channel, product_key, 'more' || n, iot_id, device_id, node_id,"
            " cloud_status, content, secret FROM certificates, generate_series(%s, %s) AS n WHERE id = 2",
            (_OPENED + 1, certificates),
        )
        for counter in ("count_in", "tally_in"):
            db.execute(f"ALTER TABLE identities ENABLE ALWAYS TRIGGER {counter}".encode())
    server.execute("VACUUM ANALYZE", database)
    return database


def _copy_certificates(db: psycopg.Connection, certificates: int, sealer: Sealer) -> None:
    """Those that will be opened, each sealed for its own row."""
    columns = "id, identity, channel, product_key, device_name, iot_id, device_id, node_id, cloud_status, content"
    with db.cursor().copy(f"COPY certificates ({columns}, secret) FROM STDIN") as rows:
        for n in range(1, certificates):
            one = single(f"cam{n}").primary
            secret = sealer.vault.seal(one.device_secret, row=row_of(one.name, "secret"))
            name = (one.product_key, one.device_name, one.iot_id, one.device_id, one.node_id, one.cloud_status)
            rows.write_row((n + 1, n + 1, 0, *name, sealer.content(one), secret))


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of each piece of work that ended in time, by all processes; what share of the machine idled; how
    long the server's processes worked, whatever else the machine does."""

    seconds: list[float]
    idle: float
    many: int
    server_s: float

    @property
    def a_second(self) -> float:
        return len(self.seconds) / self.lasted

    @property
    def lasted(self) -> float:
        """Less than were given where all were gone before."""
        return min(_SECONDS, sum(self.seconds) / self.many) or _SECONDS

    def __str__(self) -> str:
        slowest = sorted(self.seconds)[int(len(self.seconds) * 0.99)] * 1000 if self.seconds else 0.0
        server_ms = self.server_s / max(1, len(self.seconds)) * 1000
        return (
            f"{self.a_second:.0f} a second, 99 % in {slowest:.1f} ms, {server_ms:.2f} ms of the server's CPU each,"
            f" {self.idle:.0%} of the machine idle"
        )


def _compare(server: Server, many: int, certificates: int, key: bytes, stock: str) -> None:
    database = server.copy(stock, f"line{many}_{certificates}")
    server.execute("CREATE TABLE bare (n bigint)", database)
    folder = Path(tempfile.mkdtemp())
    bare = _measured(_commits, many, (server.url(database),), server)
    ours = _measured(_boards, many, (server.url(database, BENCH), folder, key), server)
    print(f"  {many:2} benches, {certificates:,} certificates: {ours}", flush=True)
    _beside("three bare commits by psycopg", bare, ours)
    how_long = f"-T {_SECONDS:.0f}"
    if certificates < _ENOUGH:
        how_long = f"-t {certificates // many}"
        server.execute(f"DROP DATABASE {database} WITH (FORCE)")
        server.execute("CREATE TABLE bare (n bigint)", server.copy(stock, database))
    alone = server_alone.boards(server, database, many, how_long)
    print(f"     the server alone: {alone}", flush=True)
    _alone("three bare commits", server_alone.commits(server, database, many, how_long), alone)
    for name, (fill, work) in PEERS.items():
        if find_spec(name) is None:
            print(f"     {name} is not installed: pip install .[bench]")
            continue
        peers = f"{name}{many}_{certificates}"
        server.execute(f"CREATE DATABASE {peers}")
        fill(server.url(peers), certificates)
        server.execute("ANALYZE", peers)
        _beside(f"fetched and finished by {name}", _measured(_peer, many, (work, server.url(peers)), server), ours)
        server.execute(f"DROP DATABASE {peers} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {peers}")
        fill(server.url(peers), certificates)
        server.execute("ANALYZE", peers)
        _alone(f"{name}'s", server_alone.jobs(server, peers, many, how_long, name), alone)
        server.execute(f"DROP DATABASE {peers} WITH (FORCE)")
    server.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _beside(what: str, found: Run, ours: Run) -> None:
    print(f"     {what}: {found}, {found.a_second / ours.a_second:.2f} of ours", flush=True)


def _alone(what: str, found: Capacity, ours: Capacity) -> None:
    print(f"     the server alone, {what}: {found}, {found.a_second / ours.a_second:.2f} of ours", flush=True)


def _peer(number: int, start: Barrier, told: object, work: object, url: str) -> None:
    assert callable(work)
    work(_SECONDS, start, told, url)


def _measured(work: object, many: int, given: tuple[object, ...], server: Server) -> Run:
    context = multiprocessing.get_context("fork")
    start, told = context.Barrier(many + 1), context.SimpleQueue()
    running = [context.Process(target=work, args=(number, start, told, *given)) for number in range(many)]  # type: ignore[arg-type]
    for process in running:
        process.start()
    start.wait()
    idle, worked, begun = _idle_s(), server.worked_s(), time.monotonic()
    found = [seconds for _ in running for seconds in told.get()]
    processors = len(os.sched_getaffinity(0))
    idle = (_idle_s() - idle) / (time.monotonic() - begun) / processors
    for process in running:
        process.join()
    return Run(found, idle, many, server.worked_s() - worked)


def _idle_s() -> float:
    """Seconds for which processors had nothing to do, or waited for a disk, since the machine's start."""
    ticks = Path("/proc/stat").read_text("ascii").split(maxsplit=6)
    return (int(ticks[4]) + int(ticks[5])) / os.sysconf("SC_CLK_TCK")


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


def _open(url: str, folder: Path, key: bytes) -> Ledger:
    return Ledger(LineConnection(url, folder / "line"), Vault(key), actor=folder.name)
