# SPDX-License-Identifier: GPL-3.0-or-later
"""A log that a killed station left is taken only by the file that it was begun on."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from station.errors import IntegrityAlarm
from station.ledger.sqlite import log_base, sweeping
from station.ledger.sqlite.same_file import is_left_over
from station.ledger.store import Ledger
from station.ledger.view import look_at
from station.model import IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

Open = Callable[[], Ledger]


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No log is moved on time."""
    monkeypatch.setattr(sweeping, "PACE_S", 3600.0)


@pytest.fixture
def path(open_ledger: Open) -> Path:
    with open_ledger() as ledger:
        ledger.receive(BATCH, [single(f"cam{n}") for n in range(99)])
        return ledger.path


@pytest.fixture
def old(path: Path, tmp_path: Path) -> Path:
    """A copy of before the first board."""
    return Path(shutil.copy(path, tmp_path / "old.db"))


def killed(open_ledger: Open, *boards: int) -> None:
    """A station is, behind these; its log is left."""
    child = os.fork()
    if not child:
        ledger = open_ledger()
        for number in boards:
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def one_board(open_ledger: Open) -> None:
    """And the file holds it, by itself."""
    with open_ledger() as ledger:
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(100 + ledger.audit.head().seq), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))


def consumed(open_ledger: Open) -> int:
    with open_ledger() as ledger:
        ledger.audit.verify()
        return ledger.stock.by_state()[State.CONSUMED]


@pytest.mark.parametrize("put", [shutil.copyfile, shutil.move])
@pytest.mark.parametrize("boards", [[1], range(1, 30)], ids=["as it was opened", "after many writes"])
def test_an_older_file_does_not_get_it(
    path: Path, old: Path, open_ledger: Open, boards: list[int], put: Callable[[Path, Path], object], tmp_path: Path
) -> None:
    one_board(open_ledger)
    killed(open_ledger, *boards)
    right = Path(shutil.copy(path, tmp_path / "right.db"))
    put(Path(shutil.copy(old, tmp_path / "older.db")), path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        open_ledger()
    assert path.read_bytes() == old.read_bytes()
    (log,) = path.parent.glob(".ledger.db.log-*")
    log.rename(path.with_name("ledger.db-wal"))
    put(right, path)
    assert consumed(open_ledger) == 1 + len(boards)


@pytest.mark.parametrize("boards", [[1], range(1, 30)], ids=["as it was opened", "after many writes"])
def test_a_file_that_went_on_elsewhere_does_not_get_it(
    path: Path, open_ledger: Open, boards: list[int], tmp_path: Path
) -> None:
    """Of a folder that was copied to another PC and worked with there, the file came back without its log: that one was
    empty."""
    one_board(open_ledger)
    killed(open_ledger, *boards)
    left = path.parent.rename(tmp_path / "left")
    shutil.copytree(left, path.parent)
    for _ in range(2):
        one_board(open_ledger)
    newer = Path(shutil.copy(path, tmp_path / "newer.db"))
    shutil.rmtree(path.parent)
    left.rename(path.parent)
    shutil.copyfile(newer, path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        open_ledger()
    assert path.read_bytes() == newer.read_bytes()
    assert consumed(open_ledger) == 3 + len(boards)


def test_another_ledgers_file_does_not_get_it(path: Path, open_ledger: Open, tmp_path: Path) -> None:
    killed(open_ledger, 1)
    other = tmp_path / "another" / "ledger.db"
    with Ledger(other, Vault(bytes(32))) as ledger:
        ledger.receive(BATCH, [single(f"another{n}") for n in range(99)])
    shutil.copyfile(other, path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        open_ledger()
    assert path.read_bytes() == other.read_bytes()


def test_nor_does_one_that_is_to_be_replaced(path: Path, old: Path, open_ledger: Open) -> None:
    """By a restore, which keeps it aside."""
    one_board(open_ledger)
    killed(open_ledger, 1)
    shutil.copyfile(old, path)
    sweeping.empty_log(path)
    assert path.read_bytes() == old.read_bytes()


def test_nobody_looks_at_a_file_through_anothers_log(path: Path, old: Path, open_ledger: Open) -> None:
    one_board(open_ledger)
    killed(open_ledger, 1)
    shutil.copyfile(old, path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        look_at(path)
    assert is_left_over(path)


def test_the_file_that_it_was_begun_on_does(path: Path, open_ledger: Open) -> None:
    one_board(open_ledger)
    killed(open_ledger, *range(1, 30))
    assert is_left_over(path)
    assert consumed(open_ledger) == 30


def test_what_was_noted_of_a_log_that_is_gone_says_nothing_of_the_next(
    path: Path, old: Path, open_ledger: Open
) -> None:
    """An older one was put in its place without any: whoever knows more of it is asked."""
    one_board(open_ledger)
    killed(open_ledger, 1)
    path.with_name("ledger.db-wal").unlink()
    shutil.copyfile(old, path)
    assert consumed(open_ledger) == 0
    killed(open_ledger, 2)
    assert consumed(open_ledger) == 1


def test_a_note_that_is_none_is_not_believed(path: Path, open_ledger: Open) -> None:
    killed(open_ledger, 1)
    (session,) = path.parent.glob(".ledger.db.session-*")
    session.write_bytes(b"99999999999999999999 " + b"0" * 64)
    assert consumed(open_ledger) == 1


def test_it_stays_where_it_is_while_its_station_lives(
    path: Path, old: Path, open_ledger: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which finds out itself, before its next board."""
    monkeypatch.setattr(log_base, "PATIENCE_S", 0.0)
    one_board(open_ledger)
    living = open_ledger()
    living.receive(BATCH, [single("more")])
    shutil.copyfile(old, path)
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        open_ledger()
    assert is_left_over(path)
    assert path.read_bytes() == old.read_bytes()
    with pytest.raises(IntegrityAlarm, match="removed or replaced"):
        living.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")


def test_whoever_ends_while_it_is_looked_at_has_moved_it(
    path: Path, open_ledger: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen was half of that."""
    living = open_ledger()
    living.receive(BATCH, [single("more")])

    def half(_path: Path, *, holding: object = None) -> tuple[int, str]:
        living.close()
        return 10**6, "0" * 64

    monkeypatch.setattr(log_base, "last_in_file", half)
    assert consumed(open_ledger) == 0


def test_whoever_lives_may_have_moved_it_by_half(
    path: Path, old: Path, open_ledger: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So it is looked at once more."""
    one_board(open_ledger)
    open_ledger().receive(BATCH, [single("more")])
    right = Path(shutil.copy(path, tmp_path / "right.db"))
    shutil.copyfile(old, path)
    monkeypatch.setattr("station.ledger.sqlite.log_base.time.sleep", lambda _seconds: shutil.copyfile(right, path))
    assert consumed(open_ledger) == 1
