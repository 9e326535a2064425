# SPDX-License-Identifier: GPL-3.0-or-later
"""`station ledger init` and `station ledger check` as an administrator runs them, against a server of our own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from station import errors
from station.codes import Code, Exit
from station.ledger.postgres.promises import broken, readable
from station.ledger.server import BENCH, OWNER
from tests.cli.cli_shell import Shell
from tests.postgres.server import Server

Connect = Callable[..., psycopg.Connection]
_NUMBERS = itertools.count(1)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    name = f"empty{next(_NUMBERS)}"
    server.execute(f"CREATE DATABASE {name}")
    yield name
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_init_makes_a_ledger_that_check_finds_well(server: Server, empty: str, shell: Shell) -> None:
    assert shell("ledger", "check", server.url(empty)).code == Exit.USAGE
    first = shell("ledger", "init", server.url(empty), "--json")
    assert (first.code, first.json[0]["owner"], first.json[0]["bench"]) == (Exit.OK, OWNER, BENCH), first.err
    assert first.json[0]["steps"][0] == "0001_tables"
    for user, administers in (("admin", True), (BENCH, False)):
        found = shell("ledger", "check", server.url(empty, user), "--json")
        assert (found.code, found.json[0]["faults"]) == (Exit.OK, []), found.err
        told = {key: found.json[0][key] for key in ("schema", "role", "administers", "benches")}
        assert told == {"schema": 1, "role": user, "administers": administers, "benches": [BENCH]}
    assert shell("ledger", "check", server.url(empty)).out.endswith("as admin: well\n")


def test_init_again_changes_nothing(server: Server, database: str, shell: Shell) -> None:
    def rows() -> list[tuple[object, ...]]:
        with psycopg.connect(server.url(database)) as db:
            return db.execute("SELECT * FROM station.steps ORDER BY name").fetchall()

    before = rows()
    again = shell("ledger", "init", server.url(database), "--json")
    assert (again.code, again.json[0]["steps"]) == (Exit.OK, [])
    assert rows() == before


def test_an_administrator_need_not_be_a_superuser(server: Server, shell: Shell) -> None:
    server.execute("CREATE ROLE dba LOGIN CREATEROLE")
    server.execute("CREATE DATABASE of_dba OWNER dba")
    server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "of_dba")  # a superuser's to do before 15
    names = ("--owner", "line2_owner", "--bench", "line2_bench")
    for _ in range(2):
        made = shell("ledger", "init", server.url("of_dba", "dba"), *names)
        assert made.code == Exit.OK, made.err
    for user in ("dba", "line2_bench"):
        assert shell("ledger", "check", server.url("of_dba", user)).code == Exit.OK
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(server.url("of_dba", "line2_owner"))


def test_what_only_a_superuser_may_take_back_is_told_as_the_statements_to_run(server: Server, shell: Shell) -> None:
    """A database as servers before 15 make it, and one that is not the administrator's."""
    server.execute("CREATE ROLE dba3 LOGIN CREATEROLE")
    server.execute("CREATE DATABASE open")
    server.execute("GRANT CREATE ON DATABASE open TO dba3")
    server.execute("ALTER SCHEMA public OWNER TO admin; GRANT CREATE ON SCHEMA public TO PUBLIC", "open")
    init = ("ledger", "init", server.url("open", "dba3"), "--owner", "line3_owner", "--bench", "line3_bench")
    refused = shell(*init)
    needed = ("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "REVOKE TEMPORARY ON DATABASE open FROM PUBLIC")
    assert (refused.code, "E114" in refused.err) == (Exit.USAGE, True)
    assert f"a superuser runs in this database: {'; '.join(needed)}. " in " ".join(refused.err.split())
    for statement in needed:
        server.execute(statement, "open")
    assert shell(*init).code == Exit.OK
    assert shell("ledger", "check", server.url("open", "line3_bench")).code == Exit.OK
    server.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT CREATE ON SCHEMA public TO line3_bench", "open")
    assert "line3_bench may more than a bench may: it may define in schema public" in shell(*init).err


def test_a_database_without_schema_public_will_do(server: Server, empty: str, shell: Shell) -> None:
    server.execute("DROP SCHEMA public", empty)
    for what in ("init", "check"):
        done = shell("ledger", what, server.url(empty))
        assert done.code == Exit.OK, done.err


def test_an_administrator_calls_nothing_that_a_bench_put_under_a_known_name(
    server: Server, empty: str, shell: Shell
) -> None:
    """Its types fit the call better than those of the server's own."""
    server.execute(
        "GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE FUNCTION public.has_database_privilege(name, text)"
        " RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''called''; END'",
        empty,
    )
    assert shell("ledger", "init", server.url(empty)).code == Exit.OK
    done = shell("ledger", "check", server.url(empty))
    assert done.code == Exit.OK, done.err


@pytest.mark.parametrize(
    "before",
    [
        "CREATE SCHEMA station",
        "CREATE SCHEMA station; GRANT ALL ON SCHEMA station TO line4_owner",
        "CREATE SCHEMA station AUTHORIZATION line4_owner; CREATE TABLE station.recipes (name text)",
        "CREATE SCHEMA station AUTHORIZATION line4_owner; CREATE FUNCTION station.one() RETURNS int LANGUAGE sql"
        " AS 'SELECT 1'",
    ],
    ids=["somebody's", "somebody's, open", "with a table", "with a function"],
)
def test_a_schema_of_that_name_is_no_place_for_a_ledger(server: Server, empty: str, shell: Shell, before: str) -> None:
    """What would be made there was never what its steps make: its own check, and each later init, were an alarm."""
    server.execute(f"CREATE ROLE line4_owner; {before}", empty)
    try:
        done = shell("ledger", "init", server.url(empty), "--owner", "line4_owner", "--bench", "line4_bench")
        assert done.code == Exit.USAGE
        assert "has a schema station already, which is no ledger" in done.err and "another database" in done.err
    finally:
        server.execute("DROP SCHEMA station CASCADE", empty)
        server.execute("DROP ROLE line4_owner")


def test_an_empty_schema_of_the_owner_s_will_do(server: Server, empty: str, shell: Shell) -> None:
    server.execute("CREATE ROLE line5_owner; CREATE SCHEMA station AUTHORIZATION line5_owner", empty)
    for what in (("init", "--owner", "line5_owner"), ("check",)):
        done = shell("ledger", what[0], server.url(empty), *what[1:])
        assert done.code == Exit.OK, done.err


def test_a_ledger_of_another_owner_is_told_as_whose_it_is(server: Server, empty: str, shell: Shell) -> None:
    """Who brings a line up to date and forgets what its roles are called."""
    init = ("ledger", "init", server.url(empty))
    names = ("--owner", "line6_owner", "--bench", "line6_bench")
    assert shell(*init, *names).code == Exit.OK
    refused = shell(*init)
    assert (refused.code, "give --owner line6_owner" in refused.err) == (Exit.USAGE, True), refused.err
    assert shell(*init, *names).code == Exit.OK


def test_what_is_new_is_every_benchs(server: Server, database: str, connect: Connect, shell: Shell) -> None:
    """Two benches log in as two roles, and the ledger is brought up to date for one of them."""
    init = ("ledger", "init", server.url(database))
    assert shell(*init, "--bench", "bench_7").code == Exit.OK
    connect().execute("REVOKE ALL ON station.serials FROM bench_7")  # as a table that came later
    lacks = shell("ledger", "check", server.url(database))
    assert (lacks.code, "bench_7 lacks" in lacks.err, "URL --bench bench_7" in lacks.err) == (Exit.USAGE, True, True)
    assert shell(*init).code == Exit.OK
    assert shell("ledger", "check", server.url(database)).code == Exit.OK


@pytest.mark.parametrize("may", ["LOGIN", "SUPERUSER"])
def test_an_owner_that_somebody_may_log_in_as_is_told_and_refused(
    server: Server, empty: str, shell: Shell, may: str
) -> None:
    owner = f"owner_{may.lower()}"
    server.execute(f"CREATE ROLE {owner} {may}")
    init = ("ledger", "init", server.url(empty), "--owner", owner)
    refused = shell(*init)
    assert (refused.code, f"ALTER ROLE {owner} NOLOGIN" in " ".join(refused.err.split())) == (Exit.USAGE, True)
    server.execute(f"ALTER ROLE {owner} NOLOGIN NOSUPERUSER")
    assert shell(*init).code == Exit.OK
    server.execute(f"ALTER ROLE {owner} {may}")
    for user in ("admin", BENCH):
        told = shell("ledger", "check", server.url(empty, user))
        assert (told.code, f"as the role {owner}, which owns the ledger" in told.err) == (Exit.USAGE, True), told.err


@pytest.mark.parametrize("how", ["default", "by hand", "of a column"])
def test_another_s_right_to_change_the_ledger_is_told(server: Server, empty: str, shell: Shell, how: str) -> None:
    """Defaults of the owner's give it to each table that is made; who only looks is not told."""
    owner, name = f"owner_{how[0]}", f"Reports-{how[0]}"
    other = f'"{name}"'
    server.execute(f"CREATE ROLE {owner}; CREATE ROLE {other}")
    if how == "default":
        given = "SELECT, DELETE ON TABLES TO"
        server.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT {given} {other}", empty)
    assert shell("ledger", "init", server.url(empty), "--owner", owner).code == Exit.OK
    if how == "by hand":
        server.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA station TO {other}", empty)
        assert shell("ledger", "check", server.url(empty)).code == Exit.OK
        server.execute(f"GRANT DELETE ON station.locks TO {other}", empty)
    elif how == "of a column":
        server.execute(f"GRANT UPDATE (value) ON station.meta TO {other}", empty)
    for user in ("admin", BENCH):
        told = shell("ledger", "check", server.url(empty, user))
        assert told.code == Exit.USAGE
        assert f"the role {name} is no bench’s, and may change the ledger: it may" in told.err, told.err
    (statement,) = [part for part in " ".join(told.err.split()).split("runs there: ") if part.startswith("REVOKE")]
    server.execute(statement, empty)
    assert shell("ledger", "check", server.url(empty)).code == Exit.OK
    with psycopg.connect(server.url(empty)) as db:
        asked = "SELECT has_table_privilege(%s, 'station.audit', 'SELECT')"
        assert db.execute(asked, (name,)).fetchone() == (how != "of a column",)


def test_who_may_write_by_default_is_no_bench_for_that(server: Server, empty: str, shell: Shell) -> None:
    """And is told at each check, however often the ledger is brought up to date, until somebody decides."""
    server.execute('CREATE ROLE owner_8; CREATE ROLE "may-all"')
    server.execute('ALTER DEFAULT PRIVILEGES FOR ROLE owner_8 GRANT ALL ON TABLES TO "may-all"', empty)
    for _ in range(2):
        assert shell("ledger", "init", server.url(empty), "--owner", "owner_8").code == Exit.OK
        told = shell("ledger", "check", server.url(empty))
        assert (told.code, "may-all may more than a bench may" in told.err) == (Exit.USAGE, True), told.err
    (statement,) = [part for part in " ".join(told.err.split()).split("else: ") if part.startswith("REVOKE")]
    server.execute(statement, empty)
    assert shell("ledger", "check", server.url(empty)).code == Exit.OK


def test_a_role_that_may_not_is_told_what_it_takes(server: Server, empty: str, shell: Shell) -> None:
    server.execute("CREATE ROLE guest LOGIN")
    done = shell("ledger", "init", server.url(empty, "guest"), "--bench", "guest_bench")
    assert done.code == Exit.USAGE
    assert "E114" in done.err and "may make roles" in done.err
    assert shell("ledger", "init", server.url(empty), "--owner", "x", "--bench", "x").code == Exit.USAGE


def test_a_database_that_is_not_there_is_a_station_fault(server: Server, shell: Shell) -> None:
    done = shell("ledger", "check", server.url("nowhere"))
    assert done.code == Exit.STATION_FAULT
    assert "E320" in done.err and "nowhere" in done.err


def test_a_server_without_tls_that_the_url_wants_is_told_as_that(server: Server, empty: str, shell: Shell) -> None:
    wants = server.tcp_url(empty).replace("sslmode=disable", "sslmode=verify-full")
    done = shell("ledger", "check", wants)
    assert (done.code, "ssl = on" in done.err) == (Exit.STATION_FAULT, True), done.err


def test_a_password_is_taken_from_a_private_file_and_is_in_no_log(
    server: Server, empty: str, shell: Shell, tmp_path: Path
) -> None:
    server.execute("ALTER SYSTEM SET log_statement = 'all'")
    server.execute("SELECT pg_reload_conf()")
    file = tmp_path / "password"
    file.write_text("tr0mbone-Ω\n", "utf-8")
    file.chmod(0o644)
    given = ("ledger", "init", server.url(empty), "--bench-password-file", str(file))
    assert shell(*given).code == Exit.USAGE  # others may read it
    file.chmod(0o600)
    assert shell(*given).code == Exit.OK
    passfile = tmp_path / ".pgpass"
    passfile.write_text(f"127.0.0.1:{server.port}:{empty}:{BENCH}:tr0mbone-Ω\n", "utf-8")
    passfile.chmod(0o600)
    by_network = server.tcp_url(empty, BENCH)
    assert shell("ledger", "check", by_network).code == Exit.OK
    passfile.unlink()
    assert shell("ledger", "check", by_network).code == Exit.STATION_FAULT
    server.execute("ALTER SYSTEM RESET log_statement")
    server.execute("SELECT pg_reload_conf()")
    log = server.log.read_text("utf-8")
    assert "SCRAM-SHA-256$" in log and "tr0mbone" not in log


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://admin:tr0mbone@127.0.0.1/x",
        "postgresql://admin@127.0.0.1/x?password=tr0mbone",
        "postgresql://admin@127.0.0.1/x?sslpassword=tr0mbone",
        "postgresql://admin:tr0mbone@127.0.0.1:port/x?%",
        "host=127.0.0.1 password=tr0mbone",
        "mysql://admin:tr0mbone@127.0.0.1/x",
    ],
)
@pytest.mark.parametrize("what", ["init", "check"])
def test_a_password_in_the_url_is_refused_and_not_repeated(shell: Shell, what: str, url: str) -> None:
    done = shell("ledger", what, url)
    assert done.code == Exit.USAGE
    assert "tr0mbone" not in done.out + done.err


