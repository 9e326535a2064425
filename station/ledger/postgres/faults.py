# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of PostgreSQL and of the way to it, as the station's own. Of a server's error only its first line is said: the
rest quotes rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm, LedgerFault, place_of

_IN_THE_WAY = ("08", "25006", "25P03", "40", "53", "55", "57", "58")
"""Connections, a server that only reads or has given us up, collisions, resources, locks, an operator, the system."""
_AWAY = ("08", "25006", "25P03", "40", "55P03", "57")
"""No connection, a standby that is about to take the place, a server that gave us up for our silence, or that goes down
or comes up; what others had locked for long, as a table that is packed anew; a statement that somebody ended. Each
passes by itself."""


@contextmanager
def translated() -> Iterator[None]:
    """Nothing but a StationError comes out, whatever the server or the network does."""
    try:
        yield
    except (psycopg.IntegrityError, errors.RaiseException) as error:
        raise IntegrityAlarm(
            f"the ledger refused a forbidden change: {first_line(error)}",
            means="nothing was changed",
            do="stop, keep the ledger, and report this: it is a defect or tampering",
            code=Code.E704,
        ) from error
    except errors.InsufficientPrivilege as error:
        raise ConfigError(
            f"the line's ledger does not let this station's role do that: {first_line(error)}",
            do="whoever set the server up runs: station ledger init URL",
            code=Code.E114,
        ) from error
    except psycopg.DataError as error:
        raise (_damaged if error.sqlstate else _not_for_a_server)(first_line(error)) from error
    except psycopg.Error as error:
        raise unusable(error) if _is_in_the_way(error) else _damaged(first_line(error)) from error
    except OSError as error:
        raise unusable(error) from error
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        # A state or a JSON nobody knows. The error's text may quote the row, so its place speaks for it.
        raise _damaged(f"it holds what no station wrote ({place_of(error)})") from error


def first_line(error: Exception) -> str:
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return said or next(iter(str(error).splitlines()), type(error).__name__)


def unusable(error: Exception) -> LedgerFault:
    """E329 where the server is away, E320 for the rest."""
    return LedgerFault(
        f"the line's ledger cannot be used now: {first_line(error)}",
        means="nothing was changed by this step",
        do="check that the database server runs and can be reached, then go on: station ledger check",
        code=Code.E329 if _is_away(error) else Code.E320,
    )


def _is_away(error: Exception) -> bool:
    return isinstance(error, psycopg.Error) and (error.sqlstate or "08").startswith(_AWAY)


def _is_in_the_way(error: psycopg.Error) -> bool:
    """Whether the server, the network or another bench is to blame; a table that is missing is damage."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_IN_THE_WAY)


def _damaged(how: str) -> LedgerFault:
    return LedgerFault(f"the line's ledger is damaged: {how}", do="restore it from its backup", code=Code.E322)


def _not_for_a_server(how: str) -> LedgerFault:
    """What was to be kept there never came to it."""
    return LedgerFault(
        f"a text cannot be kept in the line's ledger: {how}",
        means="nothing was changed by this step, and nothing in the ledger is damaged",
        do="report this",
    )
