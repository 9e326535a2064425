# SPDX-License-Identifier: GPL-3.0-or-later
"""An older ledger takes the steps that it lacks: all of them or none, and a copy of it as it was is made first.

The steps, and the proof that nothing was lost by them, are one transaction: a ledger that is killed at any moment is
the older one or the present one, whole. The copy is for a disk that fails meanwhile. It is a backup as `packing` has
it, so nobody works with it, and what is put back from it is locked. It goes as soon as the present one is committed: it
holds sealed secrets, which are to end with their boards' consumption.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from station.codes import Code
from station.errors import LedgerFault, StationError
from station.ledger import audit
from station.ledger.audit_verify import verify
from station.ledger.packing import LEDGER, Backup, pack
from station.ledger.sqlite import guards, migrating
from station.ledger.sqlite.file import File
from station.ledger.sqlite.files import copies_before_steps, copy_before_steps, room_of_copy
from station.ledger.sqlite.sessions import is_in_use

_DERIVED = ("meta", "tallies", "_sqlite_migrations")
"""Tables whose rows a step may change: they are told of in other ones."""


def upgrade(db: File, path: Path, older: Callable[[str], None]) -> None:
    """`older` hears whose it is, before it takes long. LedgerFault E333 where that cannot be done, E320 while a station
    works on it: in both cases the ledger is as it was. The copy stays in the first one."""
    version = migrating.needs(db)
    db.execute("BEGIN IMMEDIATE")
    try:
        _require_idle(path, version)
        older(version)
        kept = _copied(path, version)
        try:
            was = _counted(db)
            migrating.migrate(db)
            _require_nothing_lost(db, path, was)
            db.execute("COMMIT")
        except (StationError, sqlite3.Error, OSError) as error:
            raise _stays(path, version, str(error), kept) from error
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _require_idle(path: Path, version: str) -> None:
    """One that has it open since before would go on by what it knew."""
    if is_in_use(path):
        raise LedgerFault(
            f"a station {version} works on {path}, which is to be brought up to date",
            means="nothing was changed",
            do="end it, the service too (sudo systemctl stop station), then try again",
        )


def _copied(path: Path, version: str) -> Path:
    """One of an earlier try goes when the new one is there: at most one is kept."""
    earlier = copies_before_steps(path)
    kept = copy_before_steps(path, version, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    try:
        with _room(path) as room:
            (room / LEDGER).touch(0o600)
            with _as_it_was(path) as ledger, closing(sqlite3.connect(room / LEDGER)) as copy:
                ledger.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
                made = Backup(at=audit.now(), head=audit.read_head(ledger), has_key=False)
            pack(room, kept, made, {})
    except (OSError, sqlite3.Error) as error:
        raise LedgerFault(
            f"the ledger {path} cannot be copied before it is brought up to date: {error}",
            means="nothing was changed: it is not brought up to date without a copy of it as it was",
            do=f"make room in {path.parent}, twice the ledger’s size, then try again",
            code=Code.E333,
        ) from error
    for copy_of_then in earlier:
        if copy_of_then != kept:
            copy_of_then.unlink(missing_ok=True)
    return kept


@contextmanager
def _room(path: Path) -> Iterator[Path]:
    room = room_of_copy(path)
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _counted(db: File) -> Mapping[str, int]:
    """Of each table the rows, of identities those in each state, of secrets those that are there."""
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    found = {name: _one(db, f"count(*) FROM {name}") for (name,) in tables if name not in _DERIVED}
    found |= {f"identities {row[0]}": row[1] for row in db.execute("SELECT state, count(*) FROM identities GROUP BY 1")}
    return found | {"secrets": _one(db, "count(secret) + count(product_secret) FROM certificates")}


def _one(db: File, what: str) -> int:
    return int(db.execute(f"SELECT {what}").fetchone()[0])


def _require_nothing_lost(db: File, path: Path, was: Mapping[str, int]) -> None:
    """LedgerFault or IntegrityAlarm for what was whole before and is not any more."""
    now = _counted(db)
    for what, many in was.items():
        if now.get(what, 0) != many:
            raise LedgerFault(f"rows of {what}: {many} before, {now.get(what, 0)} now")
    try:
        verify(db, guards)
    except StationError:
        if _was_whole(path):
            raise


def _was_whole(path: Path) -> bool:
    with _as_it_was(path) as ledger:
        try:
            verify(ledger, guards)
        except StationError:
            return False
    return True


@contextmanager
def _as_it_was(path: Path) -> Iterator[File]:
    """Which is what another connection sees until the steps are committed."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, factory=File)) as ledger:
        ledger.row_factory = sqlite3.Row
        yield ledger


def _stays(path: Path, version: str, why: str, kept: Path) -> LedgerFault:
    return LedgerFault(
        f"the ledger {path} could not be brought up to date: {why}",
        means=f"it is as certificate-station {version} left it; a copy of that is {kept}",
        do=f"go on with certificate-station {version}, and report this; were it damaged: station restore {kept}",
        code=Code.E333,
    )
