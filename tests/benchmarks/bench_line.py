# SPDX-License-Identifier: GPL-3.0-or-later
"""A line's ledger: identities claimed, written and consumed a second by 1, 8 and 32 benches, a process each, with the
slowest of a hundred, without and with what a bench keeps besides, a key and a stay of each board; beside as many bare
synced commits on as many connections of the same server, three for each identity, by psycopg in as many processes, and
beside the queues of others where they are installed (`pip install .[bench]`). Then the server alone: the same calls of
all of them, by pgbench, since on a line each bench has processors of its own. With 1 k and 100 k certificates in stock,
or `line:1000:5000000`: with so many, and what the last costs beside the first; `line:ours`: nobody else's queue.
`line:8benches`: by so many alone. `line:10ms`: on a disk whose syncs take that long, as most do that are not of memory.
How much of the machine was idle is said: where it is none, the limit is its processors'.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
from station.ledger.values import VisitRow
from station.model import Attempt, BoardUid, IdentityKind, Secret
from station.rules import Outcome
from station.secrets.vault import Vault
from tests.benchmarks import server_alone
from tests.benchmarks.server_alone import Capacity
from tests.ledger.ledger_samples import BATCH, evidence, single
from tests.postgres.line_peers import PEERS
from tests.postgres.server import Server, empty_ledger, programs

Peers = Mapping[str, object]
BENCHES = (1, 8, 32)
SIZES = (1_000, 100_000)
_SECONDS = 5.0
_OPENED = 100_000
"""No run comes further: what is in stock behind these is never opened."""
_ENOUGH = 20_000
"""For a run of so many seconds; of fewer, each client has its share."""
_COUNTERS = ("count_in", "tally_in")


def main(*given: str | int) -> None:
    """Sizes as words or numbers; `10ms`, `8benches`, `ours` as above."""
    if programs() is None:
        print("  needs the Debian package postgresql")
        return
    words = list(map(str, given))
    sizes = tuple(int(word) for word in words if word.isdecimal()) or SIZES
    sync_ms = next((int(word.removesuffix("ms")) for word in words if word.endswith("ms")), 0)
    benches = tuple(int(word.removesuffix("benches")) for word in words if word.endswith("benches")) or BENCHES
    peers = {} if "ours" in words else PEERS
    with tempfile.TemporaryDirectory() as folder:
        server = Server(on_disk=True, max_connections="200", environment=_disk(Path(folder), sync_ms)).start()
        try:
            costs = [_with_each(server, size, benches, peers) for size in sizes]
        finally:
            server.remove()
    for many, first, last in zip(benches, costs[0], costs[-1], strict=True):
        if len(sizes) > 1:
            print(f"  {many:2} benches: {sizes[-1]:,} certificates cost the server {last / first:.2f} of {sizes[0]:,}")


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


def _with_each(server: Server, size: int, benches: tuple[int, ...], peers: Peers) -> list[float]:
    """The server's CPU for a board, in ms, by so many benches."""
    key = secrets.token_bytes(32)
    stock = _stocked(server, size, key)
    costs = [_compare(server, many, size, key, stock, peers) for many in benches]
    server.execute(f"DROP DATABASE {stock} WITH (FORCE)")
    return costs


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
        for counter in _COUNTERS:  # each would go through what it wrote before in this transaction
            db.execute(f"ALTER TABLE identities DISABLE TRIGGER {counter}".encode())
        with _without_indexes(db):
            _put_in(db, certificates, Sealer(Vault(key)))
        for counter in _COUNTERS:
            db.execute(f"ALTER TABLE identities ENABLE ALWAYS TRIGGER {counter}".encode())
    server.execute("VACUUM ANALYZE", database)
    return database


@contextmanager
def _without_indexes(db: psycopg.Connection) -> Iterator[None]:
    """But for those of keys: made at once, at the end, they cost a fifth."""
    db.execute("SET maintenance_work_mem = '1GB'")
    found = db.execute(
        "SELECT relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid IN ('identities'::regclass, 'certificates'::regclass)"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)"
    ).fetchall()
    for name, _ in found:
        db.execute(f"DROP INDEX {name}".encode())
    yield
    for _, made in found:
        db.execute(made.encode())


