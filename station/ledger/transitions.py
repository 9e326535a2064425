# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way a state changes: expected state and attempt in, exactly one row and its audit line out (I6, I10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from station.codes import Code
from station.errors import LedgerFault
from station.ledger import audit, proof
from station.ledger.transaction import Row, Transaction
from station.model import State

_COLUMNS = (
    "board_uid",
    "slot",
    "owner",
    "expected",
    "found",
    "uid_after",
    "method",
    "reason",
    "code",
    "kind",
    "set_of",
    "size",
    "board_key",
)
_MOVE = (
    f"UPDATE identities SET state = ?, version = version + 1, attempt = ?, changed_at = ?,"
    f" {', '.join(f'{key} = ?' for key in _COLUMNS)} WHERE id = ? AND state = ? AND attempt = ? AND version = ?"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """An identity where the caller saw it."""

    identity_id: int
    state: State
    attempt: int


def move(
    db: Transaction,
    expected: Expected,
    *,
    to: State,
    event: str,
    actor: str,
    next_attempt: int | None = None,
    columns: Mapping[str, object] | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Move one identity, or raise LedgerFault E323 when it is no longer where the caller saw it."""
    row = _still(db, expected)
    after = {key: row[key] for key in _COLUMNS} | dict(columns or {})
    if columns and "reason" in columns:
        after["code"] = columns.get("code")  # a reason's code goes with it
    number = expected.attempt if next_attempt is None else next_attempt
    audit.append(
        db,
        event,
        actor=actor,
        about=audit.About(
            identity=expected.identity_id,
            version=row["version"] + 1,
            states=(expected.state, to),
            attempt=number,
            board_uid=after["board_uid"],
            slot=after["slot"],
        ),
        detail=dict(detail or {}) | proof.of_move(db, expected.identity_id, to, after),
    )
    changed = db.execute(
        _MOVE,
        (
            *(to, number, audit.now(), *(after[key] for key in _COLUMNS)),
            *(expected.identity_id, expected.state, expected.attempt, row["version"]),
        ),
    ).rowcount
    if changed != 1:
        raise LedgerFault(f"{changed} rows changed where one was expected", code=Code.E323)


def _still(db: Transaction, expected: Expected) -> Row:
    row: Row | None = db.execute("SELECT * FROM identities WHERE id = ?", (expected.identity_id,)).fetchone()
    if row is None or row["state"] != expected.state or row["attempt"] != expected.attempt:
        seen = "gone" if row is None else f"{row['state']}, attempt {row['attempt']}"
        raise LedgerFault(
            f"identity {expected.identity_id} is {seen}, not {expected.state}, attempt {expected.attempt}",
            means="another slot or process moved it first; nothing was changed",
            do="put the board back in to look again",
            code=Code.E323,
        )
    return row
