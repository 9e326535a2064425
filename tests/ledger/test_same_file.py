# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is copied over the open ledger, in place, is found before the next board; one that another station is at
work on is not taken for such.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from station.errors import IntegrityAlarm, LedgerFault
from station.ledger.sqlite import same_file, sweeping
from station.ledger.sqlite.same_file import SameFile, is_left_over
from station.ledger.store import Ledger
from station.model import IdentityKind
from tests.forked import run
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.raw import file_of, raw

Open = Callable[[], Ledger]


def flash(ledger: Ledger, number: int) -> None:
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))


def move(ledger: Ledger) -> None:
    """The log into the file, as some seconds later."""
    assert ledger.book.connection._sweeper.now()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No log is moved on time."""
    monkeypatch.setattr(sweeping, "PACE_S", 3600.0)


@pytest.fixture
def ledger(open_ledger: Open) -> Ledger:
    """Whose log is in its file."""
    ledger = open_ledger()
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(9)])
    move(ledger)
    return ledger


@pytest.fixture
def old(ledger: Ledger, tmp_path: Path) -> Path:
    """A copy of before the first board."""
    shutil.copyfile(ledger.path, tmp_path / "old.db")
    flash(ledger, 1)
    return tmp_path / "old.db"


def test_an_older_file_is_found_before_the_next_board_and_nothing_is_written_into_it(ledger: Ledger, old: Path) -> None:
    move(ledger)
    shutil.copyfile(old, ledger.path)
    for _ in range(2):
        with pytest.raises(IntegrityAlarm, match="removed or replaced"):
            flash(ledger, 2)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        ledger.locks.lock("1", IntegrityAlarm("", means="", do="").code, "a lock")
    assert ledger.path.read_bytes() == old.read_bytes()
    assert not is_left_over(ledger.path)


def test_what_the_log_still_holds_is_not_moved_into_it(ledger: Ledger, old: Path, tmp_path: Path) -> None:
    move(ledger)
    flash(ledger, 2)
    shutil.copyfile(old, ledger.path)
    assert not ledger.book.connection._sweeper.now()  # type: ignore[attr-defined]
    assert ledger.path.read_bytes() == old.read_bytes()


def test_nor_is_it_by_the_last_one_that_closes_the_file(ledger: Ledger, old: Path, open_ledger: Open) -> None:
    """Nor by the next one that opens it: the log lies beside it under another name."""
    move(ledger)
    flash(ledger, 2)
    shutil.copyfile(old, ledger.path)
    ledger.close()
    assert ledger.path.read_bytes() == old.read_bytes()
    (aside,) = ledger.path.parent.glob(".ledger.db.log-*")
    assert aside.stat().st_size > 0
    with open_ledger() as again:
        assert not again.audit.history(uid=uid(1)), "it holds what was copied, and nothing of the log"
        again.audit.verify()


@pytest.mark.parametrize("has_log", [True, False], ids=["over a log", "over none"])
def test_a_copy_that_went_on_elsewhere_is_another_file(ledger: Ledger, tmp_path: Path, *, has_log: bool) -> None:
    """It holds all that this one held, and boards that this station's pages know nothing of."""
    (tmp_path / "other").mkdir(mode=0o700)
    with Ledger(Path(shutil.copy(ledger.path, tmp_path / "other" / "ledger.db")), ledger.book.vault) as elsewhere:
        flash(elsewhere, 7)
    if has_log:
        flash(ledger, 1)
    shutil.copyfile(elsewhere.path, ledger.path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        flash(ledger, 2)
    ledger.close()
    assert ledger.path.read_bytes() == elsewhere.path.read_bytes()


def test_a_board_in_hand_writes_into_no_log_of_a_file_that_took_its_place(
    ledger: Ledger, tmp_path: Path, open_ledger: Open
) -> None:
    """Whoever has opened that one by then would have both, and move one into the other."""
    old = Path(shutil.copy(ledger.path, tmp_path / "old.db"))
    was = old.read_bytes()
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    move(ledger)
    shutil.move(old, ledger.path)
    with open_ledger():
        with pytest.raises(IntegrityAlarm, match="removed or replaced"):
            ledger.consume(claim.attempt, evidence(claim))
        assert not is_left_over(ledger.path)
    assert ledger.path.read_bytes() == was


class Hasty:
    """SQLite, and something that happens as soon as the log is in the file, or just before it is moved there."""

    in_transaction = False

    def __init__(
        self, sqlite: sqlite3.Connection, then: Callable[[], object], first: Callable[[], object] = lambda: None
    ) -> None:
        self._sqlite, self._then, self._first = sqlite, then, first

    def execute(self, sql: str, *values: Sequence[object]) -> sqlite3.Cursor:
        moves = "checkpoint" in sql
        if moves:
            self._first()
        done = self._sqlite.execute(sql, *values)
        if moves:
            self._then()
        return done


def test_one_that_came_just_when_the_log_was_moved_is_found_too(ledger: Ledger, old: Path) -> None:
    sweeper = ledger.book.connection._sweeper  # type: ignore[attr-defined]
    sweeper._sqlite = Hasty(sweeper._sqlite, lambda: shutil.copyfile(old, ledger.path))
    assert not sweeper.now()
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        flash(ledger, 2)


def test_nor_is_it_where_another_station_has_begun_a_new_log(ledger: Ledger, old: Path, open_ledger: Open) -> None:
    """Through which the open connection would see what the file lacks."""
    other = open_ledger()

    def then() -> None:
        other.audit.note("work")
        shutil.copyfile(old, ledger.path)

    sweeper = ledger.book.connection._sweeper  # type: ignore[attr-defined]
    sweeper._sqlite = Hasty(sweeper._sqlite, then)
    assert not sweeper.now()


def test_nor_is_one_that_was_put_in_its_place_then(ledger: Ledger, old: Path) -> None:
    """The open connection goes on to see the one that is gone."""
    sweeper = ledger.book.connection._sweeper  # type: ignore[attr-defined]
    sweeper._sqlite = Hasty(sweeper._sqlite, lambda: old.replace(ledger.path))
    assert not sweeper.now()


def test_one_that_came_just_before_is_found_by_what_it_lacks(ledger: Ledger, old: Path) -> None:
    """Though the log was moved into it, and the file has all that the log had."""
    for _ in range(sweeping.MANY_WRITES // 2):
        ledger.audit.note("work", on="x" * 100)
    move(ledger)
    ledger.audit.note("work")
    sweeper = ledger.book.connection._sweeper  # type: ignore[attr-defined]
    sweeper._sqlite = Hasty(sweeper._sqlite, lambda: None, lambda: shutil.copyfile(old, ledger.path))
    assert not sweeper.now()
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        flash(ledger, 2)


def test_a_board_in_hand_is_not_begun_either(ledger: Ledger, old: Path) -> None:
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
    move(ledger)
    shutil.copyfile(old, ledger.path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        ledger.begin(claim.attempt)


def test_many_writes_leave_the_log_short_and_go_into_no_other_file(ledger: Ledger, old: Path) -> None:
    """SQLite's own checkpoints would not ask whose file it is, and without any the log would grow with each write."""
    log = ledger.path.with_name(ledger.path.name + "-wal")
    for _ in range(2 * sweeping.MANY_WRITES):
        ledger.audit.note("work")
    before = log.stat().st_size
    for _ in range(4 * sweeping.MANY_WRITES):
        ledger.audit.note("work")
    assert log.stat().st_size < 2 * before
    ledger.book.connection.require_in_place()
    move(ledger)
    shutil.copyfile(old, ledger.path)
    for _ in range(2 * sweeping.MANY_WRITES):
        ledger.audit.note("work")
    assert ledger.path.read_bytes() == old.read_bytes()


def test_one_that_came_just_when_many_writes_were_moved_is_found_too(ledger: Ledger, old: Path) -> None:
    """Also a copy of an earlier moment at which many writes were moved."""
    sweeper = ledger.book.connection._sweeper  # type: ignore[attr-defined]
    for _ in range(sweeping.MANY_WRITES):
        ledger.audit.note("work")
    shutil.copyfile(ledger.path, old)
    sweeper._sqlite = Hasty(sweeper._sqlite, lambda: shutil.copyfile(old, ledger.path))
    for _ in range(sweeping.MANY_WRITES):
        ledger.audit.note("work")
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        flash(ledger, 2)


def test_after_many_writes_the_file_is_known_without_a_look_at_its_chain(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That would cost more than all else about its being the same file."""
    looks: list[object] = []
    monkeypatch.setattr(same_file, "last_in_file", lambda *what, **_more: looks.append(what))
    before = ledger.path.stat().st_size
    for _ in range(3 * sweeping.MANY_WRITES):
        ledger.audit.note("work")
    assert ledger.path.stat().st_size > before
    ledger.book.connection.require_in_place()
    assert looks == []


def test_the_file_is_put_back_and_the_work_goes_on(ledger: Ledger, old: Path, tmp_path: Path) -> None:
    move(ledger)
    shutil.copyfile(ledger.path, tmp_path / "right.db")
    shutil.copyfile(old, ledger.path)
    with pytest.raises(IntegrityAlarm):
        flash(ledger, 2)
    shutil.copyfile(tmp_path / "right.db", ledger.path)
    flash(ledger, 2)
    ledger.audit.verify()


def test_the_very_file_again_changes_nothing(ledger: Ledger, old: Path, tmp_path: Path) -> None:
    """What it lacks is still in the log."""
    shutil.copyfile(old, ledger.path)
    flash(ledger, 2)
    move(ledger)
    ledger.audit.verify()
    with raw(ledger.path) as db:
        assert db.execute("SELECT count(*) FROM identities WHERE state = 'CONSUMED'").fetchone()[0] == 2


def test_two_stations_move_their_logs_into_one_file(ledger: Ledger, open_ledger: Open) -> None:
    other = open_ledger()
    for number in range(1, 9, 2):
        flash(ledger, number)
        move(other)
        flash(other, number + 1)
        move(ledger)
    other.close()
    flash(ledger, 9)
    ledger.audit.verify()


def opened(ledger: Ledger) -> sqlite3.Connection:
    return file_of(ledger)._sqlite


def a_station_at_work(ledger: Ledger, half: bytes, then: Callable[[], object]) -> SameFile:
    """Another one moves its log: a look at the file finds `half` of it, and once it has asked who works, what is there
    `then`."""

    def others_work() -> bool:
        then()
        return True

    found = SameFile(ledger.path, opened(ledger), threading.RLock(), others_work)
    ledger.path.write_bytes(half)
    return found


def test_what_was_closed_meanwhile_raises_no_alarm(ledger: Ledger, open_ledger: Open) -> None:
    """Another station goes on."""
    connection, other = ledger.book.connection, open_ledger()
    ledger.close()
    flash(other, 1)
    move(other)
    connection.require_in_place()


def test_what_another_station_has_moved_by_half_is_waited_for(ledger: Ledger) -> None:
    whole = ledger.path.read_bytes()
    found = a_station_at_work(ledger, whole[: len(whole) // 2], lambda: shutil.copyfile(copy, ledger.path))
    copy = ledger.path.with_name("whole")
    copy.write_bytes(whole)
    assert not found.is_itself()
    found.require()
    found.require_writable()


def test_it_is_not_waited_for_for_ever(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_file, "PATIENCE_S", 0.0)
    with pytest.raises(IntegrityAlarm):
        a_station_at_work(ledger, b"", lambda: None).require()


def test_a_reader_in_the_way_of_a_log_stops_no_board(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it keeps out of the file is a page that another one, in the file already, points to; a backup or a report
    is such a reader."""
    monkeypatch.setattr(sweeping, "_PATIENCE_MS", 1)
    sweeper = ledger.book.connection._sweeper  # type: ignore[attr-defined]
    reader, unreadable = ledger.book.connection.beside(), 0
    for _ in range(30):
        ledger.audit.note("work", on="x" * 100)
        with reader.read() as look:
            look.execute("SELECT count(*) FROM audit").fetchone()
            ledger.audit.note("work", on="x" * 100)
            assert not sweeper.now(), "the reader is in its way"
            unreadable += alone(ledger.path) is None
            ledger.book.connection.require_in_place()
        move(ledger)
    reader.close()
    assert unreadable, "the file alone was never half of two moments: this tries nothing"
    ledger.audit.verify()


def alone(path: Path) -> int | None:
    """How many lines its chain has without the log; None where that cannot be read."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db, suppress(sqlite3.Error):
        return int(db.execute("SELECT count(*) FROM audit NOT INDEXED").fetchone()[0])
    return None


def test_what_a_killed_station_has_moved_by_half_raises_no_alarm(ledger: Ledger) -> None:
    """Nobody is at work on it any more; the next start brings it to its end."""
    flash(ledger, 1)
    found = SameFile(ledger.path, opened(ledger), threading.RLock(), lambda: False)
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LedgerFault) as told:
        found.require()
    assert told.value.code == "E320"
    found.require_writable()
    ledger.path.write_bytes(whole)
    found.require()


def test_a_look_at_the_file_lets_no_lock_on_it_go(ledger: Ledger) -> None:
    """Else the next program that closes it thinks itself the last one, and takes the log away."""
    flash(ledger, 1)
    move(ledger)
    opens = f"import sqlite3; db = sqlite3.connect({str(ledger.path)!r}); db.execute('SELECT * FROM meta'); db.close()"
    assert run([sys.executable, "-c", opens]).returncode == 0
    assert ledger.path.with_name("ledger.db-wal").exists()
    flash(ledger, 2)
