# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps from an empty schema to the present one: `migrations/NNNN_name.sql`, each run once and recorded, all that are
left in the caller's one transaction.

They make what SQLite's steps make, under the same names; a step that was ever released is frozen. A step names no
schema: what it makes stands in the first of the transaction's search path, and its functions keep that path.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from station import __version__
from station.codes import Code
from station.errors import ConfigError
from station.ledger.guarding import Objects
from station.ledger.postgres import guards

STEPS = Path(__file__).parent / "migrations"
SCHEMA = "station"
_TRIAL = "station_as_its_steps_make_it"

_FILES = {file.stem: file for file in sorted(STEPS.glob("*.sql"))}


def run_steps(db: psycopg.Connection, names: Sequence[str], *, schema: str = SCHEMA) -> None:
    """These steps, in this order, into a schema that is there."""
    # pg_temp is named, and last: unnamed it would come first, and a temporary table could stand for one of ours
    db.execute(sql.SQL("SET LOCAL search_path = {}, pg_temp").format(sql.Identifier(schema)))
    for name in names:
        db.execute(_FILES[name].read_bytes())


def applied(db: psycopg.Connection) -> list[str]:
    """The steps that this ledger has run, in their order; [] where there is none."""
    found = db.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.steps",)).fetchone()
    if found is None or found[0] is None:
        return []
    return [row[0] for row in db.execute(sql.SQL("SELECT name FROM {} ORDER BY name").format(_STEPS))]


def left(db: psycopg.Connection) -> list[str]:
    """The steps to be run. ConfigError E119 for a ledger that has run one which this program does not know."""
    done = applied(db)
    if unknown := [name for name in done if name not in _FILES]:
        raise ConfigError(
            f"the ledger was made by a newer station: this is {__version__}",
            means=f"it has what this one does not know ({unknown[-1]}); nothing was touched",
            do="install the newer certificate-station here",
            code=Code.E119,
        )
    return [name for name in _FILES if name not in done]


def migrate(db: psycopg.Connection) -> list[str]:
    """Run the steps that are left, by the role that is to own what they make; their names. What they made is
    still to be `record`ed."""
    names = left(db)
    run_steps(db, names)
    for name in names:
        row = (name, datetime.now(UTC).isoformat(), __version__, db.info.server_version)
        db.execute(sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s)").format(_STEPS), row)
    return names


def record(db: psycopg.Connection) -> None:
    """Write down what the steps made, as this server says it, for benches to compare with."""
    made = json.dumps(sorted([*key, text] for key, text in guards.objects(db, SCHEMA).items()))
    last = sql.SQL("UPDATE {} SET made = %s, server = %s WHERE name = (SELECT max(name) FROM {})")
    db.execute(last.format(_STEPS, _STEPS), (made, db.info.server_version))


def made_anew(db: psycopg.Connection, steps: Sequence[str]) -> Objects:
    """What these steps make on this very server; nothing of it stays. Inside a transaction, by a role that may make
    schemas."""
    with db.transaction(force_rollback=True):
        db.execute(f"CREATE SCHEMA {_TRIAL}")
        run_steps(db, steps, schema=_TRIAL)
        return guards.objects(db, _TRIAL)


_STEPS = sql.Identifier(SCHEMA, "steps")
