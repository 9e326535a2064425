# SPDX-License-Identifier: GPL-3.0-or-later
"""What each role of a line's ledger may do, tried as that role."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from psycopg import errors

from station.codes import Code
from station.errors import ConfigError
from station.ledger.postgres import roles
from station.ledger.server import BENCH, OWNER, set_up
from tests.postgres.server import Server

Connect = Callable[..., psycopg.Connection]
TABLES = (
    *("meta", "batches", "identities", "certificates", "conflicts", "audit", "visits", "locks", "unlocks"),
    *("cloud_requests", "registrations", "found_on_boards", "cloud_answers", "spellings", "strangers", "vouched"),
    *("foretold", "odd_items", "cameras_left_out", "serials", "scan_backs", "tally_parts", "steps"),
)
BATCH = "INSERT INTO batches (provider, batch_id, product_key, source, created_at) VALUES ('living','b','p','file','')"
IDENTITY = (
    "INSERT INTO identities (batch, provider, product_key, kind, size, state, changed_at)"
    " VALUES (1, 'living', 'p', 'single', 1, 'READY', '')"
)


REFUSALS = (errors.InsufficientPrivilege, errors.IntegrityConstraintViolation)


def refused(db: psycopg.Connection, statement: str) -> list[str]:
    """The tables of which it may not be said."""
    found = []
    for table in TABLES:
        try:
            db.execute(statement.format(table).encode())
        except REFUSALS:
            found.append(table)
    return found


@pytest.mark.parametrize("user", [BENCH, "admin"])
def test_no_table_is_emptied(connect_unchanged: Connect, user: str) -> None:
    assert refused(connect_unchanged(user), "TRUNCATE {} CASCADE") == list(TABLES)


def test_a_bench_deletes_nothing_but_a_lock(connect_unchanged: Connect) -> None:
    assert set(TABLES) - set(refused(connect_unchanged(BENCH), "DELETE FROM {}")) == {"locks"}


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER keep_audit ON audit",
        "CREATE TABLE station.notes (x int)",
        "CREATE TABLE public.notes (x int)",
        "CREATE TEMP TABLE audit (LIKE station.audit)",
        "CREATE SCHEMA mine",
        "CREATE TRIGGER mine AFTER INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse('x')",
        "CREATE RULE mine AS ON DELETE TO locks DO INSTEAD NOTHING",
        "ALTER FUNCTION refuse() RENAME TO other",
        "CREATE OR REPLACE FUNCTION station.refuse() RETURNS trigger LANGUAGE sql AS ''",
        "SET session_replication_role = replica",
        "UPDATE audit SET detail = '{}'",
        "UPDATE identities SET product_key = 'x'",
        "UPDATE batches SET received = 7",
        "INSERT INTO tally_parts VALUES ('p', 'single', 'READY', 0, 1, 1)",
        "INSERT INTO spellings VALUES ('a', 'b')",
        "UPDATE steps SET made = '[]'",
        "SELECT * FROM audit FOR UPDATE",
        f"SET ROLE {OWNER}",
        f"GRANT {OWNER} TO {BENCH}",
    ],
)
def test_a_bench_may_not(connect_unchanged: Connect, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        connect_unchanged(BENCH).execute(statement.encode())


def test_a_bench_s_rows_are_counted_although_it_may_not_count(connect: Connect) -> None:
    bench = connect(BENCH)
    bench.execute(BATCH.encode())
    bench.execute(IDENTITY.encode())
    assert bench.execute("SELECT received FROM batches").fetchall() == [(1,)]
    assert bench.execute("SELECT * FROM tallies").fetchall() == [("p", "single", "READY", 1, 1)]


def test_a_bench_hangs_no_function_that_counts_on_a_table_of_its_own(connect: Connect) -> None:
    """It would work with the owner's rights; what a bench may call works with its own, and hangs on no table."""
    asked = (
        "SELECT proname, prosecdef, prorettype = 'trigger'::regtype FROM pg_proc"
        " WHERE pronamespace = 'station'::regnamespace AND has_function_privilege(%s, oid, 'EXECUTE') ORDER BY 1"
    )
    called = (
        *("add_line", "consume_at_once", "hash_of_line", "may_stand", "promised_now", "refused", "reserve_at_once"),
        "stay_at_once",
        "write_at_once",
    )
    assert connect().execute(asked, (BENCH,)).fetchall() == [(name, False, False) for name in called]


def test_a_bench_may_lock_the_row_it_takes_while_others_pass_it_by(connect: Connect) -> None:
    one, other = connect(BENCH), connect(BENCH)
    for statement in (BATCH, IDENTITY, IDENTITY):
        one.execute(statement.encode())
    take = "SELECT id FROM identities WHERE state = 'READY' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    with one.transaction(), other.transaction():
        assert (one.execute(take).fetchall(), other.execute(take).fetchall()) == ([(1,)], [(2,)])


def test_counts_of_two_backends_do_not_wait_for_each_other(connect: Connect) -> None:
    """One row a state would be one queue for every commit of the line."""
    one, other = connect(BENCH), connect(BENCH)
    one.execute(BATCH.encode())
    one.execute(BATCH.replace("'b'", "'c'").encode())
    other.execute("SET statement_timeout = '10s'")
    with one.transaction():
        one.execute(IDENTITY.encode())
        other.execute(IDENTITY.replace("VALUES (1", "VALUES (2").encode())
    assert one.execute("SELECT identities FROM tallies").fetchall() == [(2,)]


