# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ledger was made with is frozen, and every ledger ends with the same schema, however old it is.

`fixtures/version-N.db.gz` are ledgers in use (every state, visits, locks, supervisors) as the station that knew N steps
left them; their data key is bytes 0 to 31.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import itertools
import re
import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from station.config.settings import load
from station.errors import IntegrityAlarm, LedgerFault
from station.ledger.backup import back_up
from station.ledger.guarding import digest
from station.ledger.sqlite import connection, guards, migrating
from station.ledger.sqlite.migrating import STEPS
from station.ledger.store import Ledger
from station.model import CertName, IdentityKind, State
from station.rules import TRANSITIONS
from station.secrets.vault import Vault
from tests import migrated
from tests.ledger.forging import forge
from tests.ledger.ledger_samples import bound, evidence, named, uid
from tests.raw import raw

KEY = bytes(range(32))
FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("version-*.db.gz"))
FROZEN = {
    "0001_first_schema.sql": "4c358e746e034ac88ed5751bc9adf737992325dcd4903a309b1901fccd4292bf",
    "0002_registrations.sql": "c8dff247117e3fc646966b4ddc7782e6934375b8dfe1b8eed89efa37878df0ad",
    "0003_board_keys.sql": "845d6d1c972855173ef1094f25441e08191d312e22e821dbe235351d78618b7f",
    "0004_way_back.sql": "aac830f89c3f0bef304af2726a77006bd6f47c39ab57592900a2a473c517adb3",
    "0005_spellings.sql": "5344faed1eda5d5d777f3b2a95ddae236f8dda7db775f59975c24710f7a3ddbb",
    "0007_set_back.sql": "942de574a684fbb86d99834ff3d703dc8a7ea7a523e83e5c43c05383affab409",
    "0009_clouds_doubts.sql": "cc4786786b615adc532a80113632e3911ec6acbc8d57443ff36dcedd4aa55323",
    "0010_disputes.sql": "cd6d1c4ed83a8b65ef670875d5c53ddb69eb8d71fbf1094399e0ab23986efb68",
    "0011_no_gap_by_null.sql": "be2b1f3228332b12b65379e8eb7b0da482f3d695d406e89292311951908f6530",
    "0012_whose_request.sql": "0bc9b79905e77181a2eb92f4baec0ed98714bfdf8e56e000ef68e15244b34724",
    "0014_what_was_written.sql": "70f1babcb024f2bb93e7a2251214be690249f6d98157fc4769f19098e4db8024",
    "0015_short_sets.sql": "20152ea06a7d2baaa62ac30b9dd21f020b8035c7ede6755e8a89773baca02020",
    "0016_product_secret_later.sql": "39f06233e79684b83d129d0cdbea5d6fc5b2213fec6d191ba17abac2def735f1",
    "0017_with_product_secret.sql": "40c6a41a3012dbdd915d36f5a1c4c19bbc269a3a4312e3141105b7cdeec1ec31",
    "0018_decided_once.sql": "bd9506d5e044acd7e1b22c54f2ee57b5ba887a087d1207a6d8231a02111d6102",
    "0021_chains.sql": "601e340357cbdb2fe0d5a0d920b85d3484f7d83b11c58b75669c92e6ad07100c",
    "0022_found_by_iot_id.sql": "0a020f2259fc620a74e8f5e879e33d73791ffedef8b6d8e5c37973f7e75a786a",
    "0023_fires_where_it_can.sql": "e7421b25ce1805c866937cde4d00162357f46ceb45f3fe7e3a2e58d21926ecbd",
    "0025_serials.sql": "f792e05435b0c103038b1b4b55de28dea41486ad88e7c3e490f5f5648b1fd919",
    "0026_outbox.sql": "55502b94e32ca57a82077068a1c2e53836fc8d8dde522d09646245d7cc95d1b0",
    "0027_what_a_line_proves.sql": "587ee0c64465e4c439d897ac80248f6b87960f2438a2818462fd884078a014e6",
    "0029_of_one_batch.sql": "8e3f16e2a8ab4edbbd1b1941334dac0d4dc0481532e83d1719e6c6df9769949b",
    "0035_scan_backs.sql": "ce40e6ae4bdd7fd13e7b198322faf3bdd545f26606394b8edf81c7775ed67a5c",
    "0038_product_secret_in_doubt.sql": "3cbe53efe473cbeb7b1be91b23f932f995a04b051d84bc2bfb913c6b0ed58d01",
    "0013_codes.sql": "6a6bbfe6d083f292140d91605a7df464e7651036458dc029f48e375170a4f7f8",
    "0006_strangers.sql": "dc406d3e0965204dd82ff6b7a49a6b05692cd0966c7c3305dec29fcf714bd04c",
    "0024_whose_slot.sql": "5eab5691181ea25c82c270f0b9e8be2d27e2e21dfe756be31aa556c1b84313fe",
}
"""A step is never edited: a ledger somewhere has run it as it was. Make a new one, and write its hash down here."""


@pytest.fixture(autouse=True)
def _as_a_station_does() -> Iterator[None]:
    with migrated.step_by_step():
        yield


def opened(tmp_path: Path, fixture: Path | None = None) -> Ledger:
    path = tmp_path / "state" / "ledger.db"
    if fixture:
        path.parent.mkdir(mode=0o700)
        path.touch(0o600)
        path.write_bytes(gzip.decompress(fixture.read_bytes()))
    return Ledger(path, Vault(KEY))


def schema_of(path: Path) -> set[tuple[str, ...]]:
    with sqlite3.connect(path) as raw:
        return set(raw.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def test_no_step_was_ever_edited() -> None:
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in STEPS.iterdir()}
    assert found == FROZEN


def test_each_step_has_a_number_of_its_own() -> None:
    assert len({name[:4] for name in FROZEN}) == len(FROZEN)


