# SPDX-License-Identifier: GPL-3.0-or-later
"""The line's ledger on a PostgreSQL server, as an `engine.Engine`: by `ledger.where`.

Two connections: one writes, one reads, so that a long look never holds a claim up. Who writes has the line's turn, a
lock that ends with the transaction, or goes beside others, see `Engine.write`; nothing is locked while a board is
written. A commit whose answer was lost is looked up, never guessed. A connection that was cut is made anew by the next
transaction.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from station.codes import Code
from station.config.server_url import title_of
from station.errors import ConfigError, LedgerFault, StationError
from station.ledger.audit import last_of_all
from station.ledger.believed import Although, Begins, require_believed, require_for_board
from station.ledger.engine import AtOnce, Guards
from station.ledger.half_copy import require_whole
from station.ledger.postgres import history, line_heads, patience, promises, sessions
from station.ledger.postgres.at_once import CARRIED, Calls, number_in_locks
from station.ledger.postgres.faults import translated
from station.ledger.postgres.guarded import SchemaGuards
from station.ledger.postgres.membership import known_as
from station.ledger.postgres.migrating import left
from station.ledger.postgres.outcome import BEHIND_IT, is_on_disk, require_committed
from station.ledger.postgres.rows import look_for_anything
from station.ledger.postgres.work import TO_WRITE, Link, Work, set_session
from station.model import Secret

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOOK = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
_ALONE = "SELECT pg_advisory_xact_lock(1398030676, 1)"
_ASKED = f"{promises.NOW} AS promised, {promises.TOLD_TO_LOSE} AS told_to_lose"
_TURN = f"{_ALONE}, pg_current_xact_id()::text AS number, {_ASKED}"
"""A statement of its own: what is seen by the next ones is what the one before has committed."""
_BESIDE = (
    "SELECT pg_advisory_xact_lock_shared(1398030676, 1), pg_advisory_xact_lock(1398030677, ?),"
    f" pg_current_xact_id()::text AS number, {_ASKED}"
)
"""Whoever has the line's turn excludes all these. Processes of one bench go one by one: they write one chain."""
_OF_A_WRITER = (
    "default_transaction_isolation = 'read committed'",  # a call that is its own transaction says nothing of it
    "default_transaction_read_only = off",
    "enable_seqscan = off",
    "enable_sort = off",
    "enable_bitmapscan = off",
    "jit = off",
)
"""A ledger grows after its statements are planned: what was planned for a few rows would go through all of them, or
sort all that is READY. Every look of a writer is an index step; where there is no index, compiling it is not worth
it."""
_SILENT_S = 60
"""Who says nothing for so long in the middle of a write has its turn no more: others wait for it. A look may be thought
about for longer, and holds nobody up."""


