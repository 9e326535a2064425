# SPDX-License-Identifier: GPL-3.0-or-later
"""Two roles. The owner has the schema, is nobody's login, and only the steps work as it. A bench may read, add rows,
and change those columns that a rule lets change; it may not delete, empty, define or switch off anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import psycopg
from psycopg import sql

from station.codes import Code
from station.errors import ConfigError
from station.ledger.postgres.migrating import SCHEMA

_CHANGED = {
    "meta": "value",
    "batches": "total, complete",
    "identities": "state, version, attempt, board_uid, slot, owner, expected, found, uid_after, method, changed_at,"
    " reason, code, kind, set_of, size, board_key",
    "certificates": "identity, iot_id, device_id, node_id, cloud_status, content, secret, product_secret",
    "conflicts": "channel, iot_id, device_id, node_id, cloud_status, secret, product_secret, decision",
    "locks": "code, what, since",
    "unlocks": "visit",
    "cloud_requests": "state, batch_id, answer, raw, changed_at",
    "registrations": "state, secret, changed_at, why, ours",
    "odd_items": "place, why, raw, seen_at, healed_at",
    "strangers": "fate, settled_line",
    "serials": "ended_line",
    "scan_backs": "ended_line",
    "receivers": "settled, trouble",
    "held_events": "state, why, changed_at",
}
"""Columns that a bench may change."""
_ADDED = (
    *("audit", "visits", "found_on_boards", "cloud_answers", "vouched", "foretold", "cameras_left_out", "ordered"),
    *_CHANGED,
)
_READ = ("steps", "spellings", "tallies", *_ADDED)
EVERYBODY = "public"
"""As the server's functions call whoever logs in."""
_ENDED = "locks"
"""The one table whose rows end: a lock, by a supervisor or a recovery."""

Right = tuple[str, str]
"""A table, and what may be done with it; of UPDATE, a right a column."""


def rights_of_a_bench() -> set[Right]:
    """No more, and no less."""
    changed = {(table, f"UPDATE ({column})") for table, columns in _CHANGED.items() for column in columns.split(", ")}
    added = {(table, "INSERT") for table in _ADDED}
    return {(table, "SELECT") for table in _READ} | added | changed | {(_ENDED, "DELETE")}


def make(db: psycopg.Connection, owner: str, bench: str) -> None:
    """Both roles where they are missing; whoever sets up belongs to the owner's, so as to work as it."""
    for role, how in ((owner, "NOLOGIN"), (bench, "LOGIN")):
        if db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
            db.execute(sql.SQL("CREATE ROLE {} " + how).format(sql.Identifier(role)))
    if db.execute("SELECT pg_has_role(%s, 'USAGE')", (owner,)).fetchone() != (True,):
        db.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))


def grant(db: psycopg.Connection, bench: str) -> None:
    """As the owner: exactly these rights, whatever there was before."""
    role, schema = sql.Identifier(bench), sql.Identifier(SCHEMA)
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}, PUBLIC",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role}, PUBLIC",
        # else whoever makes a table of his own could hang a function on it that works with the owner's rights
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM {role}, PUBLIC",
        "REVOKE ALL ON SCHEMA {schema} FROM {role}, PUBLIC",
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT EXECUTE ON FUNCTION {schema}.refused, {schema}.promised_now, {schema}.add_line, {schema}.hash_of_line,"
        " {schema}.may_stand, {schema}.reserve_at_once, {schema}.write_at_once, {schema}.consume_at_once,"
        " {schema}.stay_at_once TO {role}",
        # a line's hash holds its number, so that it is asked for first
        "GRANT USAGE ON SEQUENCE {schema}.audit_seq_seq TO {role}",
    ):
        db.execute(sql.SQL(statement).format(role=role, schema=schema))
    for table, what in sorted(rights_of_a_bench()):
        right = sql.SQL(what)  # ours, from the tables above
        db.execute(sql.SQL("GRANT {} ON {} TO {}").format(right, sql.Identifier(SCHEMA, table), role))