def _put_in(db: psycopg.Connection, certificates: int, sealer: Sealer) -> None:
    """Behind the first."""
    db.execute(
        "INSERT INTO identities (id, batch, provider, product_key, kind, size, state, changed_at)"
        " SELECT n, 1, %s, 'a1Camera', 'single', 1, 'READY', '2026' FROM generate_series(2, %s) AS n",
        (BATCH.provider, certificates),
    )
    _copy_certificates(db, min(certificates, _OPENED), sealer)
    db.execute(
        "INSERT INTO certificates SELECT n, n, channel, product_key, 'more' || n, iot_id, device_id, node_id,"
        " cloud_status, content, secret FROM certificates, generate_series(%s, %s) AS n WHERE id = 2",
        (_OPENED + 1, certificates),
    )


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


def _compare(server: Server, many: int, certificates: int, key: bytes, stock: str, peers: Peers) -> float:
    """The server's CPU for a board, in ms, where it is alone."""
    database = server.copy(stock, f"line{many}_{certificates}")
    server.execute("CREATE TABLE bare (n bigint)", database)
    folder = Path(tempfile.mkdtemp())
    bare = _measured(_commits, many, (server.url(database),), server)
    ours = _measured(_boards, many, (server.url(database, BENCH), folder, key, False), server)
    print(f"  {many:2} benches, {certificates:,} certificates: {ours}", flush=True)
    whole = _measured(_boards, many, (server.url(database, BENCH), folder, key, True), server)
    print(f"     with each board's key and stay: {whole}, {whole.a_second / ours.a_second:.2f} of that", flush=True)
    _beside("three bare commits by psycopg", bare, ours)
    for_long = f"-T {_SECONDS:.0f}"
    share = for_long if certificates >= _ENOUGH else f"-t {certificates // many}"
    if share != for_long:
        server.execute(f"DROP DATABASE {database} WITH (FORCE)")
        server.execute("CREATE TABLE bare (n bigint)", server.copy(stock, database))
    alone = server_alone.boards(server, database, many, share)
    print(f"     the server alone: {alone}", flush=True)
    whole_alone = server_alone.boards(server, database, many, share, stays=True)
    print(f"     the server alone, with stays: {whole_alone}", flush=True)
    _alone("three bare commits", server_alone.commits(server, database, many, for_long), alone)
    server.execute(f"DROP DATABASE {database} WITH (FORCE)")
    for name in peers:
        if find_spec(name) is None:
            print(f"     {name} is not installed: pip install .[bench]")
            continue
        _peers(server, many, certificates, name, (share, ours, alone))
    return alone.server_ms


def _peers(server: Server, many: int, jobs: int, name: str, beside: tuple[str, Run, Capacity]) -> None:
    """Both ways, each with so many jobs anew."""
    share, ours, alone = beside
    fill, work = PEERS[name]
    queue = f"{name}{many}_{jobs}"
    for by_itself in (False, True):
        server.execute(f"CREATE DATABASE {queue}")
        fill(server.url(queue), jobs)
        server.execute("ANALYZE", queue)
        if by_itself:
            _alone(f"{name}'s jobs", server_alone.jobs(server, queue, many, share, name), alone)
        else:
            _beside(f"fetched and finished by {name}", _measured(_peer, many, (work, server.url(queue)), server), ours)
        server.execute(f"DROP DATABASE {queue} WITH (FORCE)")


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


def _boards(number: int, start: Barrier, told: object, url: str, folder: Path, key: bytes, whole: bool) -> None:
    """`whole`: each with its key and its stay."""
    with _open(url, folder / str(number), key) as ledger:
        taken = int(whole) << 24

        def one() -> None:
            nonlocal taken
            taken += 1
            uid = BoardUid.parse(f"{number:04x}{taken:08x}")
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid, "1")
            ledger.begin(claim.attempt, board_key=Secret(f"{taken:064x}") if whole else None)
            ledger.consume(claim.attempt, evidence(claim))
            if whole:
                ledger.visits.record(_stay(claim.attempt))

        _again_and_again(one, start, told)


def _stay(attempt: Attempt) -> VisitRow:
    return VisitRow(
        at=time.time(),
        slot=attempt.slot,
        outcome=Outcome.PASS,
        board_uid=attempt.board_uid,
        identity_id=attempt.identity_id,
        attempt=attempt.number,
    )


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
