# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose promises change while benches are connected: asked before each board, not once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.postgres.address import connected
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.ledger.succession import WAITED
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, single, uid
from tests.outbox.stays import stayed
from tests.postgres.server import Server
from tests.waiting import until

SINGLE = (["a1Camera"], IdentityKind.SINGLE)


@pytest.fixture
def bench(server: Server, database: str, tmp_path: Path) -> Iterator[Ledger]:
    connection = LineConnection(server.url(database, BENCH), tmp_path / "line")
    with Ledger(connection, Vault(secrets.token_bytes(32))) as ledger:
        ledger.receive(BATCH, [single(f"cam{n}") for n in range(3)])
        assert ledger.stock.by_state()[State.READY] == 3  # both its connections are there before anything changes
        yield ledger


@pytest.fixture
def told(server: Server, bench: Ledger) -> Iterator[Callable[[str, str], None]]:
    """The server's configuration is changed under the bench, and read anew."""

    def tell(name: str, value: str) -> None:
        server.execute(f"ALTER SYSTEM SET {name} = '{value}'" if value else f"ALTER SYSTEM RESET {name}")
        server.execute("SELECT pg_reload_conf()")
        until(lambda: setting(bench, name) == (value or DEFAULTS[name]))

    yield tell
    for name in DEFAULTS:
        tell(name, "")


DEFAULTS = {"fsync": "on", "full_page_writes": "on", "synchronous_standby_names": ""}


def setting(bench: Ledger, name: str) -> str:
    """As the connection that writes has it."""
    connection = bench.book.connection
    assert isinstance(connection, LineConnection)
    (row,) = connection._writing.server().execute("SELECT current_setting(%s) AS value", (name,))
    return str(row["value"])


def refused(bench: Ledger) -> LedgerFault:
    with pytest.raises(LedgerFault) as fault:
        bench.reserve(*SINGLE, uid(1), "1")
    assert bench.stock.by_state()[State.READY] == 3
    return fault.value


@pytest.mark.parametrize("promise", ["fsync", "full_page_writes"])
def test_no_board_is_begun_on_a_server_that_was_told_to_lose_commits(
    bench: Ledger, told: Callable[[str, str], None], promise: str
) -> None:
    told(promise, "off")
    for _ in range(2):
        assert (fault := refused(bench)).code is Code.E321 and promise in fault.what
    told(promise, "on")
    bench.reserve(*SINGLE, uid(1), "1")


def test_no_board_is_begun_on_a_connection_whose_commits_are_told_too_early(bench: Ledger) -> None:
    connection = bench.book.connection
    assert isinstance(connection, LineConnection)
    claim = bench.reserve(*SINGLE, uid(9), "1")
    connection._writing.server().execute("SET synchronous_commit = off")
    with pytest.raises(LedgerFault) as fault:
        bench.begin(claim.attempt)
    assert fault.value.code is Code.E321 and "synchronous_commit" in fault.value.what
    connection._writing.server().execute("SET synchronous_commit = on")
    bench.begin(claim.attempt)


@pytest.mark.parametrize("whose", ["DATABASE {database}", f"ROLE {BENCH} IN DATABASE {{database}}"])
@pytest.mark.parametrize("value", ["off", "'No'"])
def test_a_role_that_is_told_to_lose_commits_while_it_is_connected_begins_no_board(
    bench: Ledger, server: Server, database: str, whose: str, value: str
) -> None:
    """Who is connected would hear of it at the next connection only: after the first cut, with boards in hand. The
    server keeps a value as it was spelt."""
    whose = whose.format(database=database)
    own = f"ALTER ROLE {BENCH} IN DATABASE {database}"
    claim = bench.reserve(*SINGLE, uid(9), "1")
    server.execute(f"{own} RESET synchronous_commit")  # the setup's, which would come before the database's
    server.execute(f"ALTER {whose} SET synchronous_commit = {value}")
    for _ in range(2):
        with pytest.raises(LedgerFault, match="synchronous_commit was switched off") as fault:
            bench.reserve(*SINGLE, uid(1), "2")
        assert fault.value.code is Code.E321
    server.execute(f"{own} SET synchronous_commit = on")
    bench.reserve(*SINGLE, uid(1), "2")
    bench.begin(claim.attempt)


