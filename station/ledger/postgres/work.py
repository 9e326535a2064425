# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection to the server: made with what every session needs, made anew where it was cut, and the transactions on
it as the ledger's statements know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from select import POLLIN, poll
from typing import Any

import psycopg

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.audit import APPEND
from station.ledger.postgres import patience, promises
from station.ledger.postgres.address import require_plain
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.postgres.patience import PatientConnection
from station.ledger.postgres.rows import adapt, named
from station.ledger.postgres.statements import in_psycopg
from station.ledger.transaction import Foot, Transaction, Values
from station.ledger.values import STAY_COLUMNS
from station.model import Secret, State

TO_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
SEARCH_PATH = f"search_path = {SCHEMA}, pg_temp"
"""pg_temp is named, and last: unnamed it would come first, and a temporary table could stand for one of ours."""
_FOOT = (
    "SELECT nextval('audit_seq_seq') AS seq, (SELECT last.hash FROM (SELECT chain, hash FROM audit WHERE chain <> ''"
    " AND (chain, seq) <= (:chain, 9223372036854775807) ORDER BY chain DESC, seq DESC LIMIT 1) AS last"
    " WHERE last.chain = :chain) AS hash"
)
"""The index alone has the chain's lines in this order: with the chain as a mere condition the server may walk back
through those of all benches."""
_FOOT_OF_A_FILE = (
    "SELECT nextval('audit_seq_seq') AS seq,"
    " (SELECT hash FROM audit WHERE chain = '' ORDER BY seq DESC LIMIT 1) AS hash"
)
"""Of the lines that a copy brought; none is added to them but when they are brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """One line of the audit, and no other: what is hashed has its moment and the line before it."""

    seq: int
    hash: str
    chain: str

    @property
    def asked(self) -> tuple[str, Values]:
        """Its number and its hash, where it is there."""
        sql = "SELECT seq, hash FROM audit WHERE seq = ? AND hash = ? AND chain = ?"
        return sql, (self.seq, self.hash, self.chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    """The same by what it tells, where the server gave it its number: in one moment a bench moves nothing twice."""

    identity: int
    to: State
    at: str
    chain: str

    @property
    def asked(self) -> tuple[str, Values]:
        """As `KeptLine`."""
        sql = (
            "SELECT seq, hash FROM audit WHERE identity = ? AND version IS NOT NULL AND to_state = ? AND at = ?"
            " AND chain = ?"
        )
        return sql, (self.identity, self.to, self.at, self.chain)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastStay:
    """What a stay wrote: a slot's stays come one by one, so it is its slot's last, or was not kept. `columns`: as
    `STAY_COLUMNS`."""

    columns: tuple[object, ...]

    @property
    def asked(self) -> tuple[str, Values]:
        """Its number, where it is there."""
        slot, bench = self.columns[1], self.columns[-1]
        last = "SELECT max(id) FROM visits WHERE bench = ? AND slot = ?"
        return f"SELECT id FROM visits WHERE id = ({last}) AND {_IT}", (bench, slot, *self.columns)


_IT = " AND ".join(f"{column} IS NOT DISTINCT FROM ?" for column in STAY_COLUMNS)


class Work:
    """As `transaction.Transaction`. `last_line`: of the audit, which it wrote itself."""

    def __init__(self, server: psycopg.Connection[Any], chain: str = "") -> None:
        self.server, self.chain = server, chain
        self.last_line: KeptLine | None = None

    def foot(self, chain: str, /) -> Foot:
        (found,) = self.execute(_FOOT, {"chain": chain}) if chain else self.execute(_FOOT_OF_A_FILE)
        return Foot(seq=found["seq"], previous=found["hash"])

    def execute(self, sql: str, values: Values = (), /) -> psycopg.Cursor[Any]:
        if sql is APPEND and not isinstance(values, Mapping):
            self.last_line = KeptLine(seq=values[0], hash=values[-2], chain=values[-1])
        return self.server.execute(in_psycopg(sql).encode(), values)

    def executemany(self, sql: str, values: Iterable[Sequence[Any]], /) -> None:
        with self.server.cursor() as cursor:
            cursor.executemany(in_psycopg(sql).encode(), values)

    def commit(self) -> None:
        """LedgerFault E320 where the server undid it instead, as it does after a statement that failed."""
        if (answer := self.execute("COMMIT").statusmessage) != "COMMIT":
            raise LedgerFault(
                f"the line's ledger undid a step instead of keeping it: {answer}",
                means="nothing was changed by this step",
                do="put the board back; if it comes again, report it",
                code=Code.E320,
            )


def server_of(db: Transaction) -> psycopg.Connection[Any]:
    """What a transaction of this engine's is on."""
    if not isinstance(db, Work):
        raise TypeError("a transaction of another engine")
    return db.server


