# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger moved from a file to a server and back: all of it, once, whatever kills the move."""

from __future__ import annotations

import itertools
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from station.codes import Code, Exit
from station.errors import ConfigError, IntegrityAlarm, LedgerFault, NeedsPerson
from station.ledger import copied_rows
from station.ledger.believed import THIS_BENCH, believed
from station.ledger.copying import Copied
from station.ledger.locks import STATION
from station.ledger.moving import move
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.postgres import sessions
from station.ledger.postgres.connection import LineConnection
from station.ledger.postgres.copy_into import ServerCopy
from station.ledger.postgres.work import Work
from station.ledger.scan_backs import OWED
from station.ledger.server import BENCH
from station.ledger.sqlite.connection import Connection
from station.ledger.store import Ledger
from station.ledger.where import OnServer
from station.model import IdentityKind
from station.secrets.vault import Vault
from tests.cli.cli_shell import Shell
from tests.ledger.ledger_samples import BATCH, PC, certificate, evidence, one_in_each_state, single, uid
from tests.ledger.test_scan_backs import passed
from tests.postgres.server import Server
from tests.sampled import WHOLE

Rows = dict[str, list[dict[str, object]]]


class Move:
    """A ledger in a file, a database for it, and what is around both."""

    def __init__(self, folder: Path, server: Server, database: str) -> None:
        self.file, self.folder = folder / "state" / "ledger.db", folder
        self.admin, self.bench = server.url(database), server.url(database, BENCH)
        self.vault = Vault(bytes(range(32)))
        self.around = Surroundings(home=folder / "witness" / "home", machine=PC)

    def open(self, where: Path | str) -> Ledger:
        place = where if isinstance(where, Path) else OnServer(url=where, path=self.folder / "line")
        return open_ledger(place, self.vault, self.around)

    def __call__(self, source: Path | str, to: Path | str) -> Copied:
        return move(
            str(source),
            str(to),
            self.vault,
            self.around,
            actor="bench-1",
            say=lambda _notice: None,
            show=lambda _done, _total: None,
        )

    def rows(self, where: Path | str) -> Rows:
        with self.open(where) as ledger, ledger.book.read() as db:
            return {table: [dict(row) for row in copied_rows.after(db, table, None)] for table in copied_rows.TABLES}


@pytest.fixture
def moving(tmp_path: Path, server: Server, database: str) -> Move:
    made = Move(tmp_path, server, database)
    with made.open(made.file) as ledger:
        one_in_each_state(ledger)
        ledger.facts.set("shift", "early", event="shift begins")
        ledger.receive(BATCH, [single("cam1", iot_id="another")])
    return made


def gives_out(moving: Move, where: Path | str, number: int) -> bool:
    with moving.open(where) as ledger:
        try:
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
        except IntegrityAlarm as refused:
            assert refused.code is Code.E702
            return False
    return True


def test_a_file_goes_to_a_server_and_back_row_by_row(moving: Move) -> None:
    before = moving.rows(moving.file)
    there = moving(moving.file, moving.admin)
    on_server = moving.rows(moving.bench)
    back = moving.folder / "back" / "ledger.db"
    again = moving(moving.bench, back)
    after = moving.rows(back)
    assert (there.again, again.again) == (False, False)
    moves = {"ledger moved", "server known", "bench named", "line head"}
    for held in (on_server, after):
        held["audit"] = [line for line in held["audit"] if line["event"] not in moves]
        held["meta"] = [
            fact for fact in held["meta"] if not str(fact["key"]).startswith(("history", "database", "bench "))
        ]
    for table, rows in before.items():
        assert rows == on_server[table] == after[table], table
    with moving.open(moving.bench) as server, moving.open(back) as file:
        assert server.audit.verify() == file.audit.verify()
        assert file.stock.tallies() == server.stock.tallies()
        next_one = file.peek(["a1Camera"], IdentityKind.SINGLE).primary
        assert next_one.device_secret.reveal() == f"secret-of-{next_one.device_name}"


