# SPDX-License-Identifier: GPL-3.0-or-later
"""A server's URL, and a connection by it. No password stands in a URL or in the environment, where others see it: libpq
takes it from a passfile (~/.pgpass, 0600), or the server asks for a certificate, or for nothing on its own socket.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict

from station.codes import Code
from station.config.server_url import has_password
from station.errors import ConfigError, LedgerFault, StationError, UsageError
from station.ledger.postgres.faults import first_line
from station.model import Secret

_PATIENCE_S = 15


def require_plain(url: str) -> None:
    """UsageError E100 for what is no URL of a PostgreSQL server, ConfigError E114 where a password would be seen."""
    try:
        parts = conninfo_to_dict(url) if url.startswith(("postgresql://", "postgres://")) else {}
    except psycopg.ProgrammingError:
        parts = {}
    if not parts:  # not repeated: what nobody can read may hold a password
        raise UsageError("this is no URL of a PostgreSQL server", do="write postgresql://ROLE@HOST/DATABASE")
    if has_password(url) or os.environ.get("PGPASSWORD"):
        raise ConfigError(
            "a password in a URL or in PGPASSWORD can be seen by others on this PC",
            do="write it to ~/.pgpass (chmod 600) as HOST:PORT:DATABASE:ROLE:PASSWORD and leave it out here",
            code=Code.E114,
        )


@contextmanager
def connected(url: str, password: Secret | None = None) -> Iterator[psycopg.Connection]:
    """A connection without a transaction yet; errors of the server come out as the station's own. LedgerFault E320 when
    it cannot be reached or does not let this role in."""
    require_plain(url)
    try:
        db = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_PATIENCE_S,
            application_name="station ledger",
            client_encoding="utf8",
            password=password.reveal() if password else None,
        )
    except psycopg.OperationalError as error:
        do = "check host, port, database and role of the URL; a password stands in ~/.pgpass (chmod 600)"
        if "does not support SSL" in str(error):
            do = "the server is to set ssl = on, with its certificate: sslmode of the URL wants it"
        raise LedgerFault(f"the server does not take the connection: {first_line(error)}", do=do) from None
    with db:
        try:
            # an administrator's path has schema public, where a bench may have put a function under a known name
            db.execute("SET search_path = pg_catalog, pg_temp")
            db.execute("SET statement_timeout = 0")  # a step, or a copy, of millions takes longer than most may
            yield db
        except psycopg.Error as error:
            raise _told(error) from error


def _told(error: psycopg.Error) -> StationError:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return ConfigError(
            f"the role in the URL may not do this: {first_line(error)}",
            do="give the URL of a role that may make roles and owns the database",
            code=Code.E114,
        )
    return LedgerFault(f"the server refused: {first_line(error)}", means="nothing was changed by this step")
