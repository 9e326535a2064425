# SPDX-License-Identifier: GPL-3.0-or-later
"""Small facts kept with the ledger under a name. Changing one is an audit line."""

from __future__ import annotations

from collections.abc import Callable

from station.ledger import audit, proof
from station.ledger.believed import Although
from station.ledger.connection import Connection
from station.ledger.store import Ledger


def get_meta(connection: Connection, key: str) -> str | None:
    with connection.read() as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row and str(row["value"])


def set_meta(
    ledger: Ledger, key: str, value: str, *, event: str, although: Although | None = None, **detail: object
) -> None:
    """`event` and `detail` go to the audit, the value does not."""
    change_meta(ledger, key, lambda _: value, event=event, although=although, **detail)


def change_meta(
    ledger: Ledger,
    key: str,
    change: Callable[[str | None], str],
    *,
    event: str,
    although: Although | None = None,
    **detail: object,
) -> None:
    """As `set_meta`, from what is kept now to what `change` makes of it: nobody else's change is lost. What it raises
    changes nothing."""
    with ledger.connection.write(although) as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        value = change(row and str(row["value"]))
        db.execute("INSERT INTO meta VALUES (?,?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))
        audit.append(db, event, actor=ledger.actor, detail=detail | proof.of_row("meta", key, (key, value)))
