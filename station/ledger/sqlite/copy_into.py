# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a ledger into a file: made beside it under another name, which it gives up once it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError, LedgerFault
from station.ledger import copied_rows
from station.ledger.believed import Although
from station.ledger.engine import Guards
from station.ledger.sqlite import guards
from station.ledger.sqlite.connection import Connection
from station.ledger.sqlite.same_file import is_left_over
from station.ledger.transaction import Transaction


class FileCopy:
    """As `copying.Destination`. A file that is there already is only looked at."""

    def __init__(self, path: Path) -> None:
        self.guards: Guards = guards
        self._path = path
        self._part = path.with_name(f".{path.name}.copying")
        self._placed = path.exists()
        if self._placed:
            self._connection = Connection(path, read_only=True)
            return
        self._connection = Connection(self._part, half=True)
        if self._connection.others_work():
            self._connection.close()
            raise LedgerFault(f"another program copies to {path}", do="wait until it has ended, then copy again")

    @contextmanager
    def work(self, tables: tuple[str, ...]) -> Iterator[Transaction]:
        if self._placed:
            raise ConfigError(f"{self._path} exists already", do="nothing is overwritten", code=Code.E126)
        with self._connection.write(Although.COPIED) as db, guards.taken_off(db, tables):
            yield db

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        with self._connection.read() as db:
            yield db

    def settle(self, db: Transaction) -> None:
        db.execute("DELETE FROM tallies")
        db.execute(f"INSERT INTO tallies {copied_rows.TALLIED}")

    def place(self) -> None:
        self._connection.close()
        if not self._placed:
            if is_left_over(self._part):
                raise LedgerFault(f"{self._part} cannot be finished", do="check the disk, then copy again")
            self._sync(self._part)
            os.link(self._part, self._path)
        if self._part.exists() and self._part.samefile(self._path):
            self._part.unlink()
        self._sync(self._path.parent)

    def close(self) -> None:
        self._connection.close()

    @staticmethod
    def _sync(path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
