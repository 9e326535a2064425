# SPDX-License-Identifier: GPL-3.0-or-later
"""The heads of all benches' chains, pinned at least every minute in which something is written, by whoever comes first.
The server's clock says when: those of the benches may differ.
"""

from __future__ import annotations

from typing import Final

from station.ledger import audit_chains
from station.ledger.audit import LINE
from station.ledger.believed import believed
from station.ledger.postgres.work import Work

EVERY_S: Final = 30.0
"""Each bench asks so often, and pins when the last time is as long ago."""
_MAY = "SELECT pg_try_advisory_xact_lock_shared(1398030676, 1) AND pg_try_advisory_xact_lock(1398030676, 2) AS may"
_TURN = "SELECT pg_advisory_xact_lock_shared(1398030676, 1), pg_advisory_xact_lock(1398030676, 2)"
_DUE = (
    "SELECT to_char(now AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"') AS at"
    " FROM clock_timestamp() AS now WHERE NOT EXISTS (SELECT 1 FROM"
    " (SELECT at FROM audit WHERE chain <> '' AND chain = ? ORDER BY seq DESC LIMIT 1) AS last"
    " WHERE last.at::timestamptz > now - make_interval(secs => ?))"
)


def pin_where_due(db: Work, *, every_s: float = EVERY_S) -> bool:
    """In a transaction of its own. False while there is nothing to pin; another bench may be at it, or have been, and a
    ledger that is not believed is left as it is."""
    (turn,) = db.execute(_MAY)
    return not turn["may"] or _pin(db, every_s)


def pin_now(db: Work) -> None:
    """Likewise, once whoever is at it has ended; all that was kept before is pinned."""
    db.execute(_TURN)
    _pin(db, 0.0)


def _pin(db: Work, every_s: float) -> bool:
    due = db.execute(_DUE, (LINE, every_s)).fetchone() if believed(db) else None
    return due is None or audit_chains.pin(db, due["at"], actor=db.chain)