class Link:
    """`made`: what is asked of each new connection before it is used."""

    def __init__(
        self,
        url: str,
        password: Secret | None = None,
        made: Callable[[psycopg.Connection[Any]], None] = lambda _server: None,
    ) -> None:
        self._url, self._password, self._made = url, password, made
        self._server: psycopg.Connection[Any] | None = None
        self.joins = 0
        """How many connections there were."""
        self.is_old = False
        """The next transaction is to have a new one."""

    @property
    def in_transaction(self) -> bool:
        server = self._server
        return server is not None and server.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def server(self) -> psycopg.Connection[Any]:
        """What is open, or a new one."""
        if self._server is None or self._server.closed:
            self._server = None
            server = _connect(self._url, self._password)
            try:
                self._made(server)
            except BaseException:
                server.close()
                raise
            self._server = server
            self.joins += 1
        return self._server

    def awake(self) -> psycopg.Connection[Any]:
        """The same for a statement that must not be lost: one that was cut while nobody used it has something to say,
        although nothing was asked."""
        server = self.server()
        heard = poll()
        heard.register(server, POLLIN)
        if not heard.poll(0):
            return server
        with suppress(psycopg.OperationalError):
            server.execute("SELECT 1")
        return self.server()

    def begin(self, sql: str) -> Work:
        """A connection that was cut while nobody used it is told by its first statement: there is nothing to lose."""
        if self.is_old:
            self.close()
            self.is_old = False
        server = self.server()
        try:
            server.execute(sql.encode())
        except psycopg.OperationalError:
            if not server.closed:
                raise
            server = self.server()
            server.execute(sql.encode())
        return Work(server)

    def undo(self) -> None:
        """Never raises: what a cut connection had begun the server undoes."""
        if self._server is not None and not self._server.closed and self.in_transaction:
            with suppress(psycopg.Error):
                self._server.execute("ROLLBACK")

    def close(self) -> None:
        if self._server is not None:
            with suppress(psycopg.Error):
                self._server.close()


def _connect(url: str, password: Secret | None) -> psycopg.Connection[Any]:
    """Also where the network drops packets instead of refusing them, an answer or an error comes soon."""
    require_plain(url)
    server = PatientConnection.connect(
        url,
        autocommit=True,
        connect_timeout=patience.CUT_S,
        keepalives_idle=patience.ASKED["idle"],
        keepalives_interval=patience.ASKED["interval"],
        keepalives_count=patience.ASKED["count"],
        tcp_user_timeout=patience.CUT_S * 1000,
        application_name="station",
        client_encoding="utf8",
        password=password.reveal() if password else None,
    )
    try:
        promises.require(server)
        set_session(
            server, SEARCH_PATH, f"lock_timeout = '{patience.LOCKS_S}s'", _WARNED, *_NOTICES, *_unlimited(server)
        )
    except BaseException:
        server.close()
        raise
    adapt(server)
    server.row_factory = named
    return server


_WARNED = "client_min_messages = warning"
"""A role may be told to hear of errors alone; of a standby that was not waited for a warning is all there is."""
_NOTICES = (
    *(f"tcp_keepalives_{what} = {value}" for what, value in patience.ASKED.items()),
    f"tcp_user_timeout = {patience.CUT_S * 1000}",
)
"""The server learns of a cut as early as we do, and lets go what the connection had: its own network may wait hours.
By a Unix socket these change nothing."""
_LIMITS = {
    "statement_timeout": 13,
    "idle_in_transaction_session_timeout": 13,
    "idle_session_timeout": 14,
    "transaction_timeout": 17,
}
"""And since which version. A role or a database may be given them for other programs: a bench that writes a long board
would be taken for one that has gone, and what takes long would never be read to its end."""


def _unlimited(server: psycopg.Connection[Any]) -> list[str]:
    version = server.info.server_version // 10_000
    return [f"{limit} = 0" for limit, since in _LIMITS.items() if version >= since]


def set_session(server: psycopg.Connection[Any], *settings: str) -> None:
    """The session's own settings, in one round trip."""
    server.execute("; ".join(f"SET {setting}" for setting in settings).encode())
