# SPDX-License-Identifier: GPL-3.0-or-later
"""Each bench's audit chain on a real server, and the one that pins them: whoever edits them is found."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from station.errors import IntegrityAlarm
from station.ledger.audit import LINE
from station.ledger.postgres import line_heads
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import IdentityKind
from station.report.handover import take_stock
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.postgres.server import Server

SINGLE = (["a1Camera"], IdentityKind.SINGLE)


class Line:
    """Benches on one ledger, and a hand that edits its lines past every guard."""

    def __init__(self, server: Server, database: str, folder: Path) -> None:
        self._server, self._database, self._folder = server, database, folder
        self._key = secrets.token_bytes(32)

    def open(self, name: str, opened: ExitStack) -> Ledger:
        connection = LineConnection(self._server.url(self._database, BENCH), self._folder / name / "line")
        return opened.enter_context(Ledger(connection, Vault(self._key), actor=name))

    def asked(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self._server.url(self._database), options="-c search_path=station") as db:
            return db.execute(sql.encode()).fetchall()

    def forge(self, sql: str) -> None:
        with psycopg.connect(self._server.url(self._database), options="-c search_path=station") as db:
            db.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
            db.execute(sql.encode())
            on = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal"
            db.execute("ALTER TABLE audit ENABLE TRIGGER ALL")
            for (name,) in db.execute(on).fetchall():
                db.execute(f"ALTER TABLE audit ENABLE ALWAYS TRIGGER {name}".encode())


def consume(bench: Ledger, number: int) -> None:
    claim = bench.reserve(*SINGLE, uid(number), "1")
    bench.begin(claim.attempt)
    bench.consume(claim.attempt, evidence(claim))


@pytest.fixture
def line(server: Server, database: str, tmp_path: Path) -> Line:
    return Line(server, database, tmp_path)


@pytest.fixture
def two(line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Ledger]]]:
    """Two benches that worked in turn, their heads pinned after each step."""
    monkeypatch.setattr(line_heads, "EVERY_S", 0.0)
    monkeypatch.setattr(line_heads.pin_where_due, "__kwdefaults__", {"every_s": 0.0})
    with ExitStack() as opened:
        benches = [line.open(name, opened) for name in ("one", "two")]
        benches[0].receive(BATCH, [single(f"cam{n}") for n in range(6)])
        for number in range(4):
            consume(benches[number % 2], number)
        yield lambda: benches


def test_each_bench_has_a_chain_of_its_own_and_all_are_pinned(line: Line, two: Callable[[], list[Ledger]]) -> None:
    one, other = two()
    chains = line.asked("SELECT chain, count(*) FROM audit GROUP BY 1 ORDER BY 2")
    assert {chain for chain, _ in chains} == {one.book.connection.bench, other.book.connection.bench, LINE}
    head = one.audit.verify()
    assert head == other.audit.head()
    one.audit.verify_recent()
    assert line.asked(f"SELECT hash FROM audit WHERE chain = '{LINE}' ORDER BY seq DESC LIMIT 1") == [(head.hash,)]


def test_another_process_of_a_bench_goes_on_in_its_chain(line: Line, two: Callable[[], list[Ledger]]) -> None:
    with ExitStack() as opened:
        consume(line.open("one", opened), 9)
    assert len(line.asked("SELECT DISTINCT chain FROM audit")) == 3
    two()[0].audit.verify()


def test_heads_are_pinned_once_in_a_while(line: Line) -> None:
    with ExitStack() as opened:
        one, other = (line.open(name, opened) for name in ("one", "two"))
        one.receive(BATCH, [single(f"cam{n}") for n in range(6)])
        for number in range(4):
            consume((one, other)[number % 2], number)
    assert line.asked(f"SELECT count(*) FROM audit WHERE chain = '{LINE}'") == [(1,)]


def test_what_is_printed_pins_all_that_is_there_by_now(line: Line) -> None:
    """A hand-over proves the shift, not what there was half a minute before its end."""
    with ExitStack() as opened:
        one, other = (line.open(name, opened) for name in ("one", "two"))
        one.receive(BATCH, [single(f"cam{n}") for n in range(2)])
        consume(other, 1)
        before = one.audit.head()
        printed = take_stock(one).audit_head
        assert before.hash != printed == one.audit.verify().hash
        ((pinned,),) = line.asked(f"SELECT detail FROM audit WHERE chain = '{LINE}' ORDER BY seq DESC LIMIT 1")
        heads = line.asked(
            f"SELECT DISTINCT ON (chain) chain, seq, hash FROM audit WHERE chain <> '{LINE}' ORDER BY chain, seq DESC"
        )
        assert {(chain, *head) for chain, head in json.loads(str(pinned))["heads"].items()} == set(heads)
        assert take_stock(one).audit_head == printed, "nothing has happened since"


OF_TWO = "actor = 'two' AND chain <> 'line'"
FORGERIES = {
    "a chain cut": f"DELETE FROM audit WHERE {OF_TWO} AND seq >= {{late}}",
    "a chain left out": f"DELETE FROM audit WHERE {OF_TWO}",
    "a chain begun anew": f"DELETE FROM audit WHERE {OF_TWO} AND seq < {{late}}",
    "a line moved to another bench": "UPDATE audit SET chain = (SELECT chain FROM audit WHERE actor = 'one' LIMIT 1)"
    " WHERE seq = {late}",
    "a chain moved to another bench": f"UPDATE audit SET chain = '00112233aabbccdd' WHERE {OF_TWO}",
    "a head removed": "DELETE FROM audit WHERE seq = (SELECT min(seq) FROM audit WHERE chain = 'line')",
    "an edited line": "UPDATE audit SET slot = '7' WHERE seq = {late}",
    "a line's number": "UPDATE audit SET seq = 100000 WHERE seq = {late}",
}


@pytest.mark.own_database
def test_a_forged_line_is_found(line: Line, two: Callable[[], list[Ledger]]) -> None:
    """One after the other in one ledger, which has its own lines again in between."""
    bench = two()[0]
    ((late,),) = line.asked(f"SELECT seq FROM audit WHERE {OF_TWO} ORDER BY seq DESC OFFSET 2 LIMIT 1")
    line.forge("CREATE TABLE public.its_own AS SELECT * FROM audit")
    found = dict[str, str]()
    for forgery, sql in FORGERIES.items():
        bench.audit.verify()
        line.forge(sql.format(late=late))
        try:
            bench.audit.verify()
        except IntegrityAlarm as alarm:
            found[forgery] = f"{alarm.code} {alarm.what}"
        line.forge("DELETE FROM audit; INSERT INTO audit SELECT * FROM public.its_own")
    assert list(found) == list(FORGERIES)
    assert all(said.startswith("E702") and "audit chain is broken" in said for said in found.values()), found
    assert not any("guards" in said for said in found.values()), found


def test_a_chain_that_ends_behind_its_pin_is_found_by_the_pin(line: Line, two: Callable[[], list[Ledger]]) -> None:
    """Also where the rows say what the lines left say: notes move nothing."""
    bench, other = two()
    other.audit.note("cleaned")
    consume(bench, 8)
    line.forge("DELETE FROM audit WHERE event = 'cleaned'")
    with pytest.raises(IntegrityAlarm, match="pins chain"):
        bench.audit.verify()
    with pytest.raises(IntegrityAlarm, match="pins chain"):
        bench.audit.verify_recent()


def test_the_last_pin_cut_off_is_told_by_what_was_printed(line: Line, two: Callable[[], list[Ledger]]) -> None:
    bench = two()[0]
    printed = bench.audit.head()
    line.forge(f"DELETE FROM audit WHERE seq = {printed.seq}")
    assert not bench.audit.contains(printed.hash)