def test_a_label_that_a_slot_owes_is_owed_where_the_ledger_goes_and_is_ended_there(moving: Move) -> None:
    with moving.open(moving.file) as ledger:
        ledger.receive(BATCH, [single(f"owed{n}") for n in range(4)])
        first, second, *_ = [passed(ledger, 40 + n, slot=f"s{n}") for n in range(4)]
        ledger.scan_backs.scanned(first, uid(40), "s0")
        ledger.locks.lock("s3", OWED, "the printed label was not scanned")
    moving(moving.file, moving.admin)
    with moving.open(moving.bench) as line:
        assert [owed.slot for owed in line.scan_backs.open()] == ["s1", "s2", "s3"]
        line.scan_backs.scanned(second, uid(41), "s1")
        for slot in ("s2", "s3"):
            line.locks.unlock(slot, "torn", by="Li Wei", told=(OWED,))
        assert (line.scan_backs.open(), list(line.locks.held())) == ([], [])
        line.audit.verify()
    moving(moving.bench, back := moving.folder / "back" / "ledger.db")
    with moving.open(back) as file:
        file.audit.verify()


def test_heads_are_equal_and_only_one_gives_out(moving: Move) -> None:
    done = moving(moving.file, moving.admin)
    with moving.open(moving.file) as file, moving.open(moving.bench) as server:
        assert file.audit.verify() == done.head
        assert server.audit.contains(done.head.hash)
        assert server.audit.verify().seq > done.head.seq  # its server and its bench are known since
    assert not gives_out(moving, moving.file, 70), "also before a witness could tell of another board"
    assert gives_out(moving, moving.bench, 71)
    with moving.open(moving.bench) as ledger:
        ledger.audit.verify()
        ledger.receive(BATCH, [single("later")])


@pytest.mark.parametrize("by", ["a file", "no file"])
@pytest.mark.parametrize("begun", ["in a file", "on the line"])
def test_a_line_goes_to_another_server(moving: Move, server: Server, copied: str, begun: str, by: str) -> None:
    """The database that it had been on is left by two lines, behind those of a file that it began in or went through:
    each was the first of its chain, so that the new server had a broken one (E702) from its first bench on."""
    if begun == "in a file":
        moving(moving.file, moving.admin)
    else:
        moving.around = Surroundings(home=moving.folder / "hall" / "home", machine=PC)
        with moving.open(moving.bench) as ledger:
            ledger.receive(BATCH, [single("one")])
    with moving.open(moving.bench) as ledger:
        before = ledger.audit.verify()
    source: Path | str = moving.bench
    if by == "a file":
        moving(source, source := moving.folder / "back" / "ledger.db")
    moving(source, server.url(copied))
    with moving.open(server.url(copied, BENCH)) as there:
        assert there.audit.verify().seq > before.seq
        assert there.audit.contains(before.hash)
    assert not gives_out(moving, moving.bench, 70)
    assert gives_out(moving, server.url(copied, BENCH), 71)


