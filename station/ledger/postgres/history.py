# SPDX-License-Identifier: GPL-3.0-or-later
"""Which history a server's is. A standby that took its place, and a server restored from a backup, begin one of their
own, with what they had by then: what was committed last may be lost with it.
"""

from __future__ import annotations

from typing import Any

import psycopg

from station.ledger.postgres import promises
from station.ledger.succession import WAITED

_ASKED = (
    "SELECT system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS history,"
    " current_setting('synchronous_standby_names') AS standbys, current_setting('synchronous_commit') AS waits,"
    f" {promises.NOW} AS promised FROM pg_control_system()"
)
_WAITING = ("on", "remote_apply")


def of_server(server: psycopg.Connection[Any]) -> tuple[str, str]:
    """As `Engine.history`: the server's own number, and which of its timelines. Then what it promises, to be held
    against what it promises later."""
    (row,) = server.execute(_ASKED.encode())
    waits = row["standbys"].strip() and row["waits"] in _WAITING
    return f"{row['history']}{WAITED if waits else ''}", str(row["promised"])
