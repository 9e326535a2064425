# SPDX-License-Identifier: GPL-3.0-or-later
"""A line's ledger on a real server: who lives, who writes, and what becomes of a step when the server or the way to it
goes in the middle of it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest

from station.codes import Code
from station.errors import ConfigError, LedgerFault, StationError
from station.ledger.postgres import at_once, connection, patience, sessions, work
from station.ledger.postgres.connection import LineConnection
from station.ledger.postgres.faults import unusable
from station.ledger.postgres.work import Work
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import IdentityKind, Secret, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.outbox.stays import stayed
from tests.postgres.server import Server

SINGLE = (["a1Camera"], IdentityKind.SINGLE)
KEY = secrets.token_bytes(32)


@pytest.fixture
def bench(server: Server, database: str, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Another bench on the same ledger, each time."""
    with ExitStack() as opened:

        def begin() -> Ledger:
            connection = LineConnection(server.url(database, BENCH), tmp_path / "line")
            return opened.enter_context(Ledger(connection, Vault(KEY), actor="bench"))

        yield begin


def cut(ledger: Ledger, server: Server, *, but_writer: bool = False) -> None:
    """The server ends this bench's connections, as a network that goes away would."""
    pids = [link.server().info.backend_pid for link in links(ledger)][but_writer:]
    server.end(*pids)


def links(ledger: Ledger) -> list[Any]:
    connection = ledger.book.connection
    assert isinstance(connection, LineConnection)
    return [connection._writing, connection._reading]


def test_two_benches_never_take_the_same_identity(bench: Callable[[], Ledger]) -> None:
    benches = [bench(), bench()]
    benches[0].receive(BATCH, [single(f"cam{n}") for n in range(30)])
    taken: list[int] = []

    def work(number: int) -> None:
        for n in range(15):
            claim = benches[number].reserve(*SINGLE, uid(100 * number + n), "1")
            benches[number].begin(claim.attempt)
            benches[number].consume(claim.attempt, evidence(claim))
            taken.append(claim.attempt.identity_id)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 30
    assert benches[0].stock.by_state()[State.CONSUMED] == 30
    assert benches[0].audit.verify() == benches[1].audit.head()


def test_what_a_living_bench_has_in_hand_stays_its_own(bench: Callable[[], Ledger]) -> None:
    one, other = bench(), bench()
    one.receive(BATCH, [single("cam1"), single("cam2")])
    one.reserve(*SINGLE, uid(1), "1")
    one.begin(one.reserve(*SINGLE, uid(2), "2").attempt)
    assert other.recover() == []
    assert other.stock.by_state()[State.RESERVED] == other.stock.by_state()[State.WRITING] == 1


def test_what_a_bench_had_that_is_gone_is_free_or_in_doubt(bench: Callable[[], Ledger]) -> None:
    one, other = bench(), bench()
    one.receive(BATCH, [single("cam1"), single("cam2")])
    one.reserve(*SINGLE, uid(1), "1")
    one.begin(one.reserve(*SINGLE, uid(2), "2").attempt)
    one.book.connection.close()  # as a bench whose power fails: nothing is said
    while not (doubtful := other.recover()):  # the server has yet to notice
        pass
    assert [known.board_uid for known in doubtful] == [uid(2)]
    assert other.stock.by_state()[State.READY] == other.stock.by_state()[State.IN_DOUBT] == 1
    assert not other.book.connection.others_work()


def test_a_bench_that_was_only_cut_off_finds_out_and_finishes_nothing(
    bench: Callable[[], Ledger], server: Server
) -> None:
    one, other = bench(), bench()
    one.receive(BATCH, [single("cam1")])
    claim = one.reserve(*SINGLE, uid(1), "1")
    one.begin(claim.attempt)
    cut(one, server)
    assert [known.board_uid for known in other.recover()] == [uid(1)]
    with pytest.raises(LedgerFault) as refused:
        one.consume(claim.attempt, evidence(claim))
    assert refused.value.code == Code.E323
    assert one.bound_to(uid(1)) == other.bound_to(uid(1))


