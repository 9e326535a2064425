# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger whose guards were changed, whose indexes lie, or that a newer station made, is told and not trusted."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from station.codes import Exit
from station.errors import ConfigError, IntegrityAlarm, LedgerFault
from station.ledger.sqlite.connection import Connection
from station.ledger.store import Ledger
from station.ledger.view import look_at
from station.model import IdentityKind
from tests.ledger.forging import damage_index
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

Open = Callable[[], Ledger]


@pytest.fixture
def path(open_ledger: Open) -> Path:
    """A ledger with one consumed board."""
    with open_ledger() as ledger:
        ledger.receive(BATCH, [single(f"cam{i}") for i in range(4)])
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
        ledger.begin(claim.attempt)
        ledger.consume(claim.attempt, evidence(claim))
        assert ledger.audit.guards_changed() == ""
        return ledger.path


CHANGES = {
    "a guard dropped": ("DROP TRIGGER board_is_for_life", "trigger board_is_for_life is missing"),
    "an index dropped": ("DROP INDEX one_identity_a_board", "index one_identity_a_board is missing"),
    "a guard that guards nothing": (
        "DROP TRIGGER keep_audit; CREATE TRIGGER keep_audit BEFORE DELETE ON audit WHEN 0 BEGIN SELECT 1; END",
        "trigger keep_audit differs",
    ),
    "a trigger that copies secrets": (
        "CREATE TABLE notes (x); CREATE TRIGGER helpful AFTER INSERT ON certificates"
        " BEGIN INSERT INTO notes VALUES (NEW.secret); END",
        "trigger helpful is not ours",
    ),
    "a trigger on the record of steps": (
        "CREATE TRIGGER helpful AFTER INSERT ON _sqlite_migrations BEGIN DELETE FROM locks; END",
        "trigger helpful is not ours",
    ),
    "a table for something else": ("CREATE TABLE notes (x)", "table notes is not ours"),
    "a view": ("CREATE VIEW audits AS SELECT * FROM audit", "view audits is not ours"),
    "a check taken out of a table": (
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'found = expected', '1')"
        " WHERE name = 'identities'",
        "table identities differs",
    ),
    "a column more": ("ALTER TABLE locks ADD COLUMN x", "table locks differs"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_guards_are_told(path: Path, open_ledger: Open, change: str) -> None:
    script, told = CHANGES[change]
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(script)
    with open_ledger() as ledger:
        assert told in ledger.audit.guards_changed()
        with pytest.raises(IntegrityAlarm, match="guards") as caught:
            ledger.audit.verify()
        assert caught.value.code == "E702"


def test_all_guards_gone_is_told_in_one_line(path: Path, open_ledger: Open) -> None:
    with closing(sqlite3.connect(path)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
    with open_ledger() as ledger:
        told = ledger.audit.guards_changed()
    assert "is missing" in told and "more" in told and len(told) < 400


@pytest.mark.parametrize("version", [1, 2, 3])
def test_an_older_ledger_that_is_only_read_is_compared_with_its_own_steps(tmp_path: Path, version: int) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(gzip.decompress((Path(__file__).parent / "fixtures" / f"version-{version}.db.gz").read_bytes()))
    with look_at(path) as ledger:
        assert ledger.audit.guards_changed() == ""
        ledger.audit.verify()


def test_a_damaged_index_is_told_with_what_mends_it(path: Path, open_ledger: Open) -> None:
    damage_index(path, "board_history", uid(1))
    with open_ledger() as ledger:
        assert ledger.certificates.search(uid(1)) == []  # what the index says
        with pytest.raises(LedgerFault) as caught:
            ledger.audit.verify()
        assert (caught.value.code, caught.value.exit) == ("E327", Exit.STATION_FAULT)
        assert "station audit reindex" in caught.value.do
        ledger.audit.reindex()
        ledger.audit.verify()
        assert [row.name.device_name for row in ledger.certificates.search(uid(1))] == ["cam0"]


def test_a_damaged_table_is_no_matter_of_an_index(path: Path, open_ledger: Open) -> None:
    with closing(sqlite3.connect(path)) as raw:
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'visits'").fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * size] = 0x55
    path.write_bytes(content)
    with open_ledger() as ledger, pytest.raises(LedgerFault) as caught:
        ledger.audit.verify()
    assert caught.value.code == "E322"


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_stations_ledger_is_refused_with_the_version_it_needs(path: Path, *, read_only: bool) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('station', 'm999_later', '')"
        )
        raw.execute("UPDATE meta SET value = '7.3.1' WHERE key = 'needs'")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"it needs 7\.3\.1") as caught:
        Connection(path, read_only=read_only)
    assert (caught.value.code, caught.value.exit) == ("E119", Exit.USAGE)
    assert path.read_bytes() == before
