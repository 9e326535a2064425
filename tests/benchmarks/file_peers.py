# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues of others in an SQLite file, for the benchmark of the ledger: a job fetched and finished, by their own calls,
with each commit synced as ours are. Theirs is no proof and no audit; litequeue makes two commits, huey one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_PAGE = 1000


def litequeue(file: Path, jobs: int) -> Callable[[], None]:
    """Filled; what takes a message and marks it done."""
    from litequeue import LiteQueue

    queue = LiteQueue(file)
    queue.conn.execute("PRAGMA synchronous = FULL")
    for first in range(0, jobs, _PAGE):
        with queue.transaction():
            for number in range(first, min(first + _PAGE, jobs)):
                queue.put(f"board {number}")

    def one() -> None:
        message = queue.pop()
        assert message is not None
        queue.done(message.message_id)

    return one


def huey(file: Path, jobs: int) -> Callable[[], None]:
    """Filled; what takes a task, which is then gone from the file: a crash loses it."""
    from huey.storage import SqliteStorage

    storage = SqliteStorage("boards", str(file), fsync=True)
    with storage.db(commit=True) as db:
        rows = (("boards", b"board", 0) for _ in range(jobs))
        db.executemany("INSERT INTO task (queue, data, priority) VALUES (?, ?, ?)", rows)

    def one() -> None:
        assert storage.dequeue() is not None

    return one


PEERS = {"litequeue": litequeue, "huey": huey}
