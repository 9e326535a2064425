# SPDX-License-Identifier: GPL-3.0-or-later
"""A standby takes the place of a server that is gone, while benches have the ledger open; a copy of its database
takes the place of one that is still there.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.server import BENCH, set_up
from station.ledger.store import Ledger
from station.ledger.where import OnServer
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.postgres.server import Server, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="needs the Debian package postgresql")
SINGLE = (["a1Camera"], IdentityKind.SINGLE)


class Pair:
    """A server and its standby, and benches that know both."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.folder, self._opened = folder, opened
        self._vault = Vault(secrets.token_bytes(32))
        self.first = Server().start()
        opened.callback(self.first.remove)
        set_up(self.first.url())
        self.standby = Server(like=self.first)
        opened.callback(self.standby.remove)

    def bench(self, name: str) -> Ledger:
        both = f"host={self.first.folder},{self.standby.folder}&port={self.first.port},{self.standby.port}"
        url = f"postgresql://{BENCH}@/postgres?{both}&target_session_attrs=read-write"
        place = OnServer(url=url, path=self.folder / name / "line")
        return self._opened.enter_context(open_ledger(place, self._vault, Surroundings(home=self.folder / name / "w")))

    def catch_up(self) -> None:
        """Until the standby has all of it."""
        with (
            psycopg.connect(self.first.url()) as first,
            psycopg.connect(self.standby.url(), autocommit=True) as standby,
        ):
            last = first.execute("SELECT pg_current_wal_lsn()::text").fetchone()
            while standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", last).fetchone() != (True,):
                time.sleep(0.05)

    def promote(self) -> None:
        self.first.kill()
        self.standby.execute("SELECT pg_promote()")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as opened:
        yield Pair(tmp_path, opened)


def begin(ledger: Ledger, number: int) -> None:
    """As a slot does, which comes again where the server was only just reached anew."""
    for _ in range(3):
        try:
            claim = ledger.reserve(*SINGLE, uid(number), "1")
        except LedgerFault as away:
            assert away.code is Code.E329
        else:
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
            return
    raise AssertionError("the server was never reached")


def test_a_standby_that_lacks_something_is_believed_by_no_bench(pair: Pair) -> None:
    one, other = pair.bench("one"), pair.bench("other")
    one.receive(BATCH, [single(f"cam{n}") for n in range(3)])
    pair.standby.start()
    pair.catch_up()
    pair.standby.stop()
    begin(one, 1)  # the standby never hears of it
    pair.first.kill()
    pair.standby.start()
    pair.standby.execute("SELECT pg_promote()")
    with pytest.raises(IntegrityAlarm) as alarm:
        begin(other, 2)  # before the bench that did it has said a word
    assert alarm.value.code is Code.E702
    held = other.stock.by_state()
    assert held[State.READY] == 3 and held[State.RESERVED] == held[State.WRITING] == held[State.IN_DOUBT] == 0


def test_a_standby_is_no_bench_s_server_before_it_is_promoted(pair: Pair) -> None:
    pair.standby.start()
    place = OnServer(url=pair.standby.url("postgres", BENCH), path=pair.folder / "line")
    with pytest.raises(LedgerFault, match="this server is a standby") as fault:
        open_ledger(place, Vault(bytes(32)), Surroundings(home=pair.folder / "w"))
    assert fault.value.do == "give the URL of the primary"


def test_a_standby_that_was_waited_for_goes_on_without_a_person(pair: Pair) -> None:
    """Also where it lacks a reservation, for which nobody waits."""
    pair.first.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    pair.standby.start()
    pair.first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    pair.first.execute("SELECT pg_reload_conf()")
    one, other = pair.bench("one"), pair.bench("other")
    one.receive(BATCH, [single(f"cam{n}") for n in range(3)])
    begin(one, 1)
    in_hand = one.reserve(*SINGLE, uid(4), "1")
    pair.promote()
    begin(other, 2)
    begin(one, 3)
    with pytest.raises(LedgerFault):
        one.begin(in_hand.attempt)
    assert other.stock.by_state()[State.CONSUMED] == 3
    assert one.locks.held() == {}


@pytest.mark.parametrize(
    ("before", "goes_on"),
    [
        ("{system}/00000000+", True),  # a standby of it took the place
        ("{system}/00000000", False),  # and was not waited for
        ("{system}/0000000A+", False),  # an older one came back
        ("7000000000000000001/00000000+", False),  # another server altogether, whoever waited for whom
        ("7000000000000000001/00000001", False),
    ],
)
def test_only_a_standby_of_the_same_server_is_excused_by_having_been_waited_for(
    server: Server, database: str, tmp_path: Path, *, before: str, goes_on: bool
) -> None:
    vault = Vault(secrets.token_bytes(32))
    place, around = OnServer(url=server.url(database, BENCH), path=tmp_path / "line"), Surroundings(home=tmp_path / "w")
    with open_ledger(place, vault, around) as ledger:
        system = ledger.book.connection.history.partition("/")[0]
        ledger.facts.set("history", before.format(system=system), event="server known")
    with open_ledger(place, vault, around) as ledger:
        assert [lock.code for lock in ledger.locks.held().values()] == ([] if goes_on else [Code.E702])


@pytest.fixture
def locked_in(server: Server, tmp_path: Path) -> Callable[[str], list[Code]]:
    """What a bench finds that comes to this database."""
    vault, around = Vault(secrets.token_bytes(32)), Surroundings(home=tmp_path / "w")

    def opened_in(name: str) -> list[Code]:
        with open_ledger(OnServer(url=server.url(name, BENCH), path=tmp_path / "line"), vault, around) as ledger:
            return [lock.code for lock in ledger.locks.held().values()]

    return opened_in


def test_a_copy_of_the_database_beside_it_gives_nothing_out(
    server: Server, database: str, locked_in: Callable[[str], list[Code]]
) -> None:
    """It has the same stock, on the same server, and knows all that this bench's witness tells."""
    assert locked_in(database) == []
    copied = server.copy(database, f"{database}_beside")
    assert locked_in(copied) == [Code.E702]
    assert locked_in(database) == []
    server.execute(f"DROP DATABASE {copied} WITH (FORCE)")


def test_nor_does_a_dump_that_was_restored_where_the_database_has_the_same_number(
    server: Server, database: str, locked_in: Callable[[str], list[Code]]
) -> None:
    """In place, or on another server that was made from the same image."""
    assert locked_in(database) == []
    server.put_back(database)
    assert locked_in(database) == [Code.E702]
