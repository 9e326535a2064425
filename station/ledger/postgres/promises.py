# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server must promise before a ledger is kept on it: that it is recent enough, that a commit which returned
survives a power cut, and that nobody on the way reads along.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

import psycopg

from station.codes import Code
from station.errors import ConfigError, LedgerFault, StationError

OLDEST = 13
NOW = (
    "current_setting('fsync') || current_setting('full_page_writes') || current_setting('synchronous_commit')"
    " || current_setting('synchronous_standby_names')"
)
"""What a server promises at this moment: a reload changes it under those who are connected."""
TOLD_TO_LOSE = (
    "coalesce((SELECT lower(said.value) IN ('synchronous_commit=off', 'synchronous_commit=false',"
    " 'synchronous_commit=no', 'synchronous_commit=0') FROM pg_db_role_setting s, unnest(s.setconfig) AS said(value)"
    " WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
    " AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))"
    " AND starts_with(said.value, 'synchronous_commit=')"
    " ORDER BY s.setrole = 0, s.setdatabase = 0 LIMIT 1), false)"
)
"""Whether this role, or this database, was told to tell commits too early. Who is connected goes on as before; whoever
connects next would not."""
_KEEPS = {
    "fsync": "commits would be lost, or the whole ledger, when the server's power goes",
    "full_page_writes": "a page torn by a power cut could not be mended",
}

_TOLD = (
    "SELECT current_setting('server_encoding'), current_setting('synchronous_commit'),"
    f" {TOLD_TO_LOSE}, pg_is_in_recovery(), pg_backend_pid(), host(inet_server_addr()), "
    + ", ".join(f"current_setting('{name}')" for name in _KEEPS)
)


def broken(db: psycopg.Connection) -> Iterator[StationError]:
    """Each promise that this server, or this connection, does not keep."""
    if db.info.server_version < OLDEST * 10_000:
        yield ConfigError(
            f"the server is PostgreSQL {db.info.server_version // 10_000}",
            do=f"use PostgreSQL {OLDEST} or later",
            code=Code.E115,
        )
    (told,) = db.execute(_TOLD.encode())
    encoding, commits, is_told_to_lose, is_standby, session, address, *keeps = told
    if encoding != "UTF8":
        yield ConfigError(
            f"the database's encoding is {encoding}",
            do="make it with: createdb --encoding UTF8 --template template0 NAME",
            code=Code.E115,
        )
    for (name, means), kept in zip(_KEEPS.items(), keeps, strict=True):
        if kept != "on":
            yield _loses(f"{name} is off", means, f"set {name} = on in postgresql.conf and restart the server")
    yield from _commits_too_early(commits, is_told_to_lose=is_told_to_lose)
    if session != db.info.backend_pid:  # a pooler names its own; which of its sessions answers next it does not say
        yield ConfigError(
            "a pooler stands between the station and the server",
            means="who is at work is told by the server's sessions, and it may give one to several stations",
            do="give the server's own host and port",
            code=Code.E115,
        )
    if is_standby:
        yield LedgerFault("this server is a standby: it takes no writes", do="give the URL of the primary")
    given = {option.keyword: option.val for option in db.pgconn.info}
    yield from readable(
        (db.info.hostaddr, address),
        mode=(given.get(b"sslmode") or b"").decode(),
        encrypted=bool(db.pgconn.ssl_in_use),
    )


def _commits_too_early(told: str, *, is_told_to_lose: bool) -> Iterator[StationError]:
    if told == "off":
        yield _loses(
            f"synchronous_commit is {told} for this role",
            "a commit is told before it is on the disk",
            "run: station ledger init, or ALTER ROLE … SET synchronous_commit = on",
        )
    elif is_told_to_lose:
        yield _loses(
            "synchronous_commit was switched off for this role or database",
            "whoever connects from now on is told of a commit before it is on the disk",
            "run: station ledger init, or ALTER ROLE … SET synchronous_commit = on",
        )


def require(db: psycopg.Connection) -> None:
    """Raises the first."""
    for wrong in broken(db):
        raise wrong


def readable(addresses: Iterable[str | None], *, mode: str, encrypted: bool) -> Iterator[StationError]:
    """ConfigError E113 where somebody on the network may read along or answer in the server's place. `addresses`: where
    the connection goes to, and where the server has it from, which is its own where a proxy stands before it; none on a
    socket; `mode`: sslmode."""
    if all(not address or ipaddress.ip_address(address).is_loopback for address in addresses):
        return
    if not encrypted or mode != "verify-full":
        how = f"TLS with sslmode={mode or 'prefer'}" if encrypted else "no TLS"
        yield ConfigError(
            f"the connection to the server has {how}",
            means="another server could answer in its place, or somebody read along",
            do="add ?sslmode=verify-full&sslrootcert=FILE to the URL",
            code=Code.E113,
        )


def _loses(what: str, means: str, do: str) -> LedgerFault:
    return LedgerFault(f"the server does not keep what it commits: {what}", means=means, do=do, code=Code.E321)
