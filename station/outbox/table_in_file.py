# SPDX-License-Identifier: GPL-3.0-or-later
"""A table in an SQLite file of the factory's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from station.outbox.receiver import TAKES_S
from station.outbox.table import RowRefused, TableBroken, TableMissing, TableWords

WORDS = TableWords(mark="?", types=MappingProxyType({"moment": "TEXT", "json": "TEXT"}))


@dataclass(frozen=True, slots=True)
class FileLink:
    """Each statement is a transaction of its own, synced. Another program that writes is waited for."""

    _db: sqlite3.Connection

    def run(self, sql: str, values: Sequence[object] = ()) -> None:
        try:
            self._db.execute(sql, values)
        except sqlite3.Error as error:
            raise _of(error) from None

    def close(self) -> None:
        self._db.close()


def link_to(path: Path) -> FileLink:
    """Made where it is missing, readable for its group as an events' file is."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TableBroken("it is no file")
    try:
        path.touch(mode=0o640, exist_ok=True)
        db = sqlite3.connect(path, timeout=TAKES_S, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA synchronous = FULL")
    except OSError as error:
        raise TableBroken(f"{error.strerror}") from None
    except sqlite3.Error as error:
        raise _of(error) from None
    return FileLink(db)


def _of(error: sqlite3.Error) -> TableMissing | RowRefused | TableBroken:
    """SQLite's words for what is missing have no code of their own. None of its words quotes a value."""
    words = str(error)
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError):
        return RowRefused(words)
    if words.startswith("no such table"):
        return TableMissing(words)
    of_columns = ("no such column", "has no column", "ON CONFLICT clause does not match")
    return TableBroken(words, is_otherwise=any(part in words for part in of_columns))
