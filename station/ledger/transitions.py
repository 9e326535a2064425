# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way a state changes: expected state and attempt in, exactly one row and its audit line out (I6, I10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from station.codes import Code
from station.errors import LedgerFault
from station.ledger import audit, proof
from station.ledger.standing import Standing
from station.ledger.transaction import Row, Transaction
from station.model import State

_MOVE = (
    "UPDATE identities SET state = ?, version = version + 1, changed_at = ?{others}"
    " WHERE id = ? AND state = ? AND attempt = ? AND version = ?"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """An identity where the caller saw it."""

    identity_id: int
    state: State
    attempt: int
    standing: Standing | None = None
    """As the caller's transaction has read it; asked for otherwise."""


def move(
    db: Transaction,
    expected: Expected,
    *,
    to: State,
    event: str,
    actor: str,
    next_attempt: int | None = None,
    columns: Mapping[str, object] | None = None,
    detail: dict[str, object] | None = None,
) -> audit.Head:
    """Move one identity, or raise LedgerFault E323 when it is no longer where the caller saw it. Where the audit stands
    then.
    """
    standing = expected.standing or Standing(db, expected.identity_id)
    _require_still(standing, expected)
    row = standing.row
    others: dict[str, Any] = dict(columns or {})
    if "reason" in others:
        others.setdefault("code", None)  # a reason's code goes with it
    if next_attempt is not None:
        others["attempt"] = next_attempt
    at = audit.now()
    head = audit.append_to(
        db,
        db.chain,
        (at, event, actor),
        about=_about(expected, row, to, others),
        detail=(detail or {}) | proof.of_move(standing, to, others),
    )
    changed = db.execute(
        _setting(tuple(others)),
        (
            *(to, at, *others.values()),
            *(expected.identity_id, expected.state, expected.attempt, row["version"]),
        ),
    ).rowcount
    if changed != 1:
        raise LedgerFault(f"{changed} rows changed where one was expected", code=Code.E323)
    return head


@cache
def _setting(others: tuple[str, ...]) -> str:
    return _MOVE.format(others="".join(f", {key} = ?" for key in others))


def _about(expected: Expected, row: Row, to: State, others: Mapping[str, Any]) -> audit.About:
    return audit.About(
        identity=expected.identity_id,
        version=row["version"] + 1,
        from_state=expected.state,
        to_state=to,
        attempt=others.get("attempt", expected.attempt),
        board_uid=others.get("board_uid", row["board_uid"]),
        slot=others.get("slot", row["slot"]),
    )


def _require_still(standing: Standing, expected: Expected) -> None:
    row = standing.row
    if row["state"] != expected.state or row["attempt"] != expected.attempt:
        raise LedgerFault(
            f"identity {expected.identity_id} is {row['state']}, attempt {row['attempt']},"
            f" not {expected.state}, attempt {expected.attempt}",
            means="another slot or process moved it first; nothing was changed",
            do="put the board back in to look again",
            code=Code.E323,
        )
