# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual steps of a board as one call each to the server: they leave what the statements one by one leave, byte by
byte, and do nothing where anything is out of the ordinary.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.errors import IntegrityAlarm, NeedsPerson, NoCertificates
from station.ledger.postgres import at_once
from station.ledger.postgres.connection import LineConnection
from station.ledger.postgres.work import Work
from station.ledger.scan_backs import SCAN_BACK
from station.ledger.server import BENCH, OWNER
from station.ledger.store import Ledger
from station.ledger.values import Takes, VisitRow, WorkOrder
from station.model import Identity, IdentityKind, Secret, State
from station.rules import Outcome
from station.secrets.vault import Vault
from station.visiting import VISIT as VISIT_ID
from station.visiting import visiting
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid
from tests.postgres.server import Server
from tests.waiting import until

SINGLE = (["a1Camera"], IdentityKind.SINGLE)
CALLS = {at_once.RESERVE: "reserve", at_once.WRITE: "write", at_once.CONSUME: "consume", at_once.STAY: "stay"}
NEVER_PLANNED = ("enable_seqscan", "enable_sort", "enable_bitmapscan", "jit")
VISIT = "3f9a0c12be77d001"
UGLY = 'Zoë "O\\\\\'Neill"\t\x01\x7f\u2028 工位'


