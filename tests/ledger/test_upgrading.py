# SPDX-License-Identifier: GPL-3.0-or-later
"""An older ledger is brought up to date as a whole or not at all, and a backup of it as it was is there meanwhile.

The ledgers are those of test_migrations.py.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import resource
import signal
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from station.cli.telling import noticed
from station.codes import Code
from station.config.settings import load
from station.errors import ConfigError, IntegrityAlarm, LedgerFault
from station.ledger.backup import put_ledger_back
from station.ledger.locks import STATION
from station.ledger.opening import OlderLedger, OpeningNotice, Surroundings, open_ledger
from station.ledger.sqlite import migrating
from station.ledger.sqlite.files import copies_before_steps, copy_before_steps, room_of_copy
from station.ledger.sqlite.sessions import hold, session_path
from station.ledger.store import Ledger
from station.ledger.transaction import Statements
from station.model import Language, Secret
from station.secrets.vault import Vault
from station.whole import write_new
from station.words.tongues import TONGUES

FIXTURES = Path(__file__).parent / "fixtures"
KEY = bytes(range(32))
STEPS_BEFORE = 2
IN_THE_MIDDLE = "m017_with_product_secret"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A ledger in use, as a station left it that knew two steps."""
    path = tmp_path / "state" / "ledger.db"
    path.parent.mkdir(mode=0o700)
    path.touch(0o600)
    path.write_bytes(gzip.decompress((FIXTURES / f"version-{STEPS_BEFORE}.db.gz").read_bytes()))
    return path


def steps_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return len(migrating.applied(db))


def is_as_it_was(path: Path) -> bool:
    """It has the steps it had; and nothing lies beside it but what is kept on purpose."""
    return steps_of(path) == STEPS_BEFORE and not room_of_copy(path).exists()


@contextmanager
def besides(
    monkeypatch: pytest.MonkeyPatch, does: Callable[[Statements], object], *, at: str = IN_THE_MIDDLE
) -> Iterator[None]:
    """At this step more is done than is in it."""
    run_steps = migrating.run_steps

    def run(db: Statements, names: Sequence[str]) -> None:
        run_steps(db, names)
        if list(names) == [at]:
            does(db)

    with monkeypatch.context() as patch:
        patch.setattr(migrating, "run_steps", run)
        yield


def disk_error(_db: Statements) -> None:
    raise sqlite3.OperationalError("disk I/O error")


def test_a_copy_of_it_as_it_was_is_there_until_it_is_up_to_date(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Path] = []
    with besides(monkeypatch, lambda _: found.extend(copies_before_steps(older))):
        Ledger(older, Vault(KEY)).close()
    assert len(found) == 1
    assert steps_of(older) == len(migrating._FILES)
    assert sorted(older.parent.glob("*left-it*")) == sorted(older.parent.glob("*upgrading*")) == []