def test_a_connection_that_was_cut_is_made_anew_and_its_session_lives(
    bench: Callable[[], Ledger], server: Server
) -> None:
    one, other = bench(), bench()
    one.receive(BATCH, [single("cam1")])
    claim = one.reserve(*SINGLE, uid(1), "1")
    cut(one, server)
    one.begin(claim.attempt)
    assert other.recover() == []
    one.consume(claim.attempt, evidence(claim))
    assert one.stock.by_state()[State.CONSUMED] == 1


def test_a_long_look_holds_no_claim_up_and_sees_one_moment(bench: Callable[[], Ledger]) -> None:
    one = bench()
    one.receive(BATCH, [single("cam1")])
    sql = "SELECT state FROM identities"
    with one.book.read() as db:
        before = db.execute(sql).fetchone()["state"]
        claimed = threading.Thread(target=lambda: one.reserve(*SINGLE, uid(1), "1"))
        claimed.start()
        claimed.join(30)
        assert not claimed.is_alive()
        assert db.execute(sql).fetchone()["state"] == before == "READY"
    assert one.stock.by_state()[State.RESERVED] == 1


def test_nothing_is_locked_while_a_board_is_written(bench: Callable[[], Ledger], server: Server, database: str) -> None:
    one = bench()
    one.receive(BATCH, [single("cam1")])
    one.begin(one.reserve(*SINGLE, uid(1), "1").attempt)
    with psycopg.connect(server.url(database)) as db:
        locks = db.execute(  # of benches: the server sweeps now and then by itself
            "SELECT l.locktype, l.objsubid FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.pid <> pg_backend_pid() AND a.backend_type = 'client backend' AND a.datname = current_database()"
        ).fetchall()
    assert set(locks) == {("advisory", 1)}  # who lives


def test_an_undone_step_leaves_nothing(bench: Callable[[], Ledger]) -> None:
    one = bench()
    one.receive(BATCH, [single("cam1")])
    head = one.audit.head()
    with pytest.raises(RuntimeError), one.book.write() as db:
        db.execute("UPDATE meta SET value = 'x'")
        raise RuntimeError
    assert one.audit.head() == head
    assert one.facts.get("key_id") == Vault(KEY).key_id()


def test_what_was_only_looked_at_leaves_no_gap_in_the_numbers_that_lines_prove(bench: Callable[[], Ledger]) -> None:
    one = bench()
    one.receive(BATCH, [single("cam1")])
    one.preview(BATCH, [single("cam2"), single("cam3")])
    one.receive(BATCH, [single("cam3")])
    assert one.audit.verify() == one.audit.head()


class Losing:
    """A server that is gone just before, or just after, it has kept a step."""

    def __init__(self, server: Server, *, kept: bool) -> None:
        self._server, self._kept = server, kept
        self.asked = 0

    def execute(self, work: Work, sql: str, values: Any = ()) -> Any:
        if not keeps(sql) or self.asked:
            return ORDINARY(work, sql, values)
        self.asked += 1
        if self._kept:
            ORDINARY(work, sql, values)
        self._server.end(work.server.info.backend_pid)
        return ORDINARY(work, "SELECT 1") if self._kept else ORDINARY(work, sql, values)


ORDINARY, COMMIT = Work.execute, Work.commit


def keeps(sql: str) -> bool:
    """What is kept once it has returned."""
    return sql in {"COMMIT", at_once.WRITE, at_once.CONSUME, at_once.STAY}


