# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is set back to a snapshot of itself, under benches that work on it: it has the name and the timeline it
had. Here a copy of the database, made before, takes its place.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault, NoCertificates
from station.ledger import opening, succession
from station.ledger.age import mark_of
from station.ledger.book import Book
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.postgres import history, roles
from station.ledger.recovery import recover
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.ledger.where import OnServer
from station.model import State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, single, uid
from tests.postgres.server import Server
from tests.postgres.test_promoted import SINGLE, begin


class Hall:
    """Benches with witnesses of their own, and a snapshot of their server."""

    def __init__(self, server: Server, database: str, folder: Path) -> None:
        self._server, self._database, self._folder = server, database, folder
        self._vault = Vault(secrets.token_bytes(32))
        self._opened = ExitStack()

    def around(self, name: str) -> Surroundings:
        return Surroundings(home=self._folder / name / "w")

    def bench(self, name: str) -> Ledger:
        place = OnServer(url=self._server.url(self._database, BENCH), path=self._folder / name / "line")
        return self._opened.enter_context(open_ledger(place, self._vault, self.around(name), actor=name))

    def close(self) -> None:
        self._opened.close()

    def snapshot(self) -> None:
        self.close()
        self._server.copy(self._database, f"{self._database}_before")

    def cut(self) -> None:
        """Whoever is connected is so no more."""
        with psycopg.connect(self._server.url()) as db:
            found = db.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", (self._database,)).fetchall()
        self._server.end(*(pid for (pid,) in found))

    def set_back(self) -> None:
        name = self._database
        self.cut()
        self._server.execute(f"ALTER DATABASE {name} RENAME TO {name}_lost")
        self._server.execute(f"ALTER DATABASE {name}_before RENAME TO {name}")
        with psycopg.connect(self._server.url(name)) as db:
            roles.settle_in(db, BENCH)

    def sweep(self) -> None:
        self.close()
        for name in (f"{self._database}_lost", f"{self._database}_before"):
            self._server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def hall(server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    """In a snapshot of a whole server, which is here one of a database, each database has its number."""
    monkeypatch.setattr(history, "_ASKED", history._ASKED.replace(history._NUMBER, "'16384'"))
    one = Hall(server, database, tmp_path)
    with one.bench("one") as ledger:
        ledger.receive(BATCH, [single(f"cam{n}") for n in range(3)])
    one.snapshot()
    yield one
    one.sweep()


def see(ledger: Ledger) -> None:
    """As a bench at which no board comes does every few seconds."""
    assert ledger.watch is not None
    ledger.watch._see_at = 0.0
    ledger.recover(own=False)


def test_a_bench_that_saw_what_another_did_begins_nothing_on_a_server_that_forgot_it(hall: Hall) -> None:
    one, other = hall.bench("one"), hall.bench("other")
    begin(one, 1)
    see(other)
    hall.set_back()
    for _ in range(2):
        with pytest.raises(IntegrityAlarm) as alarm:
            begin(other, 2)  # before the bench that did it has said a word
        assert alarm.value.code is Code.E702 and "set back" in alarm.value.what
    held = other.stock.by_state()
    assert held[State.READY] == 3 and held[State.RESERVED] == held[State.WRITING] == held[State.IN_DOUBT] == 0


def test_whoever_notices_it_stops_the_line_though_no_board_comes(hall: Hall) -> None:
    one, other, late = hall.bench("one"), hall.bench("other"), hall.bench("late")
    begin(one, 1)
    see(other)
    hall.set_back()
    other.recover(own=False)
    assert [lock.code for lock in late.locks.held().values()] == [Code.E702]
    with pytest.raises(IntegrityAlarm):
        begin(late, 2)


def test_a_bench_that_is_started_anew_knows_what_it_had_seen(hall: Hall) -> None:
    one, other = hall.bench("one"), hall.bench("other")
    begin(one, 1)
    other.close()
    hall.set_back()
    again = hall.bench("other")
    assert [lock.code for lock in again.locks.held().values()] == [Code.E702]
    again.close()
    with pytest.raises(IntegrityAlarm):
        begin(hall.bench("other"), 2)


def test_a_recovery_ends_it_for_all_but_those_whose_witnesses_have_more_to_say(hall: Hall) -> None:
    one, other, third = hall.bench("one"), hall.bench("other"), hall.bench("third")
    begin(one, 1)
    see(other)
    see(third)
    hall.set_back()
    with pytest.raises(IntegrityAlarm):
        begin(other, 2)
    other.locks.lock("", Code.E702, "the server was set back")
    assert recover(other, hall.around("other"), "snapshot", by="boss").withheld == 3
    with pytest.raises(NoCertificates):  # all is withheld, and no alarm
        begin(third, 3)
    with pytest.raises(IntegrityAlarm, match="of one:/"):  # the bench at which a recovery hears it
        begin(one, 4)
    assert third.locks.held() == {}


def test_a_bench_whose_server_goes_while_it_opens_is_not_left_without_witnesses(
    hall: Hall, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would begin no board until somebody ends it and starts it again."""
    ordinary = opening.remember_witnesses

    def power_fails(*arguments: Any) -> None:
        server.kill()
        try:
            ordinary(*arguments)
        finally:
            server.start()

    with monkeypatch.context() as patch, pytest.raises(LedgerFault) as fault:
        patch.setattr(opening, "remember_witnesses", power_fails)
        hall.bench("new")
    assert fault.value.code is Code.E329
    begin(hall.bench("new"), 1)


def test_a_witness_can_be_told_while_the_server_is_asked_anew(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another slot has just begun a board: it would be in doubt for nothing."""
    one, told = hall.bench("one"), list[str]()
    ordinary = succession.require_same

    def another_slot_tells(book: Book) -> None:
        assert one.watch is not None
        one.watch.witness.tell([])
        told.append("it")
        ordinary(book)

    begin(one, 1)
    hall.cut()
    monkeypatch.setattr(succession, "require_same", another_slot_tells)
    begin(one, 2)
    assert told == ["it"]


def test_what_was_seen_is_not_forgotten_by_looking_at_the_server_that_forgot_it(hall: Hall) -> None:
    one, other = hall.bench("one"), hall.bench("other")
    begin(one, 1)
    see(other)
    hall.set_back()
    for _ in range(2):
        with pytest.raises(IntegrityAlarm):
            begin(other, 2)
        other.close()
        other = hall.bench("other")


def test_a_bench_that_cannot_remember_begins_nothing_and_goes_on_when_it_can(hall: Hall) -> None:
    one = hall.bench("one")
    begin(one, 1)
    in_the_way = mark_of(one.path)
    in_the_way.unlink()
    in_the_way.mkdir()
    for step in (see, lambda ledger: ledger.reserve(*SINGLE, uid(2), "1")):
        with pytest.raises(LedgerFault, match="remembered") as fault:
            step(one)
        assert fault.value.code is Code.E320
    assert one.stock.by_state()[State.READY] == 2
    in_the_way.rmdir()
    begin(one, 2)
