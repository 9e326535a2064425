# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works on a line's ledger: each session holds a lock of the server's, which the server gives up when the
connection has ended, however it ended. No clock is asked.

A lock's number is the session's name; the locks of one number are sessions, those of two numbers are the turn to write,
and what one session does alone.
"""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Sequence
from typing import Any

import psycopg

Server = psycopg.Connection[Any]

_PRESENT = (
    "SELECT (classid::bigint << 32) | objid::bigint AS number FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_CALLED = "station "
_ENDING_S, _PACE_S = 1.0, 0.02


def number_of(session: str) -> int:
    """A session's name is sixteen hexadecimal digits."""
    return int.from_bytes(bytes.fromhex(session), signed=True)


def hold(db: Server, session: str) -> bool:
    """Until the connection ends. False where one before it, of the same session, has not been given up yet."""
    row = db.execute("SELECT pg_try_advisory_lock(%s)", (number_of(session),)).fetchone()
    return bool(row and row[0])


def present(db: Server) -> set[int]:
    """The numbers of all sessions."""
    return {row["number"] for row in db.execute(_PRESENT)}


def are_others(db: Server, session: str) -> bool:
    """Than this one. Whose connection has just ended the server still lists for a moment."""
    until = time.monotonic() + _ENDING_S
    while others := present(db) - {number_of(session)}:
        if time.monotonic() > until:
            break
        time.sleep(_PACE_S)
    return bool(others)


def of_bench(db: Server, bench: str) -> set[int]:
    """Likewise, of those that were `call`ed so."""
    sql = f"{_PRESENT} AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = %s)"
    return {row["number"] for row in db.execute(sql, (_CALLED + bench,))}


def is_elsewhere(db: Server, bench: str) -> bool:
    """Likewise, from another PC than this one; of one that logs in as another role none is told."""
    sql = (
        "SELECT DISTINCT host(coalesce(client_addr, inet_server_addr())) AS address FROM pg_stat_activity"
        " WHERE application_name = %s AND datname = current_database() AND usename = session_user"
        " AND client_addr IS DISTINCT FROM inet_client_addr()"
    )
    return not all(_is_here(row["address"]) for row in db.execute(sql, (_CALLED + bench,)))


def _is_here(address: str) -> bool:
    """A PC has several, and for IPv6 a new one each day, beside those that are in use still."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def dead(db: Server, owners: Sequence[str]) -> list[str]:
    """Those whose connection has gone."""
    if not owners:
        return []
    alive = present(db)
    return [owner for owner in owners if number_of(owner) not in alive]


_HEARD_OF = (
    "SELECT substr(application_name, 9) AS bench,"
    " min(extract(epoch FROM clock_timestamp() - state_change))::float8 AS s FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'station ________________' GROUP BY 1"
)
_ALONE = 1398030677


def call(db: Server, bench: str) -> None:
    """So that others can tell which bench this connection is."""
    db.execute("SELECT set_config('application_name', %s, false)", (_CALLED + bench,))


def heard_of(db: Server) -> dict[str, float | None]:
    """The benches that are there, by number, and the seconds since each one's last statement; None of one that logs in
    as another role, of which the server tells no more."""
    return {row["bench"]: row["s"] and max(0.0, row["s"]) for row in db.execute(_HEARD_OF)}


def take_alone(db: Server, what: str) -> bool:
    """Until `give_back`, or the connection ends; False while another session has it."""
    row = db.execute("SELECT pg_try_advisory_lock(%s, %s)", (_ALONE, _mark(what))).fetchone()
    return bool(row and row[0])


def give_back(db: Server, what: str) -> None:
    db.execute("SELECT pg_advisory_unlock(%s, %s)", (_ALONE, _mark(what)))


def _mark(what: str) -> int:
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:4], signed=True)
