# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to the server that go on after they were closed, and are somebody's new one: as a pooler gives them out,
with DISCARD ALL between. A server's process costs ten times what a test asks it, most of it before its first answer.
Whoever closes one has it no more, and its session ends at the server; only the process stays.
"""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from select import POLLIN, poll
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.pq.abc import PGconn

from station.ledger.postgres.patience import PatientConnection

_KEPT: defaultdict[tuple[int, str], list[PGconn]] = defaultdict(list)
"""By process, which a fork of it is not, and URL."""


class _Ended:
    """What is left to who closed it."""

    status = ConnStatus.BAD
    transaction_status = TransactionStatus.UNKNOWN

    def finish(self) -> None: ...


def _alive(kept_as: tuple[int, str]) -> PGconn | None:
    with suppress(IndexError):  # another thread may have the last one
        while True:
            if not _was_cut(pgconn := _KEPT[kept_as].pop()):
                return pgconn
    return None


def _was_cut(pgconn: PGconn) -> bool:
    """It has something to say although nothing was asked: some tests kill the server."""
    heard = poll()
    heard.register(pgconn.socket, POLLIN)
    return bool(heard.poll(0))


class KeptConnection(PatientConnection):
    """Instead of `work.PatientConnection`."""

    _kept_as: tuple[int, str]

    @classmethod
    def connect(cls, conninfo: str = "", **how: Any) -> KeptConnection:
        kept_as = (os.getpid(), conninfo)
        if pgconn := _alive(kept_as):
            found = cls(pgconn)
            found.autocommit = True
        else:
            found = super().connect(conninfo, **how)
        found._kept_as = kept_as
        return found

    def close(self) -> None:
        """One that is in the middle of something, or was cut, refuses what makes it a new one, and ends."""
        try:
            self.execute("DISCARD ALL")
        except psycopg.Error:
            super().close()
            return
        _KEPT[self._kept_as].append(self.pgconn)
        self.pgconn = _Ended()  # type: ignore[assignment]
