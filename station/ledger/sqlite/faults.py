# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of SQLite and of the disk, as the station's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault, place_of


@contextmanager
def translated() -> Iterator[None]:
    """Nothing but a StationError comes out, whatever the file or the disk does."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise IntegrityAlarm(
            f"the ledger refused a forbidden change: {error}",
            means="nothing was changed",
            do="stop, keep the ledger file, and report this: it is a defect or tampering",
            code=Code.E704,
        ) from error
    except sqlite3.Error as error:
        raise _unusable(error) if _is_in_the_way(error) else _damaged(str(error)) from error
    except OSError as error:
        raise _unusable(error) from error
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        # A state or a JSON nobody knows. The error's text may quote the row, so its place speaks for it.
        raise _damaged(f"it holds what no station wrote ({place_of(error)})") from error


def _is_in_the_way(error: sqlite3.Error) -> bool:
    """Whether another process or the disk is to blame; a table that is missing, or a text that is none, is damage."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.OperationalError) and code is not None and code & 0xFF != sqlite3.SQLITE_ERROR


def _unusable(error: Exception) -> LedgerFault:
    busy = "locked" in str(error)
    return LedgerFault(
        f"the ledger cannot be used now: {error}",
        means="nothing was changed by this step",
        do="end the program that holds it" if busy else "check disk space and permissions of the ledger's folder",
    )


def _damaged(how: str) -> LedgerFault:
    return LedgerFault(f"the ledger file is damaged: {how}", do="restore it from its backup", code=Code.E322)
