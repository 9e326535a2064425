# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps from an empty file to the present schema; each runs once and is recorded in its own transaction."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from station.ledger import board_keys, registering, schema

migrations = Migrations("station")


@migrations()
def m001_first_schema(db: Database) -> None:
    """Tables, indexes, and the triggers that hold the invariants."""
    for statement in _statements(schema.TABLES + schema.TRIGGERS):
        db.execute(statement)


@migrations()
def m002_registrations(db: Database) -> None:
    """Devices whose secret is made here, before the cloud hears of them."""
    for statement in _statements(registering.TABLE):
        db.execute(statement)


@migrations()
def m003_board_keys(db: Database) -> None:
    """The key of a board that encrypts what it stores."""
    for statement in _statements(board_keys.COLUMN):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """Split at `;` that end a statement; `executescript` would commit the migration's transaction."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return [s for s in statements if s]