def test_the_copy_is_a_private_backup_that_comes_back_locked(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with besides(monkeypatch, disk_error), pytest.raises(LedgerFault) as failed:
        Ledger(older, Vault(KEY))
    (kept,) = copies_before_steps(older)
    assert (failed.value.code, is_as_it_was(older)) == (Code.E333, True)
    assert str(kept) in failed.value.means
    assert f"station restore {kept}" in failed.value.do
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with tarfile.open(kept) as tar:
        tar.extract("ledger.db", older.parent / "out", filter="data")
    assert steps_of(older.parent / "out" / "ledger.db") == STEPS_BEFORE
    key = {"schema": 1, "wrap": "plain", "key": base64.b64encode(KEY).decode()}
    write_new(older.with_name("station.key"), json.dumps(key))
    older.unlink()
    put_ledger_back(kept, load(flags={"bench.state_dir": str(older.parent)}, environment={}), lambda: Secret(""))
    with Ledger(older, Vault(KEY)) as ledger:
        assert ledger.locks.held()[STATION].code == Code.E702


def test_what_failed_once_succeeds_later_and_no_copy_stays(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        with besides(monkeypatch, disk_error), pytest.raises(LedgerFault):
            Ledger(older, Vault(KEY))
        (kept,) = copies_before_steps(older)
        kept.rename(copy_before_steps(older, "0.1.0", "20260101T000000Z"))  # of two in one second there is one name
    with Ledger(older, Vault(KEY)) as ledger:
        ledger.audit.verify()
    assert copies_before_steps(older) == []


def test_with_another_key_nothing_of_it_is_changed(older: Path) -> None:
    before = older.read_bytes()
    with pytest.raises(ConfigError, match="does not belong") as refused:
        Ledger(older, Vault(bytes(32)))
    assert (refused.value.code, older.read_bytes() == before) == (Code.E114, True)
    assert list(older.parent.iterdir()) == [older]


def test_where_there_is_no_room_for_the_copy_nothing_is_changed(older: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (older.stat().st_size // 2, hard))
    try:
        with pytest.raises(LedgerFault, match="cannot be copied before") as refused:
            Ledger(older, Vault(KEY))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (refused.value.code, is_as_it_was(older), copies_before_steps(older)) == (Code.E333, True, [])


def without_guards(db: Statements, sql: str) -> None:
    guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        db.execute(f"DROP TRIGGER {name}")
    assert db.execute(sql).rowcount > 0
    for _, made in guards:
        db.execute(made)


@pytest.mark.parametrize(
    ("loses", "says"),
    [
        ("UPDATE certificates SET secret = NULL WHERE secret IS NOT NULL", "rows of secrets: "),
        ("DELETE FROM conflicts", "rows of conflicts: "),
        ("UPDATE identities SET state = 'WITHHELD' WHERE state = 'READY'", "rows of identities READY: "),
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 2", "line 2"),
    ],
)
def test_steps_that_lose_something_are_undone(
    older: Path, monkeypatch: pytest.MonkeyPatch, loses: str, says: str
) -> None:
    last = list(migrating._FILES)[-1]
    with besides(monkeypatch, lambda db: without_guards(db, loses), at=last), pytest.raises(LedgerFault) as undone:
        Ledger(older, Vault(KEY))
    assert (undone.value.code, says in undone.value.what, is_as_it_was(older)) == (Code.E333, True, True), undone.value


def test_what_was_broken_before_is_told_afterwards_as_ever(older: Path) -> None:
    with closing(sqlite3.connect(older, isolation_level=None)) as db:
        without_guards(db, "UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    with Ledger(older, Vault(KEY)) as ledger, pytest.raises(IntegrityAlarm, match="line 2"):
        ledger.audit.verify()


def test_one_that_is_killed_in_the_middle_opens_all_the_same(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with besides(monkeypatch, lambda _: os.kill(os.getpid(), signal.SIGKILL)):
        child = os.fork()
        if not child:
            Ledger(older, Vault(KEY))
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert is_as_it_was(older)
    assert len(copies_before_steps(older)) == 1
    with Ledger(older, Vault(KEY)) as ledger:
        ledger.audit.verify()
    assert copies_before_steps(older) == []


def test_a_person_is_told_before_it_takes_long_and_once(older: Path, tmp_path: Path) -> None:
    told: list[str] = []

    def hear(notice: OpeningNotice) -> None:
        told.append(noticed(notice, TONGUES[Language.ENGLISH]))
        assert not isinstance(notice, OlderLedger) or is_as_it_was(older)

    for _ in range(2):
        open_ledger(older, Vault(KEY), Surroundings(home=tmp_path / "witness"), say=hear).close()
    assert [text for text in told if "brought up to date" in text] == [
        "the ledger of certificate-station an-earlier-version is brought up to date: minutes, if it is large"
    ]


def test_what_one_that_was_killed_left_goes_also_from_beside_a_present_ledger(older: Path) -> None:
    Ledger(older, Vault(KEY)).close()
    copy_before_steps(older, "0.1.0", "20260101T000000Z").touch()
    room_of_copy(older).mkdir()
    (room_of_copy(older) / "ledger.db").touch()
    Ledger(older, Vault(KEY)).close()
    assert copies_before_steps(older) == []
    assert not room_of_copy(older).exists()


def test_what_one_left_that_was_killed_while_it_copied_goes(older: Path) -> None:
    room_of_copy(older).mkdir()
    (room_of_copy(older) / "ledger.db").touch()
    Ledger(older, Vault(KEY)).close()
    assert not room_of_copy(older).exists()


def test_it_waits_for_the_station_that_works_on_it(older: Path) -> None:
    with hold(session_path(older, "of-an-older-one")), pytest.raises(LedgerFault, match="works on") as refused:
        Ledger(older, Vault(KEY))
    assert (refused.value.code, is_as_it_was(older)) == (Code.E320, True)