def test_a_password_in_the_environment_is_refused(server: Server, database: str, shell: Shell) -> None:
    shell.environment["PGPASSWORD"] = "tr0mbone"
    done = shell("ledger", "check", server.url(database))
    assert (done.code, "~/.pgpass" in done.err) == (Exit.USAGE, True)


def test_guards_that_were_changed_are_an_alarm(server: Server, database: str, connect: Connect, shell: Shell) -> None:
    connect().execute("ALTER TABLE audit DISABLE TRIGGER keep_audit")
    for user in ("admin", BENCH):
        done = shell("ledger", "check", server.url(database, user))
        assert done.code == Exit.INTEGRITY
        assert "E702" in done.err and "trigger audit.keep_audit differs" in done.err
    again = shell("ledger", "init", server.url(database))
    assert again.code == Exit.INTEGRITY  # and does not bless what it found


def test_a_change_that_was_written_down_as_made_is_found_by_the_administrator(
    server: Server, database: str, connect: Connect, shell: Shell
) -> None:
    from station.ledger.postgres import migrating

    with connect() as admin, admin.transaction():
        admin.execute("ALTER TABLE audit DISABLE TRIGGER keep_audit")
        migrating.record(admin)
    assert shell("ledger", "check", server.url(database, BENCH)).code == Exit.OK
    assert shell("ledger", "check", server.url(database)).code == Exit.INTEGRITY


