# SPDX-License-Identifier: GPL-3.0-or-later
"""A table in a PostgreSQL database of the factory's own. Needs the extra `line`."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import errors

from station.cloud.deadline import CallDeadline
from station.model import Secret
from station.outbox.receiver import TAKES_S
from station.outbox.table import RowRefused, TableBroken, TableMissing, TableWords

WORDS = TableWords(mark="%s", types=MappingProxyType({"moment": "TIMESTAMPTZ", "json": "JSONB"}))
_LIMITS = f"-c statement_timeout={TAKES_S:.0f}s -c lock_timeout={TAKES_S:.0f}s -c synchronous_commit=on"
_OF_THE_TABLE = (errors.UndefinedColumn, errors.InvalidColumnReference, errors.DatatypeMismatch, errors.WrongObjectType)

_HOLDS_A_LEDGER = (
    "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'station' AND c.relname = 'identities'"
)
"""The database itself says so, by whatever address it is reached; every role may read that."""


class ServerLink:
    """Each statement is a transaction of its own, on the server's disk. A server that does not answer, which the
    network does not tell, is given up after TAKES_S."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        self._socket = socket.socket(fileno=os.dup(db.fileno()))  # shut by any thread, whatever the driver does with it
        self._used = threading.Lock()

    def run(self, sql: str, values: Sequence[object] = ()) -> None:
        with self._used, CallDeadline(TAKES_S) as deadline:
            try:
                deadline.watch(self._socket)
                self._db.execute(sql.encode(), values or None)
            except (psycopg.Error, OSError) as error:
                raise TableBroken(deadline.overdue()) if deadline.passed else _of(error) from None

    def close(self) -> None:
        """A statement of another thread ends at once."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with self._used:
            self._socket.close()
            self._db.close()


def link_to(url: str, password: Callable[[], Secret | None]) -> ServerLink:
    secret = password()
    try:
        db = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=int(TAKES_S),
            application_name="station outbox",
            password=secret.reveal() if secret else None,
            options=_LIMITS,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=int(TAKES_S * 1000),
        )
        if db.execute(_HOLDS_A_LEDGER).fetchone() is None:
            return ServerLink(db)
        db.close()
    except psycopg.Error:
        raise TableBroken("it cannot be reached, or does not let this role in") from None
    raise TableBroken("it holds a station's ledger, which is no receiver; name a database of its own")


def _of(error: Exception) -> TableMissing | RowRefused | TableBroken:
    """By kind alone: the server's own words quote the row."""
    kind = f"{type(error).__name__} {getattr(error, 'sqlstate', None) or ''}".strip()
    if isinstance(error, errors.UndefinedTable):
        return TableMissing(kind)
    if isinstance(error, _OF_THE_TABLE):
        return TableBroken(kind, is_otherwise=True)
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
        return RowRefused(kind)
    return TableBroken(kind)