class LineConnection:
    """`path`: the file by which this bench is known there, its marks beside it. May be shared by threads.

    A `read_only` one has no session, and writes nothing. `password`: the role's, where libpq is not to find it.
    """

    def __init__(self, url: str, path: Path, *, password: Secret | None = None, read_only: bool = False) -> None:
        self.path = path
        self.session = secrets.token_hex(8)
        self.guards: Guards = SchemaGuards()
        self._url, self._password, self._read_only = url, password, read_only
        self._writing, self._reading = Link(url, password, self._live), Link(url, password, look_for_anything)
        self._write_lock, self._read_lock = threading.RLock(), threading.RLock()
        self._writer = 0
        self._reached, self._is_seen = history.Reached(), False
        self._pin_at = 0.0
        self.at_once: AtOnce = Calls(self._in_turn, lambda: self.bench, lambda: self._reached.promised, self.session)
        try:
            with translated():
                server = (self._reading if read_only else self._writing).server()
                if read_only:
                    require_current(server)
                require_whole(Work(server), "the line's database")
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        return title_of(self._url)

    @cached_property
    def bench(self) -> str:
        return known_as(self.path)

    @property
    def joins(self) -> int:
        return self._writing.joins

    @property
    def looks(self) -> int:
        return self._reading.joins

    @property
    def history(self) -> str:
        return self._reached.history

    @property
    def database(self) -> str:
        return self._reached.database

    def beside(self) -> LineConnection:
        return LineConnection(self._url, self.path, password=self._password, read_only=True)

    @contextmanager
    def read(self) -> Iterator[Work]:
        if self._writer == threading.get_ident():  # inside a write of this very thread
            with translated():
                yield Work(self._writing.server(), self.bench)
            return
        with self._read_lock, _of_this_version(self._reading):
            if self._reading.in_transaction:
                yield Work(self._reading.server(), self.bench)
                return
            db = self._reading.begin(_READ)
            db.chain = self.bench
            try:
                yield db
            finally:
                self._reading.undo()

    def settled(self) -> int:
        """Benches that write beside each other end in any order: those in the middle of it are waited for."""
        with self._read_lock, translated():
            if self._writer == threading.get_ident() or self._reading.in_transaction:
                with self.read() as db:
                    return last_of_all(db).seq
            db = self._reading.begin(_LOOK)
            db.chain = self.bench
            try:
                db.execute(_ALONE)
                last, newest = last_of_all(db).seq, last_of_all(db, on_disk=True).seq
            finally:
                self._reading.undo()
            return newest if newest == last or is_on_disk(db.server) else last

    @contextmanager
    def write(
        self,
        although: Although | None = None,
        *,
        begins: Begins | None = None,
        beside: bool = False,
        carried: bool = False,
    ) -> Iterator[Work]:
        with self._in_turn() as link:
            db = link.begin(TO_WRITE)
            db.chain = self.bench
            turn = _turn(db, beside=beside)
            if begins and (turn["told_to_lose"] or turn["promised"] != self._reached.promised):
                self._ask_again(db)
            if although is None:
                require_for_board(db, begins, self.bench) if begins else require_believed(db)
            if carried:
                db.execute(f"SELECT {CARRIED}")
            yield db
            self._commit(db, turn["number"])

    @contextmanager
    def _in_turn(self) -> Iterator[Link]:
        """What writes, for one step by one thread of this process; what was not committed by its end is undone."""
        if self._read_only:
            raise LedgerFault("this ledger is open to be looked at", means="nothing was changed")
        with self._write_lock, _of_this_version(self._writing):
            try:
                self._writer = threading.get_ident()
                yield self._writing
            finally:
                self._writer = 0
                self._writing.undo()
        self._pin_in_time()

    def _pin_in_time(self) -> None:
        """What fails is done by whoever writes next: what was written just before is kept, and not told otherwise."""
        if time.monotonic() < self._pin_at:
            return
        with suppress(StationError), self._pinning() as db:
            pinned = line_heads.pin_where_due(db)
            self._pin_at = time.monotonic() + line_heads.EVERY_S * pinned

    def make_last(self) -> None:
        with self._in_turn() as link:
            link.awake().execute(BEHIND_IT)

    def pin(self) -> None:
        if not self._read_only:
            with self._pinning() as db:
                line_heads.pin_now(db)

    @contextmanager
    def _pinning(self) -> Iterator[Work]:
        with self._write_lock, translated():
            try:
                db = self._writing.begin(TO_WRITE)
                db.chain = self.bench
                yield db
                db.commit()
            finally:
                self._writing.undo()

    def _commit(self, db: Work, number: str) -> None:
        try:
            db.commit()
        except psycopg.OperationalError as lost:
            if not db.server.closed:
                raise
            require_committed(self._writing, db.last_line, number, lost)

    def _live(self, server: psycopg.Connection[Any]) -> None:
        """The session's lock, on the connection that writes; the one of before may still have it, after a cut. What is
        read is read from the same server. Its ledger may have been brought up to date meanwhile."""
        require_current(server)
        deadline = time.monotonic() + patience.OLD_ONE_S
        while not sessions.hold(server, self.session):
            if time.monotonic() > deadline:
                raise LedgerFault(
                    "the database server still holds a connection of this station that was cut",
                    means="nothing was changed by this step",
                    do="wait: the server gives it up by itself; then go on: station ledger check",
                    code=Code.E329,
                )
            time.sleep(0.1)
        set_session(server, *_OF_A_WRITER, f"idle_in_transaction_session_timeout = '{_SILENT_S}s'")
        if self._is_seen:
            sessions.call(server, self.bench)
        self._note(server)
        self._reading.is_old = True

    def _note(self, server: psycopg.Connection[Any]) -> None:
        self._reached = history.of_server(server)

    def _ask_again(self, db: Work) -> None:
        """The server was told to promise something else than when it was reached. LedgerFault E321 where that is too
        little, E329 otherwise: whoever asks about the server again finds what it is now."""
        promises.require(db.server)
        self._note(db.server)
        self._writing.joins += 1
        raise LedgerFault(
            "the line’s server promises something else than before",
            means="nothing was sent to the board",
            do="wait: it is asked whether it keeps what is committed",
            code=Code.E329,
        )

    def require_in_place(self) -> None:
        """A server is where it is; whether its ledger is the one it was, its chain and the witnesses tell."""

    def dead_sessions(self, owners: Sequence[str]) -> list[str]:
        others = [owner for owner in owners if owner != self.session]
        with self.read() as db:
            return sessions.dead(db.server, others)

    def others_work(self) -> bool:
        with self.read() as db:
            return sessions.are_others(db.server, self.session)

    def others_here(self) -> bool:
        with self.read() as db:
            return bool(sessions.of_bench(db.server, self.bench) - {sessions.number_of(self.session)})

    def is_elsewhere(self) -> bool:
        with self.read() as db:
            return sessions.is_elsewhere(db.server, self.bench)

    def be_seen(self) -> None:
        self._is_seen = True
        with self._write_lock, translated():
            sessions.call(self._writing.server(), self.bench)

    def present(self) -> Mapping[str, float | None]:
        with self.read() as db:
            return sessions.heard_of(db.server)

    @contextmanager
    def only(self, what: str) -> Iterator[bool]:
        """Where the connection is cut meanwhile another one may begin: what is done so must bear that."""
        with self._write_lock, translated():
            ours = sessions.take_alone(self._writing.server(), what)
        try:
            yield ours
        finally:
            if ours:
                with suppress(StationError), self._write_lock, translated():
                    sessions.give_back(self._writing.server(), what)

    def close(self) -> None:
        """The session's lock goes with its connection. What another thread asks just now is waited for: a connection
        that is taken away below it takes the whole process along."""
        with self._write_lock:
            self._writing.close()
        with self._read_lock:
            self._reading.close()


def require_current(server: psycopg.Connection[Any]) -> None:
    """ConfigError E115 where there is no ledger, or an older one: only its owner's steps make it. E119 for a newer."""
    if missing := left(server):
        raise ConfigError(
            f"the database has no ledger of this station’s version: {missing[0]} is to be run",
            do="whoever set the server up runs: station ledger init URL",
            code=Code.E115,
        )


@contextmanager
def _of_this_version(link: Link) -> Iterator[None]:
    """As `translated`. ConfigError E119 where what seems damaged was brought up to date by a newer station, while this
    one worked on it: to restore a backup would lose what was done since."""
    try:
        with translated():
            yield
    except LedgerFault as fault:
        if fault.code is Code.E322:
            with suppress(LedgerFault), translated():
                left(link.server())
        raise


def _turn(db: Work, *, beside: bool) -> Any:
    """The turn, the line's, or the bench's own beside those of others; then the transaction's number, and what the
    server promises."""
    (row,) = db.execute(_BESIDE, (number_in_locks(db.chain),)) if beside else db.execute(_TURN)
    return row
