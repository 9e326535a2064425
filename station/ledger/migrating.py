# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps from an empty file to the present schema: `migrations/NNNN_name.sql`, each run once and recorded in its own
transaction.

The schema is the contract: what the rules forbid, SQLite refuses, whoever writes. A step that was ever released is
frozen: a ledger in a factory has run it as it was, so a change of mind is a new step. Nothing in a step comes from the
program's present rules.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

STEPS = Path(__file__).with_name("migrations")


def _statements(script: str) -> list[str]:
    """Split at `;` that end a statement; `executescript` would commit the migration's transaction."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements


def _add(steps: Migrations, file: Path) -> None:
    """A ledger remembers 0001_first_schema.sql as m001_first_schema."""
    number, _, name = file.stem.partition("_")

    @steps(name=f"m{int(number):03d}_{name}")
    def run(db: Database) -> None:
        for statement in _statements(file.read_text("utf-8")):
            db.execute(statement)


def _all() -> Migrations:
    steps = Migrations("station")
    for file in sorted(STEPS.glob("*.sql")):
        _add(steps, file)
    return steps


migrations = _all()
