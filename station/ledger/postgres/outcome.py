# SPDX-License-Identifier: GPL-3.0-or-later
"""A commit whose answer was lost, or was given too early: what the transaction wrote is there, or it is not. What is
there must also last as each other commit does.

Its last line of the audit is looked up, which no other transaction can have written. Its number is asked for only where
it wrote none: a server that lost its power hands numbers out again that it had not yet written down.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg

from station.codes import Code
from station.errors import LedgerFault, StationError
from station.ledger.postgres import patience
from station.ledger.postgres.faults import first_line, unusable
from station.ledger.postgres.work import KeptLine, LastStay, Link, MovedLine, Work

_PAUSE_S = 0.2
_NOTHING = "pg_logical_emit_message(true, 'station', '')"
BEHIND_IT = f"SELECT {_NOTHING}"
"""A commit of nothing. What is there behind a crash of the server, or because somebody ended the wait for it, may be at
no standby; the log is one, so that a standby that has this commit has that one too."""
_FUTURE = "22023"
"""A server that took another one's place, and never heard of it."""


_HAS_STANDBY = "SELECT current_setting('synchronous_standby_names') <> ''"
_ON_DISK = f"SELECT set_config('synchronous_commit', 'local', true), {_NOTHING}"
"""That no standby is waited for: who only looks is not held up by one that is away."""


Line = KeptLine | MovedLine | LastStay


def is_on_disk(server: psycopg.Connection[Any]) -> bool:
    """Has the server's disk take all that was committed before. False where a standby is to have it too: what that one
    has a bench's role is not told."""
    ((has_standby,),) = server.execute(_HAS_STANDBY).fetchall()
    if not has_standby:
        server.execute(_ON_DISK)
    return not has_standby


def require_committed(link: Link, line: Line | None, number: str, lost: psycopg.OperationalError) -> None:
    """Returns when it was committed. LedgerFault E320 or E329 when it was undone; otherwise as `is_committed`."""
    if not is_committed(link, line, number, lost):
        raise unusable(lost) from lost


def is_committed(link: Link, line: Line | None, number: str, lost: psycopg.OperationalError) -> bool:
    """LedgerFault E329 when nobody can be asked. `line`: the last one that the transaction wrote; `number`: its own."""
    deadline = time.monotonic() + patience.COMMIT_S
    while True:
        said = _said(link, line, number)
        if said in ("committed", "aborted"):
            return said == "committed"
        if time.monotonic() > deadline:
            raise LedgerFault(
                f"the line's ledger was cut off while it kept a step: {first_line(lost)}",
                means="whether this step is kept nobody can say now; the board in hand stays as it is",
                do="check that the database server runs and can be reached; then put the board back in any slot",
                code=Code.E329,
            ) from lost
        time.sleep(_PAUSE_S)


def _said(link: Link, line: Line | None, number: str) -> str:
    """As pg_xact_status; "" where nobody can be asked. A new connection of the link's has the session's lock, so the
    transaction has ended by then."""
    try:
        server = link.server()
        if line is not None:
            is_there = Work(server).execute(*line.asked).fetchone() is not None
            said = "committed" if is_there else "aborted"
        else:
            row = server.execute("SELECT pg_xact_status(%s::xid8) AS said", (number,)).fetchone()
            said = row["said"] if row else ""
        if said == "committed":
            server.execute(BEHIND_IT)
    except StationError:
        return ""
    except psycopg.Error as error:
        return "aborted" if error.sqlstate == _FUTURE else ""
    return said
