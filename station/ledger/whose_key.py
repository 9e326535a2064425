# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key a ledger's secrets are sealed with: by its id, which tells nothing of it."""

from __future__ import annotations

from station.codes import Code
from station.errors import ConfigError
from station.ledger.transaction import Statements


def key_of(db: Statements) -> str | None:
    """None for a ledger that nobody has worked with."""
    row = db.execute("SELECT value FROM meta WHERE key = 'key_id'").fetchone()
    return row and str(row[0])


def require_key(db: Statements, key: str, name: str) -> None:
    """ConfigError E114 where the ledger called `name` was made with another one than that with the id `key`."""
    if key_of(db) not in (None, key):
        raise ConfigError(
            f"the key does not belong to the ledger {name}",
            do="point [vault] key_file at the key this ledger was made with",
            code=Code.E114,
        )
