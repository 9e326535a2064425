# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger with one flipped byte, wherever: what comes out of it is an error of ours, never a bare exception.

A sample of the campaign; all of it: `STATION_FLIPS=2000 pytest --timeout 0 tests/ledger/test_damaged_file.py`.
"""

from __future__ import annotations

import gzip
import os
import random
import sqlite3
from pathlib import Path

import pytest

from station.codes import Exit
from station.errors import IntegrityAlarm, LedgerFault, NoCertificates, StationError
from station.ledger.opening import Surroundings, open_ledger
from station.ledger.sqlite.connection import Connection
from station.ledger.store import Ledger
from station.model import IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid
from tests.sampled import WHOLE

KEY = bytes(range(32))
FIXTURE = Path(__file__).parent / "fixtures" / "version-3.db.gz"
FLIPS = int(os.environ.get("STATION_FLIPS", "60" if WHOLE else "20"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A ledger of today, closed, in use before."""
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    path.touch(0o600)
    path.write_bytes(gzip.decompress(FIXTURE.read_bytes()))
    Ledger(path, Vault(KEY)).close()
    return path.read_bytes()


def around(path: Path) -> Surroundings:
    return Surroundings(home=path.parent.parent / f"{path.parent.name}-witness", machine={})


def work(path: Path) -> None:
    """What a shift does with a ledger: look, flash one board, look again."""
    with open_ledger(path, Vault(KEY), around(path)) as ledger:
        look(ledger)
        ledger.requests.all()
        ledger.requests.unanswered()
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(30), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
        ledger.audit.history(uid=uid(30))
        ledger.audit.verify()


def look(ledger: Ledger) -> None:
    ledger.stock.by_state()
    ledger.certificates.page(limit=1000)
    ledger.certificates.unsettled()
    ledger.certificates.search("cam")
    ledger.batches.all()
    ledger.batches.counts()
    ledger.locks.held()
    ledger.disputes.open()
    ledger.visits.of_board(uid(1))


def test_each_flipped_byte_ends_in_an_error_of_ours(tmp_path: Path, sound: bytes) -> None:
    chance = random.Random(11)
    ended: dict[str, int] = {}
    for number in range(FLIPS):
        where, bit = chance.randrange(len(sound)), 1 << chance.randrange(8)
        path = tmp_path / f"{number}" / "ledger.db"
        path.parent.mkdir(mode=0o700)
        path.touch(0o600)
        path.write_bytes(sound[:where] + bytes([sound[where] ^ bit]) + sound[where + 1 :])
        try:
            work(path)
            code = "sound"
        except StationError as error:
            assert isinstance(error, LedgerFault | IntegrityAlarm | NoCertificates) or error.code in ("E114", "E119")
            assert error.exit is not Exit.BOARD_FAILED
            code = error.code
        except Exception as error:
            raise AssertionError(f"byte {where} ^ {bit}: {error!r}") from error
        ended[code] = ended.get(code, 0) + 1
    print(f"{FLIPS} flipped bytes: {dict(sorted(ended.items()))}")
    assert set(ended) - {"sound"}


@pytest.mark.parametrize("edit", ["state = 'RXADY'", "kind = 'nvr-sex'"])
def test_a_word_that_no_station_wrote_is_damage(ledger: Ledger, edit: str) -> None:
    ledger.receive(BATCH, [single("cam1")])
    with sqlite3.connect(ledger.path) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute(f"UPDATE identities SET {edit}")
    with pytest.raises(LedgerFault, match="no station wrote") as told:
        ledger.certificates.page()
    assert (told.value.code, told.value.exit) == ("E322", Exit.STATION_FAULT)
    assert "RXADY" not in told.value.lines()


def test_a_missing_table_is_damage_and_not_a_full_disk(ledger: Ledger) -> None:
    with sqlite3.connect(ledger.path) as raw:
        raw.execute("DROP TABLE locks")
    with pytest.raises(LedgerFault) as told:
        ledger.locks.held()
    assert told.value.code == "E322"


def test_a_folder_that_nothing_can_be_made_in_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerFault) as told:
        Connection(tmp_path / "file" / "ledger.db")
    assert told.value.code == "E320"


@pytest.mark.parametrize("number", [5, 30], ids=["EIO", "EROFS"])
def test_a_session_file_that_cannot_be_removed_does_not_spoil_the_end(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    ledger.close()
    ledger.close()


def test_a_dead_station_is_dead_although_its_file_cannot_be_removed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert ledger.book.connection.dead_sessions(["0123456789abcdef"]) == ["0123456789abcdef"]
