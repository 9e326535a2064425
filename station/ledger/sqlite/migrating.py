# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps from an empty file to the present schema: `migrations/NNNN_name.sql`, each run once and recorded; a
file takes all that are left in one transaction.

The schema is the contract: what the rules forbid, SQLite refuses, whoever writes. A step that was ever released is
frozen: a ledger in a factory has run it as it was, so a change of mind is a new step. Nothing in a step comes from the
program's present rules.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from station import __version__
from station.codes import Code
from station.errors import ConfigError, LedgerFault
from station.ledger.transaction import Statements

STEPS = Path(__file__).parents[1] / "migrations"
_NEEDS = "needs"
"""The fact that says which program a ledger needs: the one that ran its last step."""


def _statements(script: str) -> list[str]:
    """Split at `;` that end a statement; `executescript` would commit the migration's transaction."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements


def _name(file: Path) -> str:
    """A ledger remembers 0001_first_schema.sql as m001_first_schema."""
    number, _, name = file.stem.partition("_")
    return f"m{int(number):03d}_{name}"


_FILES = {_name(file): file for file in sorted(STEPS.glob("*.sql"))}


def run_steps(db: Statements, names: Sequence[str]) -> None:
    """These steps, in this order."""
    for name in names:
        for statement in _statements(_FILES[name].read_text("utf-8")):
            db.execute(statement)


def is_current(db: Statements) -> bool:
    """Whether this ledger has run every step."""
    return set(applied(db)) >= set(_FILES)


def migrate(db: sqlite3.Connection) -> None:
    """Run the steps that are left: all of them or none, within the caller's transaction where there is one."""
    from sqlite_utils import Database, Migrations  # noqa: PLC0415 - a third of a command's start, seldom needed

    steps = Migrations("station")
    for name in _FILES:

        @steps(name=name)
        def run(database: Database, name: str = name) -> None:
            run_steps(database.conn, [name])
            database.conn.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NEEDS, __version__))

    with nullcontext() if db.in_transaction else _at_once(db):
        steps.apply(Database(db))


@contextmanager
def _at_once(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and one wait for the disk instead of two a step."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def applied(db: Statements) -> list[str]:
    """The steps that this ledger has run, in their order; [] for an empty file."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone() is None:
        return []
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = 'station' ORDER BY rowid"
    return [row[0] for row in db.execute(sql)]


def needs(db: Statements, *, unwritten: str = "an-earlier-version") -> str:
    """The version of the station that ran its last step; `unwritten` where it is not written down."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_NEEDS,)).fetchone()
    return str(row[0]) if row else unwritten


def refuse_newer(db: Statements, path: Path) -> None:
    """ConfigError E119 for a ledger that has run a step which this program does not know."""
    unknown = [name for name in applied(db) if name not in _FILES]
    if unknown:
        version = needs(db, unwritten="a newer one")
        raise ConfigError(
            f"the ledger {path} was made by a newer station: it needs {version}, this is {__version__}",
            means=f"it has what this one does not know ({unknown[-1]}); nothing was touched",
            do=f"install certificate-station {version} here",
            code=Code.E119,
        )


def require_known(db: Statements, path: Path, error: sqlite3.Error) -> None:
    """LedgerFault E333 where what SQLite did not find is what an older ledger has not yet: one that is only read takes
    no steps."""
    if error.sqlite_errorcode == sqlite3.SQLITE_ERROR and not is_current(db):
        version = needs(db)
        raise LedgerFault(
            f"the ledger {path} is as certificate-station {version} left it, and may not be written here",
            means="only once it is brought up to date can this be read from it; station audit verify can",
            do=f"use certificate-station {version}; or as its owner, where it may be written: station status",
            code=Code.E333,
        ) from error
