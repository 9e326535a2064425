# SPDX-License-Identifier: GPL-3.0-or-later
"""Many benches that claim at once: each identity once, none waits for another one's commit, none is passed over for
good.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from station.errors import NoCertificates
from station.ledger import audit, claiming, reserving
from station.ledger.audit import LINE
from station.ledger.believed import Begins
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid
from tests.postgres.server import Server
from tests.sampled import WHOLE
from tests.waiting import until

SINGLE = (["a1Camera"], IdentityKind.SINGLE)
TAKES = Takes()
MANY = 32 if WHOLE else 12


@pytest.fixture
def bench(server: Server, database: str, tmp_path: Path) -> Iterator[Callable[[int], Ledger]]:
    """The bench of this number."""
    key = secrets.token_bytes(32)
    with ExitStack() as opened:

        def begin(number: int) -> Ledger:
            connection = LineConnection(server.url(database, BENCH), tmp_path / str(number) / "line")
            return opened.enter_context(Ledger(connection, Vault(key), actor=f"bench-{number}"))

        yield begin


def test_many_benches_at_once_take_each_identity_once(bench: Callable[[int], Ledger]) -> None:
    """Cameras, and NVRs with their cameras on one board."""
    benches = [bench(number) for number in range(MANY)]
    benches[0].receive(BATCH, [single(f"cam{n}") for n in range(2 * MANY)])
    benches[0].receive(BATCH, [nvr_set(f"nvr{n}", 2) for n in range(MANY)])
    start = threading.Barrier(MANY)
    kinds = [SINGLE, SINGLE, (["a1Nvr"], IdentityKind.SET)]

    def work(number: int) -> list[int]:
        taken = []
        start.wait(60)
        for n, (products, kind) in enumerate(kinds):
            ledger = benches[number]
            claim = ledger.reserve(products, kind, uid(100 * number + n), "1", takes=Takes(channels=(0, 9)))
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
            taken.append(claim.attempt.identity_id)
        return taken

    with ThreadPoolExecutor(MANY) as pool:
        taken = [identity for each in pool.map(work, range(MANY)) for identity in each]
    assert len(taken) == len(set(taken)) == 3 * MANY
    assert benches[0].stock.by_state()[State.CONSUMED] == 2 * MANY + 3 * MANY
    assert not benches[0].has_stock(*SINGLE)
    benches[0].audit.verify()


def test_a_line_that_was_begun_earlier_and_ends_later_is_not_passed_over(
    bench: Callable[[int], Ledger], server: Server, database: str
) -> None:
    """By whoever goes on behind the last number that the log told."""
    one, other = bench(1), bench(2)
    one.receive(BATCH, [single("cam1")])
    with ThreadPoolExecutor(1) as pool:
        with one.book.write(beside=True) as db:
            audit.append(db, "noted", actor="one")
            other.begin(other.reserve(*SINGLE, uid(2), "1").attempt)
            asked = pool.submit(lambda: list(other.audit.log()))
            until(lambda: asked.done() or _waits(server.url(database)))
        told = asked.result()
    assert told + list(other.audit.log(after=told[-1].seq)) == list(other.audit.log())


def _waits(url: str) -> bool:
    with psycopg.connect(url) as db:
        return db.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def test_who_claims_waits_for_no_other_claim_and_takes_the_next_one(bench: Callable[[int], Ledger]) -> None:
    one, other = bench(1), bench(2)
    one.receive(BATCH, [single("cam1"), single("cam2")])
    with one.book.write(begins=Begins.ANEW, beside=True) as db:
        first = claiming.next_free(db, *SINGLE, TAKES)
        claim = other.reserve(*SINGLE, uid(2), "1")
        other.begin(claim.attempt)
        other.consume(claim.attempt, evidence(claim))
    assert (first, claim.attempt.identity_id) == (1, 2)
    assert one.reserve(*SINGLE, uid(1), "1").attempt.identity_id == 1


@pytest.mark.parametrize("gives_back", [True, False])
def test_the_last_one_in_anothers_hand_is_waited_for(bench: Callable[[int], Ledger], *, gives_back: bool) -> None:
    one, other = bench(1), bench(2)
    one.receive(BATCH, [single("cam1")])
    with ThreadPoolExecutor(1) as pool:
        with one.book.write(begins=Begins.ANEW, beside=True) as db:
            assert claiming.next_free(db, *SINGLE, TAKES) == 1
            waiting = pool.submit(other.reserve, *SINGLE, uid(2), "1")
            if not gives_back:
                reserving.reserve(db, one.book, 1, uid(1), "1")
        if gives_back:
            assert waiting.result(60).attempt.identity_id == 1
        else:
            with pytest.raises(NoCertificates):
                waiting.result(60)


def test_whoever_has_the_lines_turn_is_alone(bench: Callable[[int], Ledger]) -> None:
    """What looks and then writes by what it saw: a page, a lock, a PIN, a dispute, a stranger."""
    one, other = bench(1), bench(2)
    one.receive(BATCH, [single("cam1")])
    with ThreadPoolExecutor(1) as pool:
        with one.book.write() as db:
            waiting = pool.submit(other.reserve, *SINGLE, uid(2), "1")
            waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not waiting.done() and db.execute(waits).fetchone() is None:
                pass
            assert not waiting.done()
        assert waiting.result(60).attempt.identity_id == 1


def test_one_page_that_two_benches_receive_at_once_is_here_once(bench: Callable[[int], Ledger]) -> None:
    benches = [bench(1), bench(2)]
    page = [single(f"cam{n}") for n in range(30)]
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(lambda one: one.receive(BATCH, page), benches))
    assert sorted((receipt.new, receipt.unchanged) for receipt in receipts) == [(0, 30), (30, 0)]
    benches[0].audit.verify()


def test_a_process_beside_another_of_the_same_bench_goes_on_in_its_chain(bench: Callable[[int], Ledger]) -> None:
    benches = [bench(1), bench(1)]
    benches[0].receive(BATCH, [single(f"cam{n}") for n in range(20)])

    def work(number: int) -> None:
        for n in range(5):
            claim = benches[number].reserve(*SINGLE, uid(100 * number + n), "1")
            benches[number].begin(claim.attempt)
            benches[number].consume(claim.attempt, evidence(claim))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    benches[0].audit.verify()
    with benches[0].book.read() as db:
        assert db.execute("SELECT count(DISTINCT chain) FROM audit WHERE chain <> ?", (LINE,)).fetchone()[0] == 1


@pytest.mark.own_database  # what others left in one would be counted when it is planned
def test_a_claim_is_an_index_step(bench: Callable[[int], Ledger], server: Server, database: str) -> None:
    """Nothing is sorted, and no table is gone through, so that it costs the same at any size."""
    bench(1).receive(BATCH, [single("cam1")])
    with psycopg.connect(server.url(database), options="-c search_path=station -c enable_seqscan=off") as db:
        asked = (
            "SELECT id FROM identities i WHERE state = 'READY' AND product_key = 'a1Camera' AND kind = 'single'"
            " AND set_of IS NULL AND size - 1 BETWEEN 0 AND 9 ORDER BY set_of, id LIMIT 1"
            " FOR NO KEY UPDATE SKIP LOCKED",
            "SELECT id FROM identities i WHERE state = 'READY' AND batch = 1 AND product_key = 'a1Camera'"
            " AND kind = 'single' AND set_of IS NULL AND size - 1 BETWEEN 0 AND 9 ORDER BY set_of, id LIMIT 1"
            " FOR NO KEY UPDATE SKIP LOCKED",
            "SELECT hash FROM audit WHERE chain = 'b' AND chain <> '' ORDER BY seq DESC LIMIT 1",
        )
        plans = ["\n".join(row[0] for row in db.execute(f"EXPLAIN {sql}".encode())) for sql in asked]
    assert all(
        index in plan for index, plan in zip(("ready_queue", "ready_of_batch", "audit_of_chain"), plans, strict=True)
    )
    assert not any(word in plan for plan in plans for word in ("Seq Scan", "Sort"))


def test_a_page_of_what_fits_a_text_is_the_same_on_a_server(bench: Callable[[int], Ledger]) -> None:
    ledger = bench(0)
    ledger.receive(BATCH, [single(f"cam{n:03}") for n in range(120)])
    claim = ledger.reserve(*SINGLE, uid(7), "1")
    ledger.begin(claim.attempt)

    def found(text: str) -> list[str]:
        return [row.name.device_name for row in ledger.certificates.page(text=text, limit=3)]

    assert found("M01") == ["cam010", "cam011", "cam012"]
    assert found(uid(7)[:6].upper() + ":" + uid(7)[6:]) == ["cam000"]
    assert found("%") == found("_") == []