_OURS_TO_CLOSE = (
    "SELECT 1 FROM pg_namespace WHERE nspname = 'public' AND has_schema_privilege(%s, oid, 'CREATE')"
    " AND pg_has_role(nspowner, 'USAGE')"
)
"""Schema public, open as servers before 15 make it. There it is a superuser's, whoever owns the database."""


def settle_in(db: psycopg.Connection, bench: str) -> None:
    """As the administrator: where a bench's session finds its tables, that its commits are kept whatever the server's
    default is, and that it makes no table of its own that could stand for one of ours."""
    found = db.execute("SELECT current_database()").fetchone()
    database, role = sql.Identifier(found[0] if found else ""), sql.Identifier(bench)
    path = sql.Identifier(SCHEMA)
    for statement in (
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM {role}, PUBLIC",
        "ALTER ROLE {role} IN DATABASE {database} SET search_path = {path}, pg_temp",
        "ALTER ROLE {role} IN DATABASE {database} SET synchronous_commit = on",
    ):
        db.execute(sql.SQL(statement).format(database=database, role=role, path=path))
    if db.execute(_OURS_TO_CLOSE, (bench,)).fetchone():
        db.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(role))


def benches(db: psycopg.Connection) -> list[str]:
    """The roles that may write audit lines, the owner aside."""
    rows = db.execute(
        "SELECT DISTINCT CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END"
        " FROM pg_class, aclexplode(relacl) WHERE oid = to_regclass(%s) AND privilege_type = 'INSERT'"
        " AND grantee <> relowner ORDER BY 1",
        (f"{SCHEMA}.audit",),
    )
    return [name for (name,) in rows]


