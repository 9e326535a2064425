# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a line's ledger in a database that is there: roles, schema, rights; or brings one up to date. In one
transaction, so that half of it never is; run again it changes nothing, and puts rights back as they should be.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from station.codes import Code
from station.errors import ConfigError
from station.ledger.guarding import compared
from station.ledger.postgres import guards, promises, roles
from station.ledger.postgres.address import connected
from station.ledger.postgres.migrating import SCHEMA, applied, left, made_anew, migrate, record
from station.ledger.trouble import guards_changed
from station.model import Secret

_ONE_AT_A_TIME = 0x57A7104
_PLACE = (
    "SELECT nspowner::regrole::text, pg_get_userbyid(nspowner) = %s, NOT EXISTS (SELECT 1 FROM pg_class"
    " WHERE relnamespace = n.oid UNION ALL SELECT 1 FROM pg_proc WHERE pronamespace = n.oid)"
    " FROM pg_namespace n WHERE nspname = %s"
)


def set_up(url: str, *, owner: str, bench: str, password: Secret | None = None) -> list[str]:
    """The steps that were run. `password`: the bench role's; the server gets its SCRAM verifier only.

    Raises what `promises` say of the server; ConfigError E114 for a role that may more than a bench may, or an owner
    that is somebody's login, E115 for a schema that is not ours, E119 for a newer station's ledger; IntegrityAlarm E702
    where the schema is not as its steps made it: nothing is changed then.
    """
    if owner == bench:
        raise ConfigError("owner and bench are two roles", do="give them two names", code=Code.E121)
    with connected(url) as db:
        promises.require(db)
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
            left(db)
            _require_own_place(db, owner)
            roles.make(db, owner, bench)
            steps = _bring_up(db, owner, bench)
            if login := roles.login_of_owner(db):
                raise login
            roles.settle_in(db, bench)
            _require_no_more(db, bench)
            if password is not None:
                _set_password(db, bench, password)
    return steps


def _require_own_place(db: psycopg.Connection, owner: str) -> None:
    """ConfigError E115 where the schema is another program's, or another role's: what is made there would not be as
    its steps make it."""
    found = db.execute(_PLACE, (owner, SCHEMA)).fetchone()
    if found is None:
        return
    its_owner, is_ours, is_empty = found
    if is_ours and (is_empty or applied(db)):
        return
    if applied(db):
        raise ConfigError(
            f"the ledger that is there belongs to the role {its_owner}",
            means="nothing was changed",
            do=f"give --owner {its_owner}, and --bench as when it was made",
            code=Code.E115,
        )
    raise ConfigError(
        f"the database has a schema {SCHEMA} already, which is no ledger",
        means="nothing was changed",
        do="make another database for the ledger; or drop that schema, if nobody needs it",
        code=Code.E115,
    )


def _bring_up(db: psycopg.Connection, owner: str, bench: str) -> list[str]:
    before = applied(db)
    if before and (wrong := compared(guards.objects(db, SCHEMA), made_anew(db, before))):
        raise guards_changed(wrong)
    role = sql.Identifier(owner)
    db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(sql.Identifier(SCHEMA), role))
    db.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
    steps = migrate(db)
    record(db)
    for one in {bench, *roles.settled(db)}:  # a new table is every bench's
        roles.grant(db, one)
    db.execute("RESET ROLE")
    return steps


def _require_no_more(db: psycopg.Connection, bench: str) -> None:
    if more := list(roles.too_much(db, bench)):
        statements = roles.taking_back(db, more)
        by_another = f"a superuser runs in this database: {'; '.join(statements)}. Then run this again"
        raise ConfigError(
            f"the role {bench} may more than a bench may: it {', '.join(more[:3])}",
            means="nothing was changed",
            do=by_another if statements else "give --bench another name, or take these rights away",
            code=Code.E114,
        )


def _set_password(db: psycopg.Connection, bench: str, password: Secret) -> None:
    verifier = db.pgconn.encrypt_password(password.reveal().encode(), bench.encode(), b"scram-sha-256").decode()
    db.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(bench), sql.Literal(verifier)))
