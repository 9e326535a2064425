# SPDX-License-Identifier: GPL-3.0-or-later
"""REPLACE is a DELETE that fires no delete trigger: SQLite's conflict clauses must not get past the invariants."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.model import IdentityKind, Provider
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

TABLES = ("identities", "certificates", "audit", "visits", "batches", "cloud_requests", "conflicts", "registrations")


REQUEST = "id, request_id, provider, operation, product_key, detail, state, batch_id, answer, sent_at, changed_at"
REGISTRATION = (
    "id, batch_id, identity, channel, kind, product_key, device_name, node_id, gateway_id, mark, secret, state,"
    " changed_at"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Identity 1 is CONSUMED, 2 is READY; every table has a row."""
    with Ledger(tmp_path_factory.mktemp("full") / "ledger.db", Vault(bytes(32))) as ledger:
        fill(ledger)
        return ledger.path


def fill(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    ledger.receive(BATCH, [single("cam1", iot_id="another")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    ledger.visits.record(VisitRow(at=1.0, slot="1", outcome="PASS"))
    ledger.requests.record_sending("r1", provider=Provider.LIVING, operation="generate", product_key="p", detail={})
    ledger.registrations.plan("5", [single("cam3"), single("cam4")])


@pytest.fixture(params=[False, True], ids=["foreign keys off", "foreign keys on"])
def raw(file: Path, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """What a test does is undone behind it."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as connection:
        connection.execute(f"PRAGMA foreign_keys={request.param:d}")
        connection.execute("BEGIN")
        yield connection


def everything(raw: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: raw.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def changed_by(raw: sqlite3.Connection, sql: str) -> bool:
    """Whether one raw statement changed anything; refused and ignored are both fine."""
    before = everything(raw)
    with suppress(sqlite3.IntegrityError):
        raw.execute(sql)
    return everything(raw) != before


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT OR REPLACE INTO identities (id, batch, provider, product_key, kind, size, state, changed_at)"
        " VALUES (1, 1, 'living', 'a1Camera', 'single', 1, 'READY', '')",
        "REPLACE INTO certificates SELECT NULL, 2, 0, product_key, device_name, '', '', '', 0, x'00', x'01', NULL"
        " FROM certificates WHERE identity = 1",
        "REPLACE INTO certificates SELECT id, 2, 1, product_key, 'forged', '', '', '', 0, x'00', x'01', NULL"
        " FROM certificates WHERE identity = 1",
        "REPLACE INTO audit SELECT seq, at, 'forged', actor, identity, version, from_state, to_state, attempt,"
        " board_uid, slot, detail, previous, hash, chain FROM audit WHERE seq = 2",
        "REPLACE INTO audit SELECT max(seq) + 1, at, 'forged', actor, identity, version, from_state, to_state, attempt,"
        " board_uid, slot, detail, previous, 'x', chain FROM audit WHERE version = 1",
        "REPLACE INTO audit SELECT max(seq) + 1, at, 'forged', actor, NULL, NULL, NULL, NULL, NULL, NULL, NULL, detail,"
        " previous, hash, chain FROM audit WHERE seq = 2",
        "REPLACE INTO visits SELECT id, at, slot, board_uid, 'FAIL', code, what, identity, attempt, seconds, operator,"
        " details, bench FROM visits",
        "REPLACE INTO batches SELECT id, provider, 'forged', product_key, source, total, complete, received, created_at"
        " FROM batches",
        "REPLACE INTO batches SELECT NULL, provider, batch_id, product_key, 'forged', total, complete, received,"
        " created_at FROM batches",
        f"REPLACE INTO cloud_requests ({REQUEST})"
        " SELECT id, 'forged', provider, operation, product_key, detail, state, batch_id,"
        " answer, sent_at, changed_at FROM cloud_requests",
        f"REPLACE INTO cloud_requests ({REQUEST})"
        " SELECT NULL, request_id, provider, 'forged', product_key, detail, state, batch_id,"
        " answer, sent_at, changed_at FROM cloud_requests",
        "REPLACE INTO conflicts (product_key, device_name, content, batch, seen_at)"
        " SELECT product_key, device_name, content, batch, 'forged' FROM conflicts",
        f"REPLACE INTO registrations ({REGISTRATION})"
        " SELECT NULL, batch_id, identity, channel, kind, product_key, device_name, node_id,"
        " gateway_id, mark || 'x', x'00', state, changed_at FROM registrations",
        "UPDATE OR REPLACE registrations SET id = 1 WHERE id = 2",
        "UPDATE OR REPLACE registrations SET mark = (SELECT mark FROM registrations WHERE id = 1) WHERE id = 2",
        "UPDATE batches SET batch_id = 'forged'",
        "UPDATE batches SET product_key = 'forged', id = 9",
        "UPDATE conflicts SET seen_at = 'forged'",
        "INSERT INTO identities (id, batch, provider, product_key, kind, size, state, changed_at) VALUES"
        " (1, 1, 'living', 'a1Camera', 'single', 1, 'READY', '') ON CONFLICT (id) DO UPDATE SET state = 'READY',"
        " board_uid = NULL, version = version + 1",
        "UPDATE OR REPLACE identities SET id = 1 WHERE id = 2",
        "UPDATE OR REPLACE certificates SET device_name = 'cam1' WHERE identity = 2",
    ],
)
def test_no_conflict_clause_replaces_a_row(raw: sqlite3.Connection, sql: str) -> None:
    assert not changed_by(raw, sql)


def test_an_update_never_pushes_a_boards_identity_out(raw: sqlite3.Connection) -> None:
    """UPDATE OR REPLACE would make room in the unique index of I2 by deleting the CONSUMED row."""
    raw.execute(
        "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, detail,"
        " previous, hash) SELECT max(seq) + 1, 'now', 'forged', 'me', 2, 1, 'READY', 'RESERVED', 1, ?, '{}', '', 'x'"
        " FROM audit",
        (uid(1),),
    )
    sql = (
        "UPDATE OR REPLACE identities SET state='RESERVED', attempt=1, version=1, board_uid='{}', owner='x' WHERE id=2"
    )
    assert not changed_by(raw, sql.format(uid(1)))