def test_what_is_written_down_of_the_schema_is_what_the_steps_make() -> None:
    steps = list(migrating._FILES)
    for last, written in guards.AS_MADE.items():
        run = tuple(steps[: steps.index(last) + 1])
        assert digest(run, guards._expected(run)) == written, last


def test_a_sound_ledger_is_known_without_its_steps_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = tuple(migrating._FILES)
    monkeypatch.setitem(guards.AS_MADE, steps[-1], digest(steps, guards._expected(steps)))
    guards._expected.cache_clear()
    with opened(tmp_path) as ledger:
        assert not ledger.audit.guards_changed()
    assert guards._expected.cache_info().misses == 0


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f.name)
def test_an_old_ledger_ends_with_the_schema_of_a_new_one(tmp_path: Path, fixture: Path) -> None:
    with opened(tmp_path, fixture) as old:
        migrated = schema_of(old.path)
    with opened(tmp_path / "fresh") as fresh:
        assert migrated == schema_of(fresh.path)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f.name)
def test_a_backup_before_an_old_ledger_is_opened_has_it_as_it_was(tmp_path: Path, fixture: Path) -> None:
    """By this station, whose first command it is: the older one opens what is in it."""
    file = tmp_path / "ledger.db"
    file.write_bytes(gzip.decompress(fixture.read_bytes()))
    file.chmod(0o600)
    settings = {"bench.state_dir": str(tmp_path), "bench.profiles_dir": str(tmp_path)}
    back_up(load(flags=settings, environment={}), tmp_path / "old.backup", None)
    with tarfile.open(tmp_path / "old.backup") as tar:
        tar.extract("ledger.db", tmp_path / "out", filter="data")
    for one in (file, tmp_path / "out" / "ledger.db"):
        with closing(sqlite3.connect(one)) as db:
            assert len(migrating.applied(db)) == int(fixture.name.split("-")[1].split(".")[0])


def test_what_other_tests_begin_with_is_what_the_steps_make(tmp_path: Path) -> None:
    def rows(ledger: Ledger) -> set[str]:
        with raw(ledger.path) as file:
            return {re.sub(r"[0-9a-f]{32}|\d{4}-\d\d-\d\d .*\+00:00", "#", line) for line in file.iterdump()}

    with opened(tmp_path / "stepped") as stepped:
        migrated.copy_from_now_on()
        with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
            assert rows(one) == rows(stepped)
            assert len({ledger.facts.get("ledger_id") for ledger in (one, two, stepped)}) == 3


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda f: f.name)
def test_an_old_ledger_goes_on_where_it_was(tmp_path: Path, fixture: Path) -> None:
    with opened(tmp_path, fixture) as ledger:
        ledger.audit.verify()
        assert [known.board_uid for known in ledger.recover()] == [uid(20)]
        assert bound(ledger, uid(1)).state is State.CONSUMED
        assert bound(ledger, uid(2)).state is State.IN_DOUBT
        assert named(ledger, CertName("a1Camera", "cam2")).state is State.RETIRED
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(30), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
        ledger.audit.verify()


def test_of_a_ledger_that_wrote_no_digests_a_certificate_removed_is_found_by_the_counts(tmp_path: Path) -> None:
    """Lines that say which certificates came are younger than the first ledgers."""
    with opened(tmp_path, FIXTURES[0]) as old:
        path = old.path
        old.audit.verify()
    forge(path, "DELETE FROM certificates WHERE identity = (SELECT id FROM identities WHERE state = 'READY' LIMIT 1)")
    with opened(tmp_path) as ledger, pytest.raises(IntegrityAlarm, match="certificates are stored") as found:
        ledger.audit.verify()
    assert found.value.code == "E702"


def test_the_schema_is_made_while_another_first_start_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = migrating.migrate
    waits: list[bool] = []

    def migrate(database: sqlite3.Connection) -> None:
        (gate,) = (tmp_path / "state").glob("*.migrate")
        with gate.open("rb") as other, suppress(BlockingIOError):
            waits.append(True)
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            waits.append(False)
        make(database)

    monkeypatch.setattr(connection, "migrate", migrate)
    opened(tmp_path).close()
    assert waits == [True]


def test_a_first_start_that_fails_leaves_an_empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_steps = migrating.run_steps

    def fails(db: sqlite3.Connection, names: list[str]) -> None:
        run_steps(db, names)
        if names == ["m017_with_product_secret"]:
            raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(migrating, "run_steps", fails)
        with pytest.raises(LedgerFault):
            opened(tmp_path)
    with closing(sqlite3.connect(tmp_path / "state" / "ledger.db")) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == []
    with opened(tmp_path) as ledger:
        ledger.audit.verify()


def test_the_second_opening_changes_nothing(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "state" / "ledger.db"
    before = path.read_bytes()
    Ledger(path, Vault(KEY)).close()
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_schema_draws_the_transitions_that_the_rules_draw(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        path = ledger.path
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints = ON")
    raw.execute("PRAGMA foreign_keys = OFF")
    guards = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in guards:
        if name != "only_drawn_transitions":
            raw.execute(f"DROP TRIGGER {name}")

    def allows(before: State, after: State) -> bool:
        columns = "batch, provider, product_key, kind, size, changed_at, state"
        row = f"INSERT INTO identities ({columns}) VALUES (1, '', '', 'single', 1, '', ?)"
        number = raw.execute(row, (before,)).lastrowid
        try:
            raw.execute("UPDATE identities SET state = ?, board_uid = NULL WHERE id = ?", (after, number))
        except sqlite3.IntegrityError:
            return False
        return True

    drawn = {(a, b) for a, b in itertools.permutations(State, 2) if allows(a, b)}
    assert drawn == TRANSITIONS