def test_whether_a_standby_is_waited_for_is_asked_when_it_matters(
    bench: Ledger, told: Callable[[str, str], None]
) -> None:
    """Also where nobody waits any more: a standby that takes the place then is not to be believed."""
    connection = bench.book.connection
    joins = connection.joins
    told("synchronous_standby_names", "*")
    assert refused(bench).code is Code.E329 and connection.joins == joins + 1
    assert connection.history.endswith(WAITED)
    told("synchronous_standby_names", "")
    assert refused(bench).code is Code.E329 and connection.joins == joins + 2
    assert not connection.history.endswith(WAITED)
    bench.reserve(*SINGLE, uid(1), "1")


def waiting_for_a_standby(server: Server) -> set[int]:
    with psycopg.connect(server.url()) as db:
        return {pid for (pid,) in db.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")}


@pytest.mark.parametrize("ended_by", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_commit_whose_wait_for_a_standby_is_ended_by_hand_is_not_yet_kept(
    bench: Ledger, server: Server, database: str, told: Callable[[str, str], None], ended_by: str
) -> None:
    """It stands in this server and is seen by all; the standby that is promoted would have READY what a board has."""
    connection = bench.book.connection
    assert isinstance(connection, LineConnection)
    server.execute(f"ALTER DATABASE {database} SET client_min_messages = error")
    told("synchronous_standby_names", "nobody")
    connection._writing.close()
    claim = bench.reserve(*SINGLE, uid(1), "1")
    with ThreadPoolExecutor(1) as thread:
        begun = thread.submit(bench.begin, claim.attempt)
        until(lambda: waiting_for_a_standby(server))
        (first,) = waiting_for_a_standby(server)
        server.execute(f"SELECT {ended_by}({first})")
        until(lambda: begun.done() or waiting_for_a_standby(server) - {first})
        too_early = begun.done()
        server.execute("ALTER SYSTEM RESET synchronous_standby_names")
        server.execute("SELECT pg_reload_conf()")
        begun.result()
    assert not too_early
    assert bench.stock.by_state()[State.WRITING] == 1


def test_the_log_tells_of_no_stay_that_a_standby_may_lack(bench: Ledger, told: Callable[[str, str], None]) -> None:
    """The one that is promoted would have its number for another line."""
    stayed(bench, 1)
    told("synchronous_standby_names", "nobody")
    assert "visit" not in [line.event for line in bench.audit.log()]
    told("synchronous_standby_names", "")
    assert [line.event for line in bench.audit.log()][-1] == "visit"


def test_what_a_database_is_set_to_for_other_programs_is_no_matter_to_a_bench(
    server: Server, database: str, tmp_path: Path
) -> None:
    """A bench whose board takes longer than an idle session may was taken for one that is gone; names of the schema in
    quotes were an alarm."""
    with psycopg.connect(server.url()) as db:
        known = "SELECT name FROM pg_settings WHERE name ~ '^(statement|transaction|idle_.*session)_timeout$'"
        limits = [name for (name,) in db.execute(known)]
    others = {"quote_all_identifiers": "on", "client_encoding": "latin1"}
    for name, value in (dict.fromkeys(limits, "1h") | others).items():
        server.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")
    connection = LineConnection(server.url(database, BENCH), tmp_path / "line")
    with Ledger(connection, Vault(bytes(32)), actor="烧录站") as bench:
        assert bench.audit.guards_changed() == ""
        bench.facts.set("note", "烧", event="note")
        assert bench.facts.get("note") == "烧"
        with bench.book.read() as look:
            told = "SELECT current_setting(?) AS value"
            looked = [look.execute(told, (name,)).fetchone()["value"] for name in limits]
        assert set(looked) == {"0"}
        silent = "idle_in_transaction_session_timeout"
        assert {name: setting(bench, name) for name in limits} == dict.fromkeys(limits, "0") | {silent: "1min"}
    with connected(server.url(database)) as admin:
        assert admin.execute("SELECT current_setting('statement_timeout')").fetchone() == ("0",)
