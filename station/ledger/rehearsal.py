# SPDX-License-Identifier: GPL-3.0-or-later
"""All transactions of a ledger as one that is undone: each sees what those before it did, is refused where it would be,
and nothing of it is kept. From the first of them on nobody else writes, so it is for what is done at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from station.ledger.believed import Although, Begins, require_believed, require_for_board
from station.ledger.engine import Engine
from station.ledger.transaction import Transaction


class _Over(Exception):
    """Undoes it."""


class Rehearsal:
    """Of one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._open = engine, ExitStack()
        self._db: Transaction | None = None

    @contextmanager
    def joined(self, although: Although | None, begins: Begins | None) -> Iterator[Transaction]:
        """As `Engine.write`, but for its end; what fails in it is undone at once, as it would be."""
        if self._db is None:
            self._db = self._open.enter_context(self._engine.write(Although.REHEARSED))
        if although is None:
            require_for_board(self._db, begins, self._engine.bench) if begins else require_believed(self._db)
        self._db.execute("SAVEPOINT step")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK TO SAVEPOINT step")
            raise
        self._db.execute("RELEASE SAVEPOINT step")

    def end(self) -> None:
        """What is written from now on is kept again."""
        with suppress(_Over), self._open:
            raise _Over