def test_a_copy_stays_half_until_the_lock_is_in_the_ledger(moving: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the last step of the ledger was told as: undone, it must not leave two that give out one stock."""
    moving(moving.file, moving.admin)
    back = moving.folder / "back" / "ledger.db"

    def undo_the_move(db: Work) -> None:
        done = db.execute("SELECT 1 FROM locks WHERE scope = '' AND code = 'E702'").fetchone()
        db.execute("ROLLBACK" if done else "COMMIT")

    with monkeypatch.context() as patch, pytest.raises(LedgerFault, match="not locked"):
        patch.setattr(Work, "commit", undo_the_move)
        moving(moving.bench, back)
    assert lives(moving, moving.bench) and not lives(moving, back)
    moving(moving.bench, back)
    assert lives(moving, back) and not lives(moving, moving.bench)


def test_a_moved_ledger_is_moved_nowhere_else(moving: Move) -> None:
    moving(moving.file, moving.admin)
    with pytest.raises(ConfigError, match="moved to") as refused:
        moving(moving.file, moving.folder / "other" / "ledger.db")
    assert refused.value.code is Code.E116
    assert not (moving.folder / "other" / "ledger.db").exists()
    assert moving(moving.file, moving.admin).again


def test_an_older_file_of_it_is_known_by_its_witness(moving: Move) -> None:
    kept = moving.file.read_bytes()
    moving(moving.file, moving.admin)
    for left in moving.file.parent.glob(".ledger.db.*"):
        left.unlink()
    moving.file.write_bytes(kept)
    assert not gives_out(moving, moving.file, 72)
    with moving.open(moving.file) as ledger:
        assert "it was moved" in ledger.locks.held()[""].what


@pytest.mark.parametrize("way", ["to a server", "to a file"])
def test_killed_at_any_place_it_goes_on_and_one_at_most_gives_out(
    moving: Move, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed behind each transaction, and each call by which a file takes its place."""
    monkeypatch.setattr(copied_rows, "_PAGE", 5)
    source: Path | str = moving.file
    to: Path | str = moving.admin
    copy: Path | str = moving.bench
    if way == "to a file":
        moving(moving.file, moving.admin)
        source, to, copy = moving.bench, moving.folder / "back" / "ledger.db", moving.folder / "back" / "ledger.db"
    step = 0
    while killed_at(moving, source, to, step):
        assert not (lives(moving, source) and lives(moving, copy)), step
        step += 1 if WHOLE else 5
    assert step > 6
    assert gives_out(moving, copy, 80)
    assert not gives_out(moving, source, 81)
    with moving.open(copy) as ledger:
        ledger.audit.verify()


def lives(moving: Move, where: Path | str) -> bool:
    """Whether somebody could work with it now."""
    if isinstance(where, Path) and not where.exists():
        return False
    try:
        engine = (
            Connection(where, read_only=True)
            if isinstance(where, Path)
            else LineConnection(where, moving.folder / "line")
        )
    except ConfigError as half:
        assert half.code is Code.E115
        return False
    with closing(engine), engine.read() as db:
        return db.execute("SELECT 1 FROM audit").fetchone() is not None and believed(db)


def killed_at(moving: Move, source: Path | str, to: Path | str, step: int) -> bool:
    """Whether it was, in a process of its own that ends at that step without a word."""
    child = os.fork()
    if not child:
        try:
            _die_at(step)
            moving(source, to)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(3)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def _die_at(step: int) -> None:
    """Of this process: transactions of both engines, and what puts a file in its place."""
    steps = itertools.count()

    def count() -> None:
        if next(steps) == step:
            os._exit(9)

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            done = real(*given, **named)
            count()
            return done

        return call

    def counted_around(real: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def around(*given: Any, **named: Any) -> Iterator[Any]:
            with real(*given, **named) as inside:
                yield inside
            count()

        return around

    for engine, name in ((ServerCopy, "work"), (Connection, "write"), (LineConnection, "write")):
        setattr(engine, name, counted_around(getattr(engine, name)))
    for name in ("link", "unlink", "fsync"):
        setattr(os, name, counted(getattr(os, name)))


def test_a_copy_begun_before_the_ledger_went_on_is_made_anew(moving: Move) -> None:
    """What has changed since may have no line of its own."""
    assert killed_at(moving, moving.file, moving.admin, 7)
    with moving.open(moving.file) as ledger:
        ledger.receive(BATCH, [single("cam99")])
        ledger.locks.lock("slot-2", Code.E603, "failed")
    moving(moving.file, moving.admin)
    with moving.open(moving.bench) as ledger:
        assert "slot-2" in ledger.locks.held()
        assert ledger.named(certificate("cam99").name) is not None
        ledger.audit.verify()


def test_what_kept_one_bench_of_a_line_from_its_work_keeps_the_file_from_its(moving: Move) -> None:
    moving(moving.file, moving.admin)
    with moving.open(moving.bench) as ledger:
        ledger.locks.lock(THIS_BENCH, Code.E603, "6 failures in the last 10 boards")
    back = moving.folder / "back" / "ledger.db"
    moving(moving.bench, back)
    with moving.open(back) as ledger:
        assert ledger.locks.held()[STATION].code is Code.E603
        with pytest.raises(NeedsPerson, match="6 failures"):
            ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(7), "1")
        ledger.audit.verify()
        ledger.locks.unlock(STATION, "needle replaced", by="Li Wei", told=(Code.E603,))
        assert ledger.locks.held() == {}
        ledger.audit.verify()


@pytest.mark.parametrize("used", ["source", "destination"])
def test_neither_may_be_in_use(moving: Move, used: str) -> None:
    there = Connection(moving.file) if used == "source" else LineConnection(moving.bench, moving.file)
    with closing(there), pytest.raises(LedgerFault, match="a station works on this ledger"):
        moving(moving.file, moving.admin)
    moving(moving.file, moving.admin)


def test_nothing_is_copied_over_a_ledger(moving: Move) -> None:
    other = moving.folder / "other" / "ledger.db"
    for where in (other, LineConnection(moving.bench, moving.folder / "line")):
        with Ledger(where, moving.vault) as ledger:
            ledger.receive(BATCH, [single("there")])
    for to in (moving.admin, other):
        with pytest.raises(ConfigError) as refused:
            moving(moving.file, to)
        assert refused.value.code is Code.E126
    assert gives_out(moving, moving.file, 90)


def test_the_command_moves_it_and_says_so(server: Server, database: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell("init", "--file", str(shell.config), "--state-dir", str(tmp_path / "state")).code == Exit.OK
    batch = tmp_path / "batch.csv"
    batch.write_text("ProductKey,DeviceName,DeviceSecret\n" + "".join(f"a1Cam,cam{n:03},{n:032}\n" for n in range(9)))
    assert shell("import", str(batch)).code == Exit.OK
    file, url = str(tmp_path / "state" / "ledger.db"), server.url(database)
    assert shell("ledger", "copy", file, file, "--yes").code == Exit.USAGE
    assert shell("ledger", "copy", str(tmp_path / "none.db"), url, "--yes").code == Exit.USAGE
    tried = shell("ledger", "copy", file, url, "--dry-run", "--json")
    assert (tried.code, tried.json[0]["dry_run"], shell("status").code) == (Exit.OK, True, Exit.OK)
    moved = shell("ledger", "copy", file, url, "--yes")
    assert tried.json[0]["rows"] > 9
    assert (moved.code, "locked where it was" in moved.out) == (Exit.OK, True), moved.err
    told = shell("ledger", "copy", file, url, "--yes", "--json").json[0]
    assert (told["schema"], told["again"]) == (1, True)
    status = shell("status")
    assert (status.code, "was moved" in status.out) == (Exit.INTEGRITY, True)
    assert shell("ledger", "copy", file, str(tmp_path / "second.db"), "--yes").code == Exit.USAGE
    back = shell("ledger", "copy", server.url(database, BENCH), str(tmp_path / "back.db"), "--yes", "--json")
    assert (back.code, back.json[0]["again"]) == (Exit.OK, False), back.err


def test_a_bench_s_role_cannot_copy_and_a_database_without_a_ledger_is_told(moving: Move, server: Server) -> None:
    with pytest.raises(ConfigError, match="administrator"):
        moving(moving.file, moving.bench)
    with pytest.raises(ConfigError, match="no ledger"):
        moving(moving.file, server.url("postgres"))
    assert gives_out(moving, moving.file, 90)


def test_a_locked_ledger_waits(moving: Move) -> None:
    with moving.open(moving.file) as ledger:
        ledger.locks.lock("", Code.E701, "clone")
    with pytest.raises(NeedsPerson, match="clone"):
        moving(moving.file, moving.admin)


def test_another_key_copies_nothing(moving: Move) -> None:
    moving.vault = Vault(bytes(32))
    with pytest.raises(ConfigError) as refused:
        moving(moving.file, moving.admin)
    assert refused.value.code is Code.E114


def test_every_table_of_a_ledger_is_copied(connect: Callable[..., Any]) -> None:
    own = {"steps", "tally_parts"}
    found = connect().execute("SELECT tablename FROM pg_tables WHERE schemaname = 'station'").fetchall()
    assert {name for (name,) in found} - own == copied_rows.TABLES.keys()


@pytest.mark.own_database
def test_a_copy_that_was_tampered_with_is_none(moving: Move, connect: Callable[..., Any]) -> None:
    assert killed_at(moving, moving.file, moving.admin, 7)
    with connect() as db:
        db.execute("DROP TRIGGER fix_visits ON visits")
    with pytest.raises(IntegrityAlarm):
        moving(moving.file, moving.admin)
    assert gives_out(moving, moving.file, 91)


def test_a_file_on_another_pc_is_at_home_there(moving: Move) -> None:
    moving(moving.file, moving.admin)
    elsewhere = {part: frozenset({f"{part} of another PC"}) for part in PC}
    moving.around = Surroundings(home=moving.folder / "pc2" / "home", machine=elsewhere)
    back = moving.folder / "pc2" / "ledger.db"
    moving(moving.bench, back)
    assert gives_out(moving, back, 92)
    with moving.open(back) as ledger:
        ledger.audit.verify()


def test_a_station_that_has_just_ended_is_in_nobodys_way(moving: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = sessions.present, list[int]()

    def late(db: sessions.Server) -> set[int]:
        asked.append(len(asked))
        return real(db) | ({1} if len(asked) == 1 else set())

    monkeypatch.setattr(sessions, "present", late)
    moving(moving.file, moving.admin)
    assert len(asked) > 1