def test_a_newer_station_s_ledger_is_told_and_left_alone(
    server: Server, database: str, connect: Connect, shell: Shell
) -> None:
    connect().execute("INSERT INTO steps VALUES ('9999_later', '', '9', 150000)")
    for what in ("check", "init"):
        done = shell("ledger", what, server.url(database))
        assert (done.code, "E119" in done.err) == (Exit.USAGE, True)


def test_a_server_that_loses_commits_is_refused(shell: Shell) -> None:
    server = Server(fsync="off", full_page_writes="off").start()
    try:
        server.execute("CREATE DATABASE line")
        done = shell("ledger", "init", server.url("line"))
        assert done.code == Exit.STATION_FAULT
        assert "E321" in done.err and "fsync" in done.err
        told = shell("ledger", "check", server.url("line"), "--json")
        assert [fault["code"] for fault in told.json[0]["faults"]] == ["E321", "E321", "E115"]
        assert told.code == Exit.STATION_FAULT
    finally:
        server.remove()


def test_a_role_whose_commits_are_not_waited_for_is_told(server: Server, database: str, shell: Shell) -> None:
    server.execute(f"ALTER ROLE {BENCH} IN DATABASE {database} SET synchronous_commit = off")
    done = shell("ledger", "check", server.url(database, BENCH))
    assert (done.code, "E321" in done.err) == (Exit.STATION_FAULT, True)
    assert shell("ledger", "init", server.url(database)).code == Exit.OK
    assert shell("ledger", "check", server.url(database, BENCH)).code == Exit.OK


