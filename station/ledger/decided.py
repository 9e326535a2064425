# SPDX-License-Identifier: GPL-3.0-or-later
"""Two supervisors decide one matter at once, at two benches: the second word is refused, and told whose came first."""

from __future__ import annotations

import json
from collections.abc import Mapping

from station.ledger.transaction import Row, Transaction

_NEWEST = 50_000
"""Lines that are looked through: a word that is crossed by another one is seconds old."""
_OF_EVENT = "SELECT detail FROM audit WHERE seq > (SELECT max(seq) FROM audit) - ? AND event = ? ORDER BY seq DESC"
_OF_IDENTITY = "SELECT detail, event FROM audit WHERE identity = ? ORDER BY seq DESC LIMIT 1"


def on_matter(db: Transaction, event: str, matter: Mapping[str, str]) -> str:
    """Who said so of the `matter`, as the audit's line names it: "by NAME: REASON"; "" where nobody did lately."""
    rows = db.execute(_OF_EVENT, (_NEWEST, event)).fetchall()
    found = (said for row in rows if matter.items() <= (said := json.loads(row["detail"])).items())
    return next(map(_told, found), "")


def on_identity(db: Transaction, identity_id: int) -> str:
    """The same of what happened last to an identity: "EVENT by NAME: REASON"; "" where no person decided it."""
    row: Row | None = db.execute(_OF_IDENTITY, (identity_id,)).fetchone()
    told = _told(json.loads(row["detail"])) if row else ""
    return f"{row['event']} {told}" if row and told else ""


def _told(said: dict[str, object]) -> str:
    return f"by {said['by']}: {said['why']}" if "by" in said and "why" in said else ""
