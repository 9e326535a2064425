# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server can do of what a line's benches ask of it, and of what others' queues ask: the same calls, by pgbench,
a client each. What a caller does besides costs this PC next to nothing, as on a line, where each bench is a PC.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import psycopg

from station.ledger.postgres import promises
from station.ledger.postgres.at_once import CARRIED
from station.ledger.server import BENCH
from tests.postgres.server import Server, programs

_BY = ":client_id, lpad(to_hex(:client_id::bigint), 16, '0'), 'bench', '2026-01-01T00:00:00.000000+00:00', ''"
_UID = "'ee' || lpad(to_hex(:client_id::bigint * 16777216 + :n), 10, '0')"
_DIGEST = f"'{'0a' * 32}'"
BOARD = f"""\\set n :n + 1
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SELECT *, {CARRIED} FROM reserve_at_once({_BY}, :promised, '{{a1Camera}}', 'single', 0, 0, 0, '{{}}', '', 0,
  {_UID}, '1', '00000000000000ab') \\gset
COMMIT;
SELECT * FROM write_at_once({_BY}, :promised, :identity, :attempt, {_UID}, '1', '00000000000000ab', NULL) \\gset w_
SELECT * FROM consume_at_once({_BY}, :identity, :attempt, {_UID}, {_DIGEST}, {_DIGEST}, 'readback', 1, 1) \\gset c_
"""
"""As `at_once.Calls` asks it."""
STAY = f"""SELECT stay_at_once({_BY}, 1.5, '1', {_UID}, 'PASS', '', '', :identity, :attempt, 1.5, '', '{{}}', ''),
  {CARRIED};
"""
"""What comes behind it."""
COMMITS = "INSERT INTO bare VALUES (1);\n" * 3
_AS_A_BENCH = "-c search_path=station,pg_temp -c jit=off" + "".join(
    f" -c enable_{way}=off" for way in ("seqscan", "sort", "bitmapscan")
)


@dataclass(frozen=True, slots=True)
class Capacity:
    """Of one piece of work after another by each client."""

    a_second: float
    server_ms: float

    def __str__(self) -> str:
        return f"{self.a_second:.0f} a second, {self.server_ms:.2f} ms of the server's CPU each"


def boards(server: Server, database: str, many: int, how_long: str, *, stays: bool = False) -> Capacity:
    """`how_long`: -T and seconds, or -t and how many by each client; `stays`: each with its board's stay."""
    with psycopg.connect(server.url(database)) as db:
        asked = db.execute(f"SELECT {promises.NOW}".encode()).fetchone()
    given = {"n": str(int(stays) << 23), "promised": asked[0] if asked else ""}
    return _driven(server, server.url(database, BENCH), BOARD + STAY * stays, many, how_long, given)


def commits(server: Server, database: str, many: int, how_long: str) -> Capacity:
    """Three bare ones each."""
    return _driven(server, server.url(database), COMMITS, many, how_long, {})


def jobs(server: Server, database: str, many: int, how_long: str, queue: str) -> Capacity:
    """Fetched and finished by the statements of that queue."""
    return _driven(server, server.url(database), _QUEUES[queue](server.url(database), many), many, how_long, {})


def _procrastinate(url: str, many: int) -> str:
    from procrastinate.sql import queries

    with psycopg.connect(url) as db:
        for _ in range(many):  # numbered from 1 in a new database
            db.execute(queries["register_worker"].encode())
    places = {"queues": "NULL", "worker_id": ":client_id + 1", "job_id": ":id", "status": "'succeeded'"}
    fetch, finish = (queries[name].rstrip().rstrip(";") for name in ("fetch_job", "finish_job"))
    return f"{fetch} \\gset\n{finish};\n" % (places | {"delete_job": "false"})


def _pgqueuer(url: str, many: int) -> str:
    from pgqueuer.adapters.persistence.qb import QueryQueueBuilder

    build = QueryQueueBuilder()
    fetch = build.build_dequeue_query(
        batch_size=1,
        entrypoints=["board"],
        concurrency_limits=[0],
        queue_manager_id=uuid4(),
        global_concurrency_limit=None,
        heartbeat_timeout=timedelta(seconds=60),
    )
    finish = _with(build.build_log_job_query(), ("ARRAY[:id]", "ARRAY['successful']", "ARRAY[NULL]"))
    return f"{_with(fetch.sql, tuple(map(_literal, fetch.args)))} \\gset\n{finish};\n"


def _with(statement: str, values: tuple[str, ...]) -> str:
    return re.sub(r"\$(\d+)", lambda place: values[int(place[1]) - 1], statement.rstrip().rstrip(";"))


def _literal(value: object) -> str:
    return psycopg.sql.Literal(value).as_string(None)


_QUEUES = {"procrastinate": _procrastinate, "pgqueuer": _pgqueuer}


def _driven(server: Server, url: str, script: str, many: int, how_long: str, given: Mapping[str, str]) -> Capacity:
    found = programs()
    assert found is not None
    defined = [word for name, value in given.items() for word in ("-D", f"{name}={value}")]
    command = [str(found / "pgbench"), "-n", "-M", "prepared", "-c", str(many), "-j", "2", *how_long.split(), *defined]
    before = server.worked_s()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        done = subprocess.run(
            [*command, "-f", file.name, url],
            env={"PGOPTIONS": _AS_A_BENCH} if BENCH in url else {},
            capture_output=True,
            text=True,
            check=False,  # what it says against it is told below
        )
    tps, processed = (re.search(what, done.stdout) for what in (r"tps = ([\d.]+)", r"processed: (\d+)"))
    if done.returncode or not tps or not processed:
        raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
    return Capacity(float(tps[1]), (server.worked_s() - before) / max(1, int(processed[1])) * 1000)