@pytest.fixture
def ledger(server: Server, database: str, tmp_path: Path) -> Iterator[Ledger]:
    connection = LineConnection(server.url(database, BENCH), tmp_path / "line")
    with Ledger(connection, Vault(bytes(32)), actor=UGLY) as one:
        one.receive(BATCH, [single("cam1"), single("cam2")])
        yield one


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the steps send, by the names of the calls."""
    asked: list[str] = []
    ordinary = Work.execute

    def execute(work: Work, sql: str, values: Any = ()) -> Any:
        asked.append(CALLS.get(sql, sql.split(maxsplit=1)[0]))
        return ordinary(work, sql, values)

    monkeypatch.setattr(Work, "execute", execute)
    return asked


def flash(ledger: Ledger, board: int, slot: str = "1", *, key: Secret | None = None) -> None:
    with visiting(VISIT):
        claim = ledger.reserve(*SINGLE, uid(board), slot)
        ledger.begin(claim.attempt, board_key=key)
        ledger.consume(claim.attempt, evidence(claim))


def stay(board: int | None, **fields: Any) -> VisitRow:
    """One with something in each of its columns, or with nothing where that may be."""
    usual = {"at": 1767225600.123456, "slot": UGLY, "outcome": Outcome.FAIL, "code": Code.E201, "what": UGLY}
    known = {"identity_id": 1, "attempt": 1} if board is not None else {}
    more = {"seconds": 0.1 + 0.2, "operator": UGLY, "details": {"chip": UGLY, VISIT_ID: VISIT}}
    return VisitRow(**{**usual, **known, **more, "board_uid": uid(board) if board is not None else None, **fields})


def left_of(ledger: Ledger, board: int) -> tuple[list[object], ...]:
    """The rows of a board and its lines, but for their numbers, moments, and what differs by the certificate."""
    own = ("id", "seq", "at", "changed_at", "identity", "previous", "hash", "board_uid", "uid_after")
    told = ("expected", "found", "names", "uid_after")
    asked = (
        "SELECT * FROM identities WHERE board_uid = ?",
        "SELECT c.secret, c.product_secret FROM certificates c JOIN identities i ON i.id = c.identity"
        " WHERE i.board_uid = ?",
        "SELECT * FROM audit WHERE board_uid = ? ORDER BY seq",
    )
    found: list[list[object]] = []
    with ledger.book.read() as db:
        for sql in asked:
            rows = [dict(zip(row.keys(), row, strict=True)) for row in db.execute(sql, (uid(board),))]
            for row in rows:
                for name in own:
                    row.pop(name, None)
                if isinstance(row.get("expected"), str):
                    row |= {"expected": len(row["expected"]), "found": len(row["found"])}
                if "detail" in row:
                    detail = json.loads(row["detail"])
                    in_order = json.dumps(detail, sort_keys=True, ensure_ascii=False) == row["detail"]
                    proof = {key: len(value) for key, value in detail.get("proof", {}).items() if key in told}
                    row |= {"detail": detail | {"proof": proof}, "in order": in_order}
            found.append([*rows])
    return tuple(found)


def test_a_board_is_three_calls(ledger: Ledger, sent: list[str]) -> None:
    flash(ledger, 1)
    assert sent == ["reserve", "COMMIT", "write", "consume"]


def test_so_it_is_where_the_board_has_a_key_and_its_stay_is_one_more(ledger: Ledger, sent: list[str]) -> None:
    """What is sealed is read before, beside nothing that is locked."""
    key = Secret("k" * 32)
    flash(ledger, 1, key=key)
    assert sent == ["reserve", "COMMIT", "SELECT", "SELECT", "write", "consume"]
    assert ledger.board_key(1) == key
    sent.clear()
    assert ledger.visits.record(stay(1)) == 1
    assert sent == ["stay"]


STAYS = (
    stay(1),
    stay(None, slot="1", outcome=Outcome.PASS, code=None, what="", operator="", details={}),
    stay(1, seconds=1e-7, at=1.0, details={"a": "1"}),
)


@pytest.mark.parametrize("told", STAYS)
def test_a_stay_leaves_what_its_statements_leave(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, told: VisitRow
) -> None:
    flash(ledger, 1)
    ledger.visits.record(told)
    monkeypatch.setattr(ledger.book.connection, "at_once", None)
    ledger.visits.record(told)
    called, by_statements = stays_left(ledger)
    assert called == by_statements
    assert ledger.audit.verify() == ledger.audit.head()


def stays_left(ledger: Ledger) -> list[tuple[dict[str, object], dict[str, object]]]:
    """Each with its line, but for numbers, moments and what follows from them."""
    with ledger.book.read() as db:
        rows = [_but(row, "id") for row in db.execute("SELECT * FROM visits ORDER BY id")]
        lines = [
            _but(row, "seq", "at", "previous", "hash")
            for row in db.execute("SELECT * FROM audit WHERE event = 'visit' ORDER BY seq")
        ]
    for number, line in enumerate(lines, start=1):
        detail = json.loads(str(line["detail"]))
        assert json.dumps(detail, sort_keys=True, ensure_ascii=False) == line["detail"]
        assert (detail["proof"].pop("visit"), len(detail["proof"].pop("digest"))) == (number, 64)
        line["detail"] = detail
    return list(zip(rows, lines, strict=True))


def _but(row: Any, *names: str) -> dict[str, object]:
    return {name: value for name, value in zip(row.keys(), row, strict=True) if name not in names}


def test_a_stay_that_owes_a_scan_is_kept_with_what_it_owes(ledger: Ledger, sent: list[str]) -> None:
    flash(ledger, 1)
    sent.clear()
    ledger.visits.record(stay(1, slot="1", outcome=Outcome.PASS, code=None, details={SCAN_BACK: "1"}))
    assert "stay" not in sent and "COMMIT" in sent
    assert ledger.scan_backs.owed("1") == 1


def test_a_stay_in_a_rehearsal_is_not_kept(ledger: Ledger, sent: list[str]) -> None:
    ledger.rehearse()
    ledger.visits.record(stay(1))
    assert len(ledger.visits.since(0)) == 1
    ledger.book.end_rehearsal()
    assert (ledger.visits.since(0), "stay" in sent) == ([], False)


def test_of_one_batch_and_for_a_work_order_it_is_one_call_too(ledger: Ledger, sent: list[str]) -> None:
    """What came with another batch, and came first, is passed over; what is taken is in its order."""
    later = replace(BATCH, batch_id="later")
    ledger.receive(later, [single("cam3"), single("cam4")])
    with ledger.book.read() as db:
        (number,) = [row["id"] for row in db.execute("SELECT id FROM batches WHERE batch_id = 'later'")]
    sent.clear()
    order = WorkOrder(reference="WO-1", quantity=1)
    claim = ledger.reserve(*SINGLE, uid(1), "1", takes=Takes(batches=(number,)), order=order)
    assert sent == ["reserve", "COMMIT"]
    assert claim.identity.primary.device_name == "cam3"
    assert ledger.work_orders.boards("WO-1") == 1
    with pytest.raises(NeedsPerson) as full:
        ledger.reserve(*SINGLE, uid(2), "1", order=order)
    assert full.value.code is Code.E640
    ledger.release(claim.attempt, "not there")
    assert ledger.reserve(*SINGLE, uid(2), "1", order=order).identity.primary.device_name == "cam1"
    assert sent[-2:] == ["reserve", "COMMIT"]


def test_two_benches_count_an_order_s_boards_one_by_one(
    ledger: Ledger, server: Server, database: str, tmp_path: Path
) -> None:
    """The second waits for what the first is about to keep, and finds the order full."""
    order, took = WorkOrder(reference="WO-1", quantity=1), list[object]()

    def take() -> None:
        try:
            took.append(other.reserve(*SINGLE, uid(2), "1", order=order))
        except NeedsPerson as full:
            took.append(full.code)

    with Ledger(LineConnection(server.url(database, BENCH), tmp_path / "other"), Vault(bytes(32))) as other:
        calls, wanted = ledger.book.connection.at_once, (*SINGLE, Takes(), order)
        assert calls is not None
        second = Thread(target=take)
        with calls.reserve("1", wanted, (uid(1), "1"), lambda: None):
            second.start()
            waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            with psycopg.connect(server.url(database), autocommit=True) as db:
                until(lambda: db.execute(waits).fetchone() is not None)
        second.join()
    assert took == [Code.E640]


def test_they_leave_what_the_statements_one_by_one_leave(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    flash(ledger, 1, UGLY)
    monkeypatch.setattr(ledger.book.connection, "at_once", None)
    flash(ledger, 2, UGLY)
    called, by_statements = left_of(ledger, 1), left_of(ledger, 2)
    assert called == by_statements
    assert [len(rows) for rows in called] == [1, 1, 3]
    with ledger.book.read() as db:
        details = [
            json.loads(row["detail"]) for row in db.execute("SELECT detail FROM audit WHERE board_uid = ?", (uid(1),))
        ]
    assert [detail["visit"] for detail in details] == [VISIT] * 3
    assert ledger.audit.verify() == ledger.audit.head()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_is_hashed_as_a_bench_writes_it(server: Server, text: str) -> None:
    with psycopg.connect(server.url()) as db:
        found = db.execute("SELECT to_json(%s::text)::text", (text,)).fetchone()
    assert found == (json.dumps(text, ensure_ascii=False),)


def test_what_must_stop_a_step_is_asked_once_the_server_was_reached(ledger: Ledger, server: Server) -> None:
    """It may be another one that answers."""
    connection = ledger.book.connection
    assert isinstance(connection, LineConnection)
    claim = ledger.reserve(*SINGLE, uid(1), "1")
    reached, asked = connection.joins, list[int]()
    server.end(connection._writing.server().info.backend_pid)
    still = lambda: asked.append(connection.joins)  # noqa: E731
    assert connection.at_once.write("1", claim.attempt, still, lambda _: None) is not None
    assert asked == [reached + 1]


def test_secrets_stay_where_they_are_kept_by_policy(server: Server, database: str, tmp_path: Path) -> None:
    connection = LineConnection(server.url(database, BENCH), tmp_path / "line")
    with Ledger(connection, Vault(bytes(32)), keep_secrets=True) as keeping:
        keeping.receive(BATCH, [single("cam1")])
        flash(keeping, 1)
        assert keeping.identity(1) == single("cam1")


@pytest.mark.own_database
def test_what_does_not_open_is_not_taken(ledger: Ledger, server: Server, database: str) -> None:
    """Its sealed secret was moved to it from another row."""
    server.execute(
        "SET search_path = station; ALTER TABLE certificates DISABLE TRIGGER USER;"
        " UPDATE certificates SET secret = (SELECT secret FROM certificates WHERE identity = 2) WHERE identity = 1",
        database,
    )
    head = ledger.audit.head()
    with pytest.raises(IntegrityAlarm) as alarm:
        ledger.reserve(*SINGLE, uid(1), "1")
    assert alarm.value.code is Code.E703
    assert ledger.audit.head() == head
    assert ledger.stock.by_state()[State.READY] == 2


def test_a_lock_that_another_bench_raised_stops_the_next_step(ledger: Ledger, sent: list[str]) -> None:
    claim = ledger.reserve(*SINGLE, uid(1), "1")
    ledger.locks.lock("", Code.E701, "a clone")
    sent.clear()
    for step in (lambda: ledger.reserve(*SINGLE, uid(2), "1"), lambda: ledger.begin(claim.attempt)):
        with pytest.raises(NeedsPerson) as refused:
            step()
        assert refused.value.code is Code.E614
    assert {"reserve", "write"} < set(sent)
    assert ledger.stock.by_state()[State.WRITING] == 0


@pytest.mark.own_database
def test_where_a_role_is_told_of_commits_too_early_a_bench_asks_whether_it_is_its_own(
    ledger: Ledger, sent: list[str], server: Server, database: str
) -> None:
    flash(ledger, 1)
    server.execute(f"ALTER ROLE {OWNER} IN DATABASE {database} SET synchronous_commit = off")
    sent.clear()
    flash(ledger, 2)
    assert sent[0] == "reserve" and "UPDATE" in sent[1 : sent.index("write")]
    assert ledger.stock.by_state()[State.CONSUMED] == 2


def test_what_lacks_a_product_secret_is_passed_over(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam3", product_secret=Secret("ps"))])
    takes = Takes(product_secret=True)
    assert ledger.reserve(*SINGLE, uid(1), "1", takes=takes).identity.primary.device_name == "cam3"


def test_a_whole_set_goes_statement_by_statement_from_writing_on(ledger: Ledger, sent: list[str]) -> None:
    """What its lines prove is a digest over all its names."""
    ledger.receive(BATCH, [nvr_set("nvr1", 2)])
    sent.clear()
    claim = ledger.reserve(["a1Nvr"], IdentityKind.SET, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.audit.verify()  # before what is consumed tells it once more
    ledger.consume(claim.attempt, evidence(claim))
    assert [call for call in sent if call in CALLS.values()] == ["reserve", "write", "consume"] and "UPDATE" in sent
    assert len(claim.identity.channels) == 2
    ledger.audit.verify()


def test_what_came_into_dispute_since_it_was_reserved_is_not_begun(ledger: Ledger, sent: list[str]) -> None:
    claim = ledger.reserve(*SINGLE, uid(1), "1")
    another = Identity(primary=replace(claim.identity.primary, device_secret=Secret("another")))
    assert ledger.receive(replace(BATCH, batch_id="4712", source="whole.csv"), [another]).conflicts
    with pytest.raises(NeedsPerson, match="disagree"):
        ledger.begin(claim.attempt)
    assert "write" in sent and ledger.stock.by_state()[State.WRITING] == 0


def test_an_nvr_one_of_whose_cameras_was_retired_since_is_not_begun(ledger: Ledger, sent: list[str]) -> None:
    ledger.receive(BATCH, [nvr_set("nvr1", 1)])
    camera = ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1")
    ledger.begin(camera.attempt)
    ledger.consume(camera.attempt, evidence(camera))
    nvr = ledger.reserve(["a1Nvr"], IdentityKind.MEMBER, uid(2), "1")
    ledger.retire(camera.identity.name, "scrap: burnt board", by="Li Wei")
    with pytest.raises(NoCertificates, match="waits for 1 camera"):
        ledger.begin(nvr.attempt)
    assert "write" in sent and ledger.stock.by_state()[State.WRITING] == 0


def test_a_session_plans_no_walk_through_a_table(ledger: Ledger) -> None:
    """Planned while a ledger was small, it would be kept while it grows."""
    with ledger.book.write() as db:
        shown = [db.execute(f"SHOW {name}").fetchone()[0] for name in NEVER_PLANNED]
    assert shown == ["off"] * len(NEVER_PLANNED)


@pytest.mark.own_database  # what others left in one would be counted when it is planned
def test_they_find_their_rows_by_an_index(connect: Callable[..., psycopg.Connection]) -> None:
    """The foot of a chain is not looked for in those of all benches."""
    db = connect()
    db.execute("SET enable_seqscan = off")
    sql = (
        "SELECT chain, hash FROM audit WHERE chain <> '' AND (chain, seq) <= ('b', 9) ORDER BY chain DESC, seq DESC"
        " LIMIT 1"
    )
    plan = "\n".join(row[0] for row in db.execute(f"EXPLAIN {sql}".encode()))
    assert "Index Scan Backward using audit_of_chain" in plan and "Index Cond" in plan and "Sort" not in plan