@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_whose_answer_was_lost_is_looked_up(
    bench: Callable[[], Ledger], server: Server, monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    one = bench()
    one.receive(BATCH, [single("cam1")])
    losing = Losing(server, kept=kept)
    monkeypatch.setattr(Work, "execute", lambda work, sql, values=(): losing.execute(work, sql, values))
    if kept:
        one.reserve(*SINGLE, uid(1), "1")
    else:
        with pytest.raises(LedgerFault, match="cannot be used now"):
            one.reserve(*SINGLE, uid(1), "1")
    assert losing.asked == 1
    assert one.stock.by_state()[State.RESERVED] == kept
    one.audit.verify()


def noted(ledger: Ledger) -> None:
    ledger.facts.set("note", "new", event="note")


def noted_without_a_line(ledger: Ledger) -> None:
    with ledger.book.write() as db:
        db.execute("UPDATE meta SET value = 'new' WHERE key = 'note'")


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("note", [noted, noted_without_a_line])
def test_so_is_what_is_no_step_of_a_board(
    bench: Callable[[], Ledger],
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    note: Callable[[Ledger], None],
    *,
    kept: bool,
) -> None:
    """By its line of the audit, or by its number where it wrote none."""
    one = bench()
    one.facts.set("note", "old", event="note")
    losing = Losing(server, kept=kept)
    monkeypatch.setattr(Work, "execute", lambda work, sql, values=(): losing.execute(work, sql, values))
    with nullcontext() if kept else pytest.raises(LedgerFault, match="cannot be used now"):
        note(one)
    assert losing.asked == 1
    assert one.facts.get("note") == ("new" if kept else "old")


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("step", [State.WRITING, State.CONSUMED])
def test_a_step_whose_answer_was_lost_is_looked_up_and_done_once(
    bench: Callable[[], Ledger], server: Server, monkeypatch: pytest.MonkeyPatch, step: State, *, kept: bool
) -> None:
    one = bench()
    one.receive(BATCH, [single("cam1")])
    losing = Losing(server, kept=kept)

    def lose(state: State) -> None:
        if state is step:
            monkeypatch.setattr(Work, "execute", lambda work, sql, values=(): losing.execute(work, sql, values))

    claim = one.reserve(*SINGLE, uid(1), "1")
    lose(State.WRITING)
    one.begin(claim.attempt)
    lose(State.CONSUMED)
    one.consume(claim.attempt, evidence(claim))
    assert losing.asked == 1
    assert claim.identity == single("cam1")
    assert one.stock.by_state()[State.CONSUMED] == 1
    assert [line.to_state for line in one.audit.history(uid=uid(1))] == ["RESERVED", "WRITING", "CONSUMED"]
    one.audit.verify()


@pytest.mark.parametrize("kept", [True, False])
def test_a_stay_whose_answer_was_lost_is_looked_up_and_kept_once(
    bench: Callable[[], Ledger], server: Server, monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    one = bench()
    stayed(one, 1)
    losing = Losing(server, kept=kept)
    monkeypatch.setattr(Work, "execute", lambda work, sql, values=(): losing.execute(work, sql, values))
    stayed(one, 1)
    assert losing.asked == 1
    assert len(one.visits.since(0)) == 2
    one.audit.verify()


def test_a_stay_is_kept_once_whatever_the_server_lost_of_it_when_its_power_went(
    bench: Callable[[], Ledger], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes no connections for a while."""
    one, connect, lost = bench(), work._connect, list[Work]()
    stayed(one, 1)

    def power_fails(of: Work, sql: str, values: Any = ()) -> Any:
        answer = ORDINARY(of, sql, values)
        if sql == at_once.STAY and not lost:
            lost.append(of)
            server.kill()
            answer = ORDINARY(of, "SELECT 1")
        return answer

    def refused(*where: Any) -> Any:
        try:
            return connect(*where)
        except psycopg.OperationalError:
            server.start()
            raise

    monkeypatch.setattr(Work, "execute", power_fails)
    monkeypatch.setattr(work, "_connect", refused)
    stayed(one, 2)
    assert lost
    assert [visit.board_uid for visit in one.visits.since(0)][-1:] == [uid(2)]
    assert len(one.visits.of_board(uid(2))) == 1
    one.audit.verify()


def test_when_nobody_can_be_asked_it_is_said_and_not_guessed(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "COMMIT_S", 0.3)
    ledger = Ledger(LineConnection(server.url(database, BENCH), tmp_path / "line"), Vault(KEY))
    ledger.receive(BATCH, [single("cam1")])

    def power_fails(work: Work, sql: str, values: Any = ()) -> Any:
        if keeps(sql):
            server.kill()
        return ORDINARY(work, sql, values)

    with monkeypatch.context() as patch, pytest.raises(LedgerFault) as fault:
        patch.setattr(Work, "execute", power_fails)
        ledger.reserve(*SINGLE, uid(1), "1")
    assert fault.value.code == Code.E329 and "nobody can say" in fault.value.means
    with pytest.raises(StationError, match="cannot be used now"):
        ledger.stock.by_state()
    server.start()
    assert ledger.stock.by_state()[State.READY] == 1
    ledger.audit.verify()
    ledger.close()


def test_another_s_transaction_with_the_number_of_a_lost_one_keeps_nothing(
    bench: Callable[[], Ledger], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power of the server fails before it wrote anything down of a step; then it gives the number out again."""
    one = bench()
    one.receive(BATCH, [single("cam1")])
    claim = one.reserve(*SINGLE, uid(1), "1")
    one.begin(claim.attempt)
    lost: list[Work] = []

    def power_fails(work: Work, sql: str, values: Any = ()) -> Any:
        if sql == "COMMIT" and not lost:
            lost.append(work)
            (number,) = ORDINARY(work, "SELECT pg_current_xact_id()::text::bigint AS number")
            server.kill()
            server.start()
            with psycopg.connect(server.url(), autocommit=True) as other:
                asked = "SELECT pg_current_xact_id()::text::bigint"
                while (given := other.execute(asked).fetchone()) and given[0] < number["number"]:
                    pass
        return ORDINARY(work, sql, values)

    with monkeypatch.context() as patch, pytest.raises(LedgerFault, match="cannot be used now"):
        patch.setattr(Work, "execute", power_fails)
        one.doubt(claim.attempt, Code.E203, "it fell silent")
    assert one.stock.by_state()[State.IN_DOUBT] == 0
    one.audit.verify()


def test_a_step_that_the_server_undid_is_not_told_as_kept(bench: Callable[[], Ledger]) -> None:
    one = bench()
    with pytest.raises(LedgerFault, match="undid") as undone, one.book.write() as db, pytest.raises(psycopg.Error):
        db.execute("SELECT 1 / 0")
    assert undone.value.code is Code.E320


def test_a_write_that_was_begun_and_nobody_could_say_so_is_in_doubt(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "COMMIT_S", 0.3)
    with Ledger(LineConnection(server.url(database, BENCH), tmp_path / "line"), Vault(KEY)) as ledger:
        ledger.receive(BATCH, [single("cam1")])
        claim = ledger.reserve(*SINGLE, uid(1), "1")

        def power_fails(work: Work, sql: str, values: Any = ()) -> Any:
            answer = ORDINARY(work, sql, values)
            if keeps(sql):
                server.kill()
                return ORDINARY(work, "SELECT 1")
            return answer

        with monkeypatch.context() as patch, pytest.raises(LedgerFault) as fault:
            patch.setattr(Work, "execute", power_fails)
            ledger.begin(claim.attempt)
        assert fault.value.code == Code.E329
        server.start()
        assert [known.board_uid for known in ledger.recover()] == [uid(1)]
        assert ledger.stock.by_state()[State.IN_DOUBT] == 1


def test_a_reservation_of_which_nobody_could_say_whether_it_was_kept_frees_itself(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bench goes on; it need not be started anew, nor the board come back."""
    monkeypatch.setattr(patience, "COMMIT_S", 0.3)
    with Ledger(LineConnection(server.url(database, BENCH), tmp_path / "line"), Vault(KEY)) as ledger:
        ledger.receive(BATCH, [single("cam1"), single("cam2")])
        in_hand = ledger.reserve(*SINGLE, uid(2), "2")

        def power_fails(work: Work, sql: str, values: Any = ()) -> Any:
            answer = ORDINARY(work, sql, values)
            if sql == "COMMIT":
                server.execute("CHECKPOINT")  # kept after all: no disk was waited for
                server.kill()
                return ORDINARY(work, "SELECT 1")
            return answer

        with monkeypatch.context() as patch, pytest.raises(LedgerFault) as fault:
            patch.setattr(Work, "execute", power_fails)
            ledger.reserve(*SINGLE, uid(1), "1")
        assert fault.value.code == Code.E329
        server.start()
        assert ledger.stock.by_state()[State.RESERVED] == 2
        with ThreadPoolExecutor(2) as slots:  # each may be the one that does it
            for asked in [slots.submit(ledger.recover, own=False) for _ in range(2)]:
                assert asked.result(60) == []
        assert ledger.stock.by_state()[State.RESERVED] == ledger.stock.by_state()[State.READY] == 1
        ledger.begin(in_hand.attempt)
        ledger.audit.verify()


def test_what_is_reserved_again_after_a_try_that_was_not_kept_stays_in_hand(
    bench: Callable[[], Ledger], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the number that the lost one would have had."""
    one = bench()
    one.receive(BATCH, [single("cam1")])
    losing = Losing(server, kept=False)
    with monkeypatch.context() as patch, pytest.raises(LedgerFault) as fault:
        patch.setattr(Work, "execute", lambda work, sql, values=(): losing.execute(work, sql, values))
        one.reserve(*SINGLE, uid(1), "1")
    assert fault.value.code == Code.E329
    claim = one.reserve(*SINGLE, uid(1), "1")
    assert one.recover(own=False) == []
    one.begin(claim.attempt)
    assert one.recover(own=False) == []
    one.consume(claim.attempt, evidence(claim))
    assert [line.to_state for line in one.audit.history(uid=uid(1))] == ["RESERVED", "WRITING", "CONSUMED"]


def test_a_commit_is_asked_for_until_the_connection_of_before_is_given_up() -> None:
    """Until then it may still be kept: whoever gives up earlier never learns of it."""
    noticed = max(patience.CUT_S, patience.ASKED["idle"] + patience.ASKED["interval"] * patience.ASKED["count"])
    assert noticed < patience.OLD_ONE_S < patience.COMMIT_S < patience.LOCKS_S < patience.ANSWER_S


@contextmanager
def session_held(ledger: Ledger, server: Server, database: str) -> Iterator[None]:
    """As a connection of before that was cut, and the server has yet to notice."""
    cut(ledger, server)
    with psycopg.connect(server.url(database), autocommit=True) as old:
        assert sessions.hold(old, ledger.book.connection.session)
        yield


def test_what_was_kept_is_not_told_as_failed_by_what_comes_after_it(
    bench: Callable[[], Ledger], server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "OLD_ONE_S", 0.2)
    one = bench()
    one.receive(BATCH, [single("cam1")])
    with ExitStack() as held:
        once = iter([True])

        def cut_once(db: Work) -> None:
            COMMIT(db)
            if next(once, False):
                held.enter_context(session_held(one, server, database))

        monkeypatch.setattr(Work, "commit", cut_once)
        monkeypatch.setattr(one.book.connection, "_pin_at", 0.0)
        claim = one.reserve(*SINGLE, uid(1), "1")
    assert one.bound_to(uid(1)) is not None and claim.attempt.board_uid == uid(1)


def test_a_connection_of_before_that_is_still_held_is_waited_out(
    bench: Callable[[], Ledger], server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "OLD_ONE_S", 0.2)
    one = bench()
    one.receive(BATCH, [single("cam1")])
    with session_held(one, server, database), pytest.raises(LedgerFault, match="still holds") as fault:
        one.reserve(*SINGLE, uid(1), "1")
    assert fault.value.code is Code.E329
    one.reserve(*SINGLE, uid(1), "1")


def test_who_falls_silent_in_a_write_loses_its_turn(
    bench: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_SILENT_S", 1)
    one, other = bench(), bench()
    with pytest.raises(LedgerFault) as given_up, one.book.write() as db:
        db.execute("UPDATE meta SET value = value")
        other.receive(BATCH, [single("cam1")])
        db.execute("SELECT 1")
    assert given_up.value.code is Code.E329
    one.reserve(*SINGLE, uid(1), "1")


@pytest.mark.own_database
def test_the_server_notices_a_cut_as_early_as_the_bench(server: Server, database: str, tmp_path: Path) -> None:
    server.execute(f"ALTER ROLE {BENCH} PASSWORD 'tr0mbone'")
    by_network = LineConnection(server.tcp_url(database, BENCH), tmp_path / "line", password=Secret("tr0mbone"))
    with Ledger(by_network, Vault(KEY)) as ledger:
        for link in links(ledger):
            asked = "SELECT name, setting FROM pg_settings WHERE name ~ '^tcp_(keepalives|user)'"
            found = {row["name"]: int(row["setting"]) for row in link.server().execute(asked)}
            assert found == {
                "tcp_keepalives_idle": 5,
                "tcp_keepalives_interval": 2,
                "tcp_keepalives_count": 3,
                "tcp_user_timeout": 10_000,
            }
    server.execute(f"ALTER ROLE {BENCH} PASSWORD NULL")


@pytest.mark.own_database
def test_what_another_had_locked_for_long_is_waited_out(
    bench: Callable[[], Ledger], server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a table that an administrator packs anew: the board stays in its slot."""
    monkeypatch.setattr(patience, "LOCKS_S", 0.1)
    one = bench()
    one.receive(BATCH, [single("cam1")])
    with psycopg.connect(server.url(database)) as packing, pytest.raises(LedgerFault) as locked:
        packing.execute("LOCK TABLE station.audit IN ACCESS EXCLUSIVE MODE")
        one.reserve(*SINGLE, uid(1), "1")
    assert locked.value.code is Code.E329
    one.begin(one.reserve(*SINGLE, uid(1), "1").attempt)


@pytest.mark.parametrize("ended", [psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected])
def test_so_is_what_somebody_ended(ended: type[psycopg.Error]) -> None:
    assert unusable(ended()).code is Code.E329


@pytest.mark.own_database
def test_a_server_that_may_lose_what_it_committed_is_refused(server: Server, database: str, tmp_path: Path) -> None:
    server.execute(f"ALTER ROLE {BENCH} IN DATABASE {database} SET synchronous_commit = off")
    with pytest.raises(LedgerFault) as refused:
        LineConnection(server.url(database, BENCH), tmp_path / "line")
    assert refused.value.code == Code.E321


def test_a_database_without_a_ledger_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(StationError, match="no ledger") as refused:
        LineConnection(server.url(), tmp_path / "line")
    assert refused.value.code == Code.E115


@pytest.mark.own_database
def test_what_a_newer_station_changed_meanwhile_is_no_damage(
    bench: Callable[[], Ledger], server: Server, database: str
) -> None:
    """Who was told of damage would restore a backup, and lose what the line has done since."""
    one = bench()
    one.receive(BATCH, [single("cam1")])
    claim = one.reserve(*SINGLE, uid(1), "1")
    server.execute("INSERT INTO station.steps VALUES ('9999_later', '', '9', 150000)", database)
    server.execute("DROP FUNCTION station.write_at_once", database)
    server.execute("ALTER TABLE station.meta RENAME value TO content", database)
    with pytest.raises(ConfigError, match="a newer station") as told:
        one.begin(claim.attempt)
    assert told.value.code is Code.E119
    with pytest.raises(ConfigError, match="a newer station"):
        one.facts.get("note")
    cut(one, server)
    with pytest.raises(ConfigError, match="a newer station"):
        one.release(claim.attempt, "no reason")


def test_a_password_where_others_see_it_is_refused(server: Server, database: str, tmp_path: Path) -> None:
    with pytest.raises(StationError) as refused:
        LineConnection(f"postgresql://{BENCH}:hunter2@127.0.0.1:{server.port}/{database}", tmp_path / "line")
    assert refused.value.code == Code.E114 and "hunter2" not in str(refused.value)


@pytest.mark.own_database  # its connections end
@pytest.mark.parametrize("which", ["read", "write"])
def test_what_another_thread_asks_is_waited_for_before_the_connection_goes(
    server: Server, database: str, tmp_path: Path, which: str
) -> None:
    """Taken away below it, libpq would take the process along."""
    line = LineConnection(server.url(database, BENCH), tmp_path / "line")
    asks, answered = threading.Event(), threading.Event()

    def ask() -> None:
        with getattr(line, which)() as db:
            asks.set()
            db.execute("SELECT pg_sleep(0.3)")
            answered.set()

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        assert asks.wait(60)
        line.close()
        assert answered.is_set()
        asked.result(60)
