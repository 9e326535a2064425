# SPDX-License-Identifier: GPL-3.0-or-later
"""Small facts kept with the ledger under a name. Changing one is an audit line."""

from __future__ import annotations

from station.ledger import audit
from station.ledger.connection import Connection
from station.ledger.store import Ledger


def get_meta(connection: Connection, key: str) -> str | None:
    with connection.read() as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row and str(row["value"])


def set_meta(ledger: Ledger, key: str, value: str, *, event: str, **detail: object) -> None:
    """`event` and `detail` go to the audit, the value does not."""
    with ledger.connection.write() as db:
        db.execute("INSERT INTO meta VALUES (?,?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))
        audit.append(db, event, actor=ledger.actor, detail=detail)
