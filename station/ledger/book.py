# SPDX-License-Identifier: GPL-3.0-or-later
"""What every part of a ledger has in hand: the open file, the vault that knows its secrets, and who writes.

Nobody outside this room has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from station.ledger.believed import Although, Begins
from station.ledger.engine import Engine
from station.ledger.rehearsal import Rehearsal
from station.ledger.sealing import Sealer
from station.ledger.transaction import Row, Transaction
from station.secrets.vault import Vault


class Book:
    """Without a vault, of one that is opened to be looked at, no secret opens. `operator`: the person who works here,
    "" while nobody has logged in; may change at any time."""

    def __init__(self, connection: Engine, vault: Vault | None = None, *, bench: str = "station") -> None:
        self.connection = connection
        self.operator = ""
        self._vault, self._bench = vault, bench
        self._rehearsal: Rehearsal | None = None

    @property
    def bench(self) -> str:
        """What this bench of a line is called; "" in a file, where it is the only one."""
        return self._bench if self.connection.bench else ""

    @property
    def bench_name(self) -> str:
        """What this bench is called, be it the only one or not."""
        return self._bench

    @property
    def actor(self) -> str:
        """Who writes, for the audit."""
        return f"{self._bench}/{self.operator}" if self.operator else self._bench

    @property
    def session(self) -> str:
        """This process's, as owner of what a slot has in hand."""
        return self.connection.session

    @property
    def knows_secrets(self) -> bool:
        """Whether it was opened with its key."""
        return self._vault is not None

    @property
    def vault(self) -> Vault:
        if self._vault is None:
            raise RuntimeError("no secret opens in a ledger that is only looked at")
        return self._vault

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.vault)

    def read(self) -> AbstractContextManager[Transaction]:
        """As `Engine.read`."""
        return self.connection.read()

    def pages(self, sql: str, key: str, values: Sequence[object] = (), *, size: int, after: int = 0) -> Iterator[Row]:
        """All rows of `sql`, whose first place is for the last `key` seen and which is in its order. Read so many at a
        time: nothing is held open meanwhile, and flashing goes on."""
        while True:
            with self.read() as db:
                rows = db.execute(f"{sql} LIMIT {size}", (after, *values)).fetchall()
            yield from rows
            if len(rows) < size:
                return
            after = rows[-1][key]

    def write(
        self,
        although: Although | None = None,
        *,
        begins: Begins | None = None,
        beside: bool = False,
        carried: bool = False,
    ) -> AbstractContextManager[Transaction]:
        """As `Engine.write`."""
        if self._rehearsal is not None:
            return self._rehearsal.joined(although, begins)
        return self.connection.write(although, begins=begins, beside=beside, carried=carried)

    @property
    def is_rehearsed(self) -> bool:
        return self._rehearsal is not None

    def rehearse(self) -> None:
        """From now on nothing is kept, until `end_rehearsal`."""
        self._rehearsal = Rehearsal(self.connection)

    def end_rehearsal(self) -> None:
        """Idempotent."""
        rehearsal, self._rehearsal = self._rehearsal, None
        if rehearsal is not None:
            rehearsal.end()
