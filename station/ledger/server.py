# SPDX-License-Identifier: GPL-3.0-or-later
"""A line's ledger on a PostgreSQL server: making one, and asking whether it may be trusted to that server."""

from __future__ import annotations

from importlib.util import find_spec

from station.codes import Code
from station.errors import ConfigError
from station.extras import install
from station.ledger.values import ServerState
from station.model import Secret

OWNER, BENCH = "station_owner", "station_bench"


def set_up(url: str, *, owner: str = OWNER, bench: str = BENCH, password: Secret | None = None) -> list[str]:
    """Make the ledger, or bring it up to date; the steps that were run. `setting_up` tells what it raises."""
    require_driver()
    from station.ledger.postgres import setting_up  # noqa: PLC0415 - an extra

    return setting_up.set_up(url, owner=owner, bench=bench, password=password)


def check(url: str, password: Secret | None = None) -> ServerState:
    """Changes nothing. LedgerFault E320 when the server cannot be asked. `password`: the role's, where libpq is not to
    find it."""
    require_driver()
    from station.ledger.postgres import checking  # noqa: PLC0415 - an extra

    return checking.check(url, password)


def require_driver() -> None:
    """ConfigError E118 where it is not installed."""
    if find_spec("psycopg") is None:
        raise ConfigError("a ledger on a server needs the extra “line”", do=f"run: {install('line')}", code=Code.E118)
