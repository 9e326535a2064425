# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a line's ledger may be trusted to its server: promises, schema, rights of roles. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg

from station.codes import Code
from station.errors import ConfigError, StationError
from station.ledger.guarding import compared
from station.ledger.postgres import guards, promises, roles
from station.ledger.postgres.address import connected
from station.ledger.postgres.migrating import SCHEMA, applied, left, made_anew
from station.ledger.trouble import guards_changed
from station.ledger.values import ServerState
from station.model import Secret


def check(url: str, password: Secret | None = None) -> ServerState:
    """What is there and what is wrong with it. By a role that may make schemas, the guards are held against a schema
    made anew; by a bench's, against what was written down when they were made."""
    with connected(url, password) as db, db.transaction():
        db.execute("SET LOCAL statement_timeout = '60s'")
        steps = applied(db)
        role, anew = _whoami(db)
        steps_wrong = list(_of_steps(db))
        faults = [*promises.broken(db), *steps_wrong]
        if steps and not any(fault.code is Code.E119 for fault in steps_wrong):  # of a newer one nothing is known here
            faults += [*_of_guards(db, steps, anew=anew), *_of_roles(db, role, administers=anew)]
        return ServerState(
            version=db.info.server_version // 10_000,
            role=role,
            administers=anew,
            steps=tuple(steps),
            benches=tuple(roles.benches(db)),
            faults=tuple(faults),
            clock_ahead_s=_clock_ahead_s(db),
        )


def _whoami(db: psycopg.Connection) -> tuple[str, bool]:
    """The role, and whether it may make schemas here."""
    found = db.execute("SELECT current_user::text, has_database_privilege(current_database(), 'CREATE')").fetchone()
    return found or ("", False)


def _clock_ahead_s(db: psycopg.Connection) -> float:
    found = db.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    return time.time() - found[0] if found else 0.0


def _of_steps(db: psycopg.Connection) -> Iterator[StationError]:
    try:
        missing = left(db)
    except ConfigError as newer:
        yield newer
        return
    if missing:
        what = "has no ledger" if not applied(db) else f"has an older station's ledger: {missing[0]} is to be run"
        yield ConfigError(
            f"the database {what}", do="run: station ledger init URL, as its administrator", code=Code.E115
        )


def _of_guards(db: psycopg.Connection, steps: list[str], *, anew: bool) -> Iterator[StationError]:
    wrong = guards.difference(db, SCHEMA)
    if not wrong and anew:
        wrong = compared(guards.objects(db, SCHEMA), made_anew(db, steps))
    if wrong:
        yield guards_changed(wrong)


def _of_roles(db: psycopg.Connection, role: str, *, administers: bool) -> Iterator[StationError]:
    known = roles.benches(db)
    if not administers and role not in known:
        yield _told(role, "may not write to the ledger", "give the URL of a bench's role, or of the administrator's")
    for one in known:
        again = _settled_by(db, one)
        if more := list(roles.too_much(db, one)):
            yield _told(one, f"may more than a bench may: it {_few(more)}", again)
        if less := list(roles.too_little(db, one)):
            yield _told(one, f"lacks what a bench needs: it {_few(less)}", again)
    for one, may in roles.strangers_rights(db).items():
        what = f"is no bench’s, and may change the ledger: it {_few(may)}"
        yield _told(one, what, f"its administrator runs there: {_taken_from(db, one)}")
    if login := roles.login_of_owner(db):
        yield login


def _settled_by(db: psycopg.Connection, role: str) -> str:
    if role == roles.EVERYBODY:
        return "run: station ledger init URL"
    if role in roles.settled(db):
        return f"run: station ledger init URL --bench {role}"
    return f"where it is a bench’s: station ledger init URL --bench {role}; else: {_taken_from(db, role)}"


def _taken_from(db: psycopg.Connection, role: str) -> str:
    (name,) = db.execute("SELECT quote_ident(%s)", (role,)).fetchone() or (role,)
    return f"REVOKE {roles.CHANGES} ON ALL TABLES IN SCHEMA {SCHEMA} FROM {name}"


def _told(role: str, what: str, do: str) -> ConfigError:
    return ConfigError(f"the role {role} {what}", do=do, code=Code.E114)


def _few(parts: list[str]) -> str:
    return ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")
