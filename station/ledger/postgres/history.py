# SPDX-License-Identifier: GPL-3.0-or-later
"""Which history a server's is. A standby that took its place, and a server restored from a backup, begin one of their
own, with what they had by then: what was committed last may be lost with it.
"""

from __future__ import annotations

from typing import Any

import psycopg

from station.ledger.postgres import promises
from station.ledger.succession import WAITED

_HISTORY = (
    "SELECT system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS history,"
    " current_setting('synchronous_standby_names') AS standbys, current_setting('synchronous_commit') AS waits"
    " FROM pg_control_system()"
)
_PROMISED = f"SELECT {promises.NOW} AS promised"
_WAITING = ("on", "remote_apply")


def of_server(server: psycopg.Connection[Any]) -> str:
    """As `Engine.history`: the server's own number, and which of its timelines."""
    row = server.execute(_HISTORY).fetchone()
    if row is None:
        return ""
    waits = row["standbys"].strip() and row["waits"] in _WAITING
    return f"{row['history']}{WAITED if waits else ''}"


def promised_by(server: psycopg.Connection[Any]) -> str:
    """To be held against what it promises later."""
    (row,) = server.execute(_PROMISED)
    return str(row["promised"])
