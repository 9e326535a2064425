# SPDX-License-Identifier: GPL-3.0-or-later
"""Marriages, strangers to them, and decisions that a witness tells of and this ledger's chain does not: its own lines
were lost, the boards are out there.

They are kept by the certificate's mark, also where the certificate is not here (yet): it may be pulled again later, and
must find its board then. What becomes of them is in `taking_over`.
"""

from __future__ import annotations

from collections.abc import Sequence

from station.ledger import audit
from station.ledger.transaction import Transaction
from station.ledger.witness_lines import MARRIAGES, RETIRED, Line, as_told

WITHHELD = "withheld by recovery"
DOUBTED_THEN = "withheld by a witness"
"""Events. The second: in the time that was lost somebody said something against it."""
RECOVERED_AT = "recovered_at"
OVER_AT = "recovery_over_at"
"""In meta: when a supervisor said that every board of the lost time was looked at, or is scrap."""
WARY = "wary_since"
"""In meta: since when what comes in is withheld, as a recovery did not hear every witness. Empty once that is over."""


def knows(db: Transaction, line: Line) -> bool:
    """Whether a witness's line is one of this chain, or was taken over by a recovery."""
    row = db.execute("SELECT hash FROM audit WHERE seq = ?", (line.seq,)).fetchone()
    if row is not None and row["hash"] == line.head:
        return True
    return db.execute("SELECT 1 FROM foretold WHERE head = ?", (line.head,)).fetchone() is not None


def keep(db: Transaction, line: Line) -> None:
    db.execute(
        "INSERT INTO foretold (head, seq, name, kind, board_uid, at, content, chain) SELECT ?,?,?,?,?,?,?,?"
        " WHERE NOT EXISTS (SELECT 1 FROM foretold WHERE head = ?)",
        (line.head, line.seq, line.name, line.kind, line.board_uid, audit.now(), line.content, line.chain, line.head),
    )


def told_of(db: Transaction, mark: str) -> list[Line]:
    """What is kept of the certificate with this mark, oldest first."""
    return [as_told(row) for row in db.execute("SELECT * FROM foretold WHERE name = ? ORDER BY seq", (mark,))]


def is_retired(told: Sequence[Line]) -> bool:
    return any(line.decision == RETIRED for line in told)


def last_content(told: Sequence[Line]) -> str:
    """The mark of what was written last; "" where nobody knows."""
    return next((line.content for line in reversed(told) if line.kind in MARRIAGES), "")
