# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues of others on the same server, for the benchmark of a line: a job fetched and finished, by their own calls.
Theirs is no proof, no audit and one commit less.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

import psycopg

Told = Any
_PAGE = 1000


def procrastinate_fill(url: str, jobs: int) -> None:
    import procrastinate

    async def fill() -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=1))
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            task = app.configure_task("board")
            for first in range(0, jobs, _PAGE):
                await task.batch_defer_async(*({"n": n} for n in range(first, first + _PAGE)))

    asyncio.run(fill())


def procrastinate_work(seconds: float, start: Barrier, told: Told, url: str) -> None:
    import procrastinate
    from procrastinate.jobs import Status

    async def work() -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=1))
        async with app.open_async():
            jobs = app.job_manager
            worker = await jobs.register_worker()

            async def one() -> bool:
                if (job := await jobs.fetch_job(None, worker)) is not None:
                    await jobs.finish_job(job, Status.SUCCEEDED, delete_job=False)
                return job is not None

            await _again_and_again(one, seconds, start, told)

    asyncio.run(work())


def pgqueuer_fill(url: str, jobs: int) -> None:
    from pgqueuer.db import PsycopgDriver
    from pgqueuer.queries import Queries

    async def fill() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as db:
            queries = Queries(PsycopgDriver(db))
            await queries.install()
            for _ in range(0, jobs, _PAGE):
                await queries.enqueue(["board"] * _PAGE, [b"x"] * _PAGE, [0] * _PAGE)

    asyncio.run(fill())


def pgqueuer_work(seconds: float, start: Barrier, told: Told, url: str) -> None:
    from pgqueuer.db import PsycopgDriver
    from pgqueuer.queries import EntrypointExecutionParameter, Queries

    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as db:
            queries, who = Queries(PsycopgDriver(db)), uuid.uuid4()
            taken: Any = {"board": EntrypointExecutionParameter(concurrency_limit=0)}

            async def one() -> bool:
                jobs = await queries.dequeue(1, taken, who, None, timedelta(seconds=60))
                await queries.log_jobs([(job, "successful", None) for job in jobs])
                return bool(jobs)

            await _again_and_again(one, seconds, start, told)

    asyncio.run(work())


PEERS = {
    "procrastinate": (procrastinate_fill, procrastinate_work),
    "pgqueuer": (pgqueuer_fill, pgqueuer_work),
}


async def _again_and_again(one: Callable[[], Awaitable[bool]], seconds: float, start: Barrier, told: Told) -> None:
    start.wait()
    end, found = time.monotonic() + seconds, list[float]()
    while (begun := time.monotonic()) < end and await one():
        found.append(time.monotonic() - begun)
    told.put(found)