def test_a_guard_takes_no_temporary_table_for_one_of_ours(connect: Connect) -> None:
    """By an administrator, who may make one: no audit line of his own makes a transition."""
    owner = connect()
    owner.execute(BATCH.encode())
    owner.execute(IDENTITY.encode())
    owner.execute("CREATE TEMP TABLE audit (LIKE station.audit)")
    owner.execute(
        "INSERT INTO pg_temp.audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, detail,"
        " previous, hash, chain) VALUES (1, '', 'withheld', 'me', 1, 1, 'READY', 'WITHHELD', 0, '{}', '', 'x', '')"
    )
    owner.execute("SET search_path = pg_temp, station")
    with pytest.raises(errors.IntegrityConstraintViolation, match="I10"):
        owner.execute("UPDATE identities SET state = 'WITHHELD', version = 1 WHERE id = 1")


def test_not_even_a_replayed_stream_passes_the_guards(connect: Connect) -> None:
    admin = connect()
    admin.execute(BATCH.encode())
    admin.execute("SET session_replication_role = replica")
    with pytest.raises(errors.IntegrityConstraintViolation, match="I3"):
        admin.execute("DELETE FROM batches")


TOO_MANY = {
    f"GRANT DELETE ON station.audit TO {BENCH}": "may DELETE audit",
    "GRANT TRUNCATE ON station.visits TO PUBLIC": "may TRUNCATE visits",
    f"GRANT UPDATE ON station.audit TO {BENCH}": "may UPDATE (actor) audit",
    f"GRANT CREATE ON SCHEMA station TO {BENCH}": "may define in schema station",
    f"GRANT CREATE ON SCHEMA public TO {BENCH}": "may define in schema public",
}


def test_rights_too_many_are_found_and_taken_back(server: Server, database: str, connect: Connect) -> None:
    admin = connect()
    for change, told in TOO_MANY.items():
        assert not any(told in one for one in roles.too_much(admin, BENCH)), change
        admin.execute(change.encode())
        assert any(told in one for one in roles.too_much(admin, BENCH)), change
    set_up(server.url(database))
    assert list(roles.too_much(admin, BENCH)) == []
    admin.execute(b"GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert any("may define in schema public" in one for one in roles.too_much(admin, BENCH))
    set_up(server.url(database))
    assert list(roles.too_much(admin, BENCH)) == []


def test_a_bench_that_belongs_to_the_owner_is_found_and_is_a_persons_to_take_back(
    server: Server, database: str, connect: Connect
) -> None:
    admin = connect()
    try:
        admin.execute(f"GRANT {OWNER} TO {BENCH}".encode())
        assert any("belongs to the owner" in one for one in roles.too_much(admin, BENCH))
        with pytest.raises(ConfigError, match="belongs to the owner") as caught:
            set_up(server.url(database))
        assert caught.value.code is Code.E114
    finally:
        admin.execute(f"REVOKE {OWNER} FROM {BENCH}".encode())


def test_a_right_too_few_is_found_and_given_back(server: Server, database: str, connect: Connect) -> None:
    admin = connect()
    admin.execute(f"REVOKE UPDATE (owner) ON identities FROM {BENCH}".encode())
    assert list(roles.too_little(admin, BENCH)) == ["may not UPDATE (owner) identities"]
    set_up(server.url(database))
    assert list(roles.too_little(admin, BENCH)) == []


BECOMES = {
    "SUPERUSER": "is a superuser as friends",
    "CREATEROLE": "may make roles as friends",
    "NOLOGIN IN ROLE pg_write_server_files": "may reach the files of the server as pg_write_server_files",
    "NOLOGIN; GRANT DELETE ON station.audit TO friends": "may DELETE audit as friends",
}


@pytest.mark.parametrize(("what", "told"), BECOMES.items())
def test_what_a_bench_may_become_is_what_it_may(
    server: Server, database: str, connect: Connect, what: str, told: str
) -> None:
    """By SET ROLE, although it inherits nothing."""
    admin = connect()
    admin.execute(f"CREATE ROLE friends {what}".encode())
    try:
        admin.execute(f"ALTER ROLE {BENCH} NOINHERIT; GRANT friends TO {BENCH}".encode())
        assert told in list(roles.too_much(admin, BENCH))
        with pytest.raises(ConfigError, match=r"may more than a bench may: it .* as ") as caught:
            set_up(server.url(database))
        assert caught.value.code is Code.E114
    finally:
        admin.execute(f"ALTER ROLE {BENCH} INHERIT; DROP OWNED BY friends; DROP ROLE friends".encode())
    assert list(roles.too_much(admin, BENCH)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("EXECUTE ON ALL FUNCTIONS", "may call rules_of_a_change"),
        ("ALL ON ALL SEQUENCES", "may set audit_seq_seq"),
    ],
)
def test_functions_and_numbers_of_the_owner_s_are_taken_back_too(
    server: Server, database: str, connect: Connect, change: str, told: str
) -> None:
    admin = connect()
    admin.execute(f"GRANT {change} IN SCHEMA station TO {BENCH}".encode())
    assert told in list(roles.too_much(admin, BENCH))
    set_up(server.url(database))
    assert list(roles.too_much(admin, BENCH)) == []