def test_a_bench_s_commits_are_kept_whatever_the_server_s_default_is(
    server: Server, database: str, shell: Shell
) -> None:
    server.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
    assert shell("ledger", "check", server.url(database, BENCH)).code == Exit.OK


def test_a_database_that_cannot_hold_every_name_is_refused(server: Server, shell: Shell) -> None:
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    done = shell("ledger", "init", server.url("latin"))
    assert (done.code, "UTF8" in done.err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("address", "mode", "encrypted", "told"),
    [
        (None, "", False, ""),
        ("127.0.0.1", "disable", False, ""),
        ("::1", "disable", False, ""),
        ("192.168.7.2", "verify-full", True, ""),
        ("192.168.7.2", "prefer", False, "no TLS"),
        ("192.168.7.2", "require", True, "sslmode=require"),
        ("fe80::7", "verify-ca", True, "sslmode=verify-ca"),
        ("192.168.7.2", "verify-full", False, "no TLS"),
    ],
)
def test_a_connection_that_others_may_read_is_told(address: str | None, mode: str, encrypted: bool, told: str) -> None:
    found = list(readable((address,), mode=mode, encrypted=encrypted))
    assert [(one.code, told in one.what) for one in found] == ([(Code.E113, True)] if told else [])
    assert all(isinstance(one, errors.ConfigError) for one in found)


@pytest.mark.parametrize(
    ("goes_to", "told"), [("192.168.7.2", [Code.E113]), ("fe80::7%eth0", [Code.E113]), ("::1", [])]
)
def test_a_proxy_before_the_server_hides_no_network(
    server: Server, monkeypatch: pytest.MonkeyPatch, goes_to: str, told: list[Code]
) -> None:
    """The server sees the proxy alone, on its own PC."""
    with psycopg.connect(server.url()) as db:
        monkeypatch.setattr(psycopg.ConnectionInfo, "hostaddr", goes_to)
        assert [wrong.code for wrong in broken(db)] == told


def test_a_pooler_before_the_server_is_told(
    server: Server, database: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PgBouncer names a session of its own. In its mode "transaction" who was gone stayed at work for others."""
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", -1)
    done = shell("ledger", "check", server.url(database))
    assert (done.code, "a pooler" in done.err) == (Exit.USAGE, True)


def test_without_its_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from station.ledger import server as face

    monkeypatch.setattr(face, "find_spec", lambda name: None)
    with pytest.raises(errors.ConfigError, match="line") as caught:
        face.check("postgresql://x")
    assert caught.value.code is Code.E118
