# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of SQLite and of the disk, as the station's own."""

from __future__ import annotations

import sqlite3
from types import TracebackType

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault, StationError, place_of


class translated:  # noqa: N801 - as a generator it would be slower, and each write is inside one
    """Nothing but a StationError comes out, whatever the file or the disk does."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None and (said := _said(error)) is not None:
            raise said from error


def _said(error: BaseException) -> StationError | None:
    """None for what goes on as it is."""
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityAlarm(
            f"the ledger refused a forbidden change: {error}",
            means="nothing was changed",
            do="stop, keep the ledger file, and report this: it is a defect or tampering",
            code=Code.E704,
        )
    if isinstance(error, sqlite3.Error):
        return _unusable(error) if _is_in_the_way(error) else _damaged(str(error))
    if isinstance(error, OSError):
        return _unusable(error)
    if isinstance(error, ValueError | TypeError | LookupError | ArithmeticError | AttributeError):
        # A state or a JSON nobody knows. The error's text may quote the row, so its place speaks for it.
        return _damaged(f"it holds what no station wrote ({place_of(error)})")
    return None


def _is_in_the_way(error: sqlite3.Error) -> bool:
    """Whether another process or the disk is to blame; a table that is missing, or a text that is none, is damage."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.OperationalError) and code is not None and code & 0xFF != sqlite3.SQLITE_ERROR


def _unusable(error: Exception) -> LedgerFault:
    return LedgerFault(
        f"the ledger cannot be used now: {error}",
        means="nothing was changed by this step",
        do="make room on its disk, and see that this user may write there; what is in the way: station doctor",
    )


def _damaged(how: str) -> LedgerFault:
    return LedgerFault(f"the ledger file is damaged: {how}", do="restore it from its backup", code=Code.E322)
