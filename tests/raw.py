# SPDX-License-Identifier: GPL-3.0-or-later
"""Past the ledger's face: what really is in its file, and a disk that fails under it. Nothing else in the tests sees
the connection, but for those of the ledger's own room.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from station.ledger.sqlite.connection import Connection
from station.ledger.store import Ledger
from station.secrets.vault import Vault


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as SQLite has it, to be looked at."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        yield db


def file_of(ledger: Ledger) -> Connection:
    """What SQLite's engine has open."""
    connection = ledger.book.connection
    assert isinstance(connection, Connection)
    return connection


def disk_fails(ledger: Ledger, *, fails: bool = True) -> None:
    """Every write of the station's own connection fails, as on a full or read-only disk."""
    file_of(ledger)._sqlite.execute(f"PRAGMA query_only={fails:d}")


def copied(path: Path, to: Path) -> None:
    """One moment of the file in a file of its own."""
    to.touch(mode=0o600)
    with raw(path) as db, closing(sqlite3.connect(to)) as copy:
        db.backup(copy)


def vault_of(ledger: Ledger) -> Vault:
    """To open the same file a second time, as another process would."""
    return ledger.book.vault


@contextmanager
def with_another_vault(ledger: Ledger, vault: Vault) -> Iterator[None]:
    """As if its secrets were sealed with another key."""
    kept, ledger.book._vault = ledger.book._vault, vault
    try:
        yield
    finally:
        ledger.book._vault = kept
