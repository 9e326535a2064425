# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that another one is being copied into: marked from its first row to its last, and no ledger until then."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from station.codes import Code
from station.errors import ConfigError
from station.ledger.transaction import Transaction

KEY = "copying"
"""In meta."""
_PUT = "INSERT INTO meta (key, value) VALUES (?,?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`copy`: this copy's own name; `ledger`: the id of the ledger that is copied."""

    copy: str
    ledger: str


def mark_of(db: Transaction) -> Mark | None:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (KEY,)).fetchone()
    return Mark(**json.loads(row[0])) if row else None


def put(db: Transaction, mark: Mark) -> None:
    db.execute(_PUT, (KEY, json.dumps(asdict(mark))))


def take_away(db: Transaction) -> None:
    db.execute("DELETE FROM meta WHERE key = ?", (KEY,))


def require_whole(db: Transaction, where: str) -> None:
    """ConfigError E115 for a copy that is not whole yet."""
    if mark_of(db) is not None:
        raise ConfigError(
            f"{where} is a copy of a ledger, and not whole yet",
            means="nobody may work with it, or look anything up in it",
            do="run the same command again: station ledger copy SRC DST",
            code=Code.E115,
        )
