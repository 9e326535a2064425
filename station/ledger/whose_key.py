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


def require_key(db: Statements, key: str, name: str, *, of_a_line: bool = False) -> None:
    """ConfigError E114 where the ledger called `name` was made with another one than that with the id `key`."""
    if key_of(db) not in (None, key):
        do = how_to_get_it(of_a_line=of_a_line)
        raise ConfigError(f"the key does not belong to the ledger {name}", do=do, code=Code.E114)


def how_to_get_it(*, of_a_line: bool) -> str:
    """The right one; every bench of a line has it."""
    if of_a_line:
        return "at a bench of this line: station key export FILE; then here: station key import FILE"
    return "point [vault] key_file at the key this ledger was made with"