def settled(db: psycopg.Connection) -> list[str]:
    """Those of them that `settle_in` has made benches; who else may write was given that by somebody else."""
    rows = db.execute(
        "SELECT rolname::text FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole"
        " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return sorted({name for (name,) in rows}.intersection(benches(db)))


CHANGES = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
"""All that may be done with a table but to look at it, and to keep it in order (MAINTAIN, of servers from 17 on)."""
_OTHERS = """
SELECT DISTINCT CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END
FROM (SELECT relowner, relacl FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r','v')
  UNION ALL SELECT relowner, attacl FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
  WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r','v')) AS ours(its_owner, given), aclexplode(given)
WHERE grantee <> its_owner AND privilege_type = ANY(%(changes)s) ORDER BY 1
"""
_LOGS_IN = (
    "SELECT quote_ident(rolname) FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner"
    " WHERE nspname = %s AND (rolcanlogin OR rolsuper)"
)
_TABLE_RIGHTS = """
SELECT relname, what FROM pg_class, unnest(ARRAY['SELECT','INSERT','DELETE','TRUNCATE','REFERENCES','TRIGGER']) AS what
WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r','v')
  AND has_table_privilege(%(role)s, pg_class.oid, what)
UNION
SELECT relname, 'UPDATE (' || attname || ')' FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r','v') AND attnum > 0 AND NOT attisdropped
  AND has_column_privilege(%(role)s, pg_class.oid, attnum, 'UPDATE')
"""
_POWERS = """
SELECT 'is a superuser' FROM pg_roles WHERE rolname = %(role)s AND rolsuper
UNION SELECT 'may make roles' FROM pg_roles WHERE rolname = %(role)s AND rolcreaterole
UNION SELECT 'may replicate' FROM pg_roles WHERE rolname = %(role)s AND rolreplication
UNION SELECT 'may reach the files of the server' WHERE %(role)s
  IN ('pg_execute_server_program','pg_write_server_files','pg_read_server_files')
UNION SELECT 'belongs to the owner' FROM pg_namespace WHERE nspname = %(schema)s
  AND %(role)s <> 'public' AND pg_has_role(%(role)s, nspowner, 'MEMBER')
UNION SELECT 'may define in schema ' || nspname FROM pg_namespace WHERE nspname IN (%(schema)s, 'public')
  AND has_schema_privilege(%(role)s, oid, 'CREATE')
UNION SELECT 'may make ' || CASE what WHEN 'TEMP' THEN 'temporary tables' ELSE 'schemas' END
  FROM unnest(ARRAY['TEMP','CREATE']) AS what WHERE has_database_privilege(%(role)s, current_database(), what)
UNION SELECT 'may call ' || proname FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace AND prosecdef
  AND has_function_privilege(%(role)s, oid, 'EXECUTE')
UNION SELECT 'may set ' || relname FROM pg_class WHERE relnamespace = %(schema)s::regnamespace
  AND CASE relkind WHEN 'S' THEN has_sequence_privilege(%(role)s, oid, 'UPDATE') END
"""
_BECOMES = """
SELECT other.rolname::text FROM pg_roles own, pg_roles other WHERE own.rolname = %s AND NOT own.rolsuper
  AND other.oid <> own.oid AND pg_has_role(own.oid, other.oid, 'MEMBER') ORDER BY 1
"""
"""By SET ROLE, whether it inherits their rights or not."""
_FROM_EVERYBODY = {
    "may define in schema public": "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "may make schemas": "REVOKE CREATE ON DATABASE {} FROM PUBLIC",
    "may make temporary tables": "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC",
}


def too_much(db: psycopg.Connection, role: str) -> Iterator[str]:
    """What this role, or one that it may become, may do and a bench may not, in words."""
    yield from _beyond(db, role)
    for other in [name for (name,) in db.execute(_BECOMES, (role,))]:
        yield from (f"{power} as {other}" for power in _beyond(db, other))


def _beyond(db: psycopg.Connection, role: str) -> Iterator[str]:
    asked = {"role": role, "schema": SCHEMA}
    yield from sorted(power for (power,) in db.execute(_POWERS, asked))
    yield from _in_words(_held(db, role) - rights_of_a_bench())


def strangers_rights(db: psycopg.Connection) -> dict[str, list[str]]:
    """By role, what may be changed by others than the owner and the benches, in words: given by hand, or to each new
    table by ALTER DEFAULT PRIVILEGES. Who only looks is none."""
    known = benches(db)
    asked = {"schema": SCHEMA, "changes": CHANGES.split(", ")}
    others = [name for (name,) in db.execute(_OTHERS, asked) if name not in known]
    return {name: list(_in_words(right for right in _held(db, name) if right[1] != "SELECT")) for name in others}


def _in_words(rights: Iterable[Right]) -> Iterator[str]:
    return (f"may {what} {table}" for table, what in sorted(rights))


def login_of_owner(db: psycopg.Connection) -> ConfigError | None:
    """Where somebody may log in as the ledger's owner, or it is a superuser."""
    found = db.execute(_LOGS_IN, (SCHEMA,)).fetchone()
    if found is None:
        return None
    return ConfigError(
        f"somebody may log in as the role {found[0]}, which owns the ledger",
        means="whoever does may switch its rules off",
        do=f"its administrator runs: ALTER ROLE {found[0]} NOLOGIN NOSUPERUSER",
        code=Code.E114,
    )


def taking_back(db: psycopg.Connection, powers: Iterable[str]) -> list[str]:
    """The statements that take from everybody what everybody has of these: no other name for a bench's role would be
    without."""
    of_everybody = set(powers) & set(too_much(db, EVERYBODY))
    found = db.execute("SELECT quote_ident(current_database())").fetchone()
    return [statement.format(*(found or ())) for power, statement in _FROM_EVERYBODY.items() if power in of_everybody]


def too_little(db: psycopg.Connection, role: str) -> Iterator[str]:
    """What a bench needs and this role may not, in words."""
    yield from (f"may not {what} {table}" for table, what in sorted(rights_of_a_bench() - _held(db, role)))


def _held(db: psycopg.Connection, role: str) -> set[Right]:
    return {(table, what) for table, what in db.execute(_TABLE_RIGHTS, {"role": role, "schema": SCHEMA})}
