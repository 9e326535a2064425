# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards' stays in slots: the source of yield, boards an hour, lock-outs and the shift report. Append-only."""

from __future__ import annotations

import json
import sqlite3

from station.ledger.connection import Connection
from station.ledger.values import Visit
from station.model import BoardUid


def record_visit(connection: Connection, visit: Visit) -> None:
    """One line for one stay."""
    with connection.write() as db:
        db.execute(
            "INSERT INTO visits"
            " (at, slot, board_uid, outcome, code, what, identity, attempt, seconds, operator, details)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                visit.at,
                visit.slot,
                visit.board_uid,
                visit.outcome,
                visit.code,
                visit.what,
                visit.identity_id,
                visit.attempt,
                visit.seconds,
                visit.operator,
                json.dumps(visit.details, ensure_ascii=False),
            ),
        )


def visits_since(connection: Connection, since: float, *, until: float = float("inf")) -> list[Visit]:
    """Stays that ended in [since, until), oldest first; Unix times."""
    with connection.read() as db:
        rows = db.execute("SELECT * FROM visits WHERE at >= ? AND at < ? ORDER BY id", (since, until)).fetchall()
    return [_visit(row) for row in rows]


def first_visit_at(connection: Connection) -> float | None:
    """Unix time of the oldest stay; None when there was none."""
    with connection.read() as db:
        row = db.execute("SELECT at FROM visits ORDER BY id LIMIT 1").fetchone()
    return row and float(row["at"])


def visits_of(connection: Connection, uid: BoardUid) -> list[Visit]:
    """All stays of one board, oldest first."""
    with connection.read() as db:
        return [_visit(r) for r in db.execute("SELECT * FROM visits WHERE board_uid = ? ORDER BY id", (uid,))]


def _visit(row: sqlite3.Row) -> Visit:
    return Visit(
        at=row["at"],
        slot=row["slot"],
        board_uid=BoardUid(row["board_uid"]) if row["board_uid"] else None,
        outcome=row["outcome"],
        code=row["code"],
        what=row["what"],
        identity_id=row["identity"],
        attempt=row["attempt"],
        seconds=row["seconds"],
        operator=row["operator"],
        details=json.loads(row["details"]),
    )
