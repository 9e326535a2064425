# SPDX-License-Identifier: GPL-3.0-or-later
"""A commit whose answer was lost: the server knows what became of the transaction, by its number."""

from __future__ import annotations

import time

import psycopg

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.postgres.faults import first_line, unusable
from station.ledger.postgres.work import Link

PATIENCE_S = 10.0
_PAUSE_S = 0.2
_FUTURE = "22023"
"""A server that took another one's place, and never heard of it."""


def require_committed(link: Link, number: str, lost: psycopg.OperationalError) -> None:
    """Returns when it was committed. LedgerFault E320 when it was undone, and when nobody can be asked."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            row = link.server().execute("SELECT pg_xact_status(%s::xid8) AS said", (number,)).fetchone()
            said = row["said"] if row else None
        except psycopg.Error as error:
            said = "aborted" if error.sqlstate == _FUTURE else ""
        if said == "committed":
            return
        if said == "aborted":
            raise unusable(lost) from lost
        if time.monotonic() > deadline:
            raise LedgerFault(
                f"the line's ledger was cut off while it kept a step: {first_line(lost)}",
                means="whether this step is kept nobody can say now; the board in hand stays as it is",
                do="check that the database server runs and can be reached; then put the board back in any slot",
                code=Code.E329,
            ) from lost
        time.sleep(_PAUSE_S)
