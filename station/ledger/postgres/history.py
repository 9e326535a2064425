# SPDX-License-Identifier: GPL-3.0-or-later
"""Which history a server's is. A standby that took its place, and a server restored from a backup, begin one of their
own, with what they had by then: what was committed last may be lost with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from station.ledger.postgres import promises
from station.ledger.postgres.migrating import SCHEMA
from station.ledger.succession import WAITED

_NUMBER = (
    "(SELECT oid::text FROM pg_database WHERE datname = current_database())"
    f" || '.' || '{SCHEMA}.identities'::regclass::oid::text"
)
"""Of one of its tables too: servers that were set up from one image have one number, and so may their databases; a dump
that is restored there, or in place, makes its tables anew."""
_ASKED = (
    "SELECT system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS history,"
    " current_setting('synchronous_standby_names') AS standbys, current_setting('synchronous_commit') AS waits,"
    f" {_NUMBER} AS database, {promises.NOW} AS promised FROM pg_control_system()"
)
_WAITING = ("on", "remote_apply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """`history` and `database` as of an `Engine`, the first the server's own number, and which of its timelines.
    `promised`: to be held against what the server promises later."""

    history: str = ""
    database: str = ""
    promised: str = ""


def of_server(server: psycopg.Connection[Any]) -> Reached:
    (row,) = server.execute(_ASKED.encode())
    waits = row["standbys"].strip() and row["waits"] in _WAITING
    history = f"{row['history']}{WAITED if waits else ''}"
    return Reached(history=history, database=row["database"], promised=row["promised"])
