# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the file still guards itself: its tables, indexes and triggers are those its steps made, no less and no
more, and every index says what its table says.

A dropped trigger would let a consumed certificate go back to READY; one too many could copy secrets.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.guarding import Objects, compared, digest
from station.ledger.sqlite.migrating import applied, run_steps
from station.ledger.transaction import Statements, Transaction
from station.ledger.trouble import guards_changed

_OF_SQLITE = ("sqlite_stat", "sqlite_autoindex")  # statistics, and what UNIQUE makes of itself
_RECORD = "_sqlite_migrations"
"""Made by another hand, in words of its own; a trigger on it would be none of ours."""
_INDEX_ONLY = ("wrong # of entries in index", "missing from index", "non-unique entry in index")
AS_MADE = {
    "m027_what_a_line_proves": "03907abb1c5230f9908ade0cb700890158a3610de82cb5448b941c2f7e4c4715",
    "m029_of_one_batch": "d0b5fecc651f7caac824f7e571d3bd070ec37623b1709eeda8a377447ec44b8e",
    "m035_scan_backs": "165104b4892ed2dfdde70fd622b6a442bd70df5bb0e57e976fdcf47fcdba6246",
    "m038_product_secret_in_doubt": "2b107634e7ba7ff3d5fb1cc4f78d4c8b24c7f34d0af5239a7e59e12bfa030515",
}
"""By their last step, what the steps make, as `digest` has it. To run them anew to know it is a tenth of a command's
start; so that is done where no line here knows it, and to say what differs."""


def difference(db: Transaction) -> str:
    """What is not as its steps made it, in words; "" when all is. Costs the same at any size."""
    found, steps = _objects(db), tuple(applied(db))
    if steps and digest(steps, found) == AS_MADE.get(steps[-1]):
        return ""
    return compared(found, _expected(steps))


def require(db: Transaction) -> None:
    """IntegrityAlarm E702 when a guard is missing, changed or strange."""
    if wrong := difference(db):
        raise guards_changed(wrong)


def has_run(db: Transaction, step: str) -> bool:
    """Whether this file has this step."""
    return step in applied(db)


def require_sound(db: Transaction) -> None:
    """SQLite's own check of every page and index. LedgerFault E327 where an index alone is wrong, which `reindex`
    mends; LedgerFault E322 for anything else."""
    said = [row[0] for row in db.execute("PRAGMA integrity_check(20)")]
    if said == ["ok"]:
        return
    first = said[0].splitlines()[0]
    if all(any(mark in line for mark in _INDEX_ONLY) for line in said):
        raise LedgerFault(
            f"an index of the ledger is damaged, its tables are whole: {first}",
            means="what is looked up by it may seem unknown",
            do="copy the file aside, then run: station audit reindex",
            code=Code.E327,
        )
    raise LedgerFault(
        f"the ledger file is damaged: {first}",
        means="what is written on may be lost",
        do="stop flashing, keep the file, restore it from its backup; check the disk",
        code=Code.E322,
    )


@contextmanager
def taken_off(db: Transaction, tables: Sequence[str]) -> Iterator[None]:
    """The triggers of these tables, and put back as they were; within the transaction that then asks `require`."""
    places = ",".join("?" * len(tables))
    sql = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({places})"
    kept = db.execute(sql, tuple(tables)).fetchall()
    for row in kept:
        db.execute(f"DROP TRIGGER {row['name']}")
    yield
    for row in kept:
        db.execute(row["sql"])


def reindex(db: Transaction) -> None:
    """Every index anew from its table; what would break a UNIQUE is refused."""
    db.execute("REINDEX")
    require_sound(db)


def _objects(db: Statements) -> Objects:
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return {
        (kind, name): " ".join((sql or "").split())
        for kind, name, table, sql in rows
        if not name.startswith(_OF_SQLITE) and not (table == _RECORD and kind in ("table", "index"))
    }


@cache
def _expected(steps: tuple[str, ...]) -> Objects:
    with sqlite3.connect(":memory:", isolation_level=None) as db:
        run_steps(db, steps)
        objects = _objects(db)
    db.close()
    return objects
