# SPDX-License-Identifier: GPL-3.0-or-later
"""The key a board's storage is encrypted with: set once, by what marries it; sealed for its row; there for good."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from station.codes import Code
from station.errors import IntegrityAlarm, LedgerFault
from station.ledger.store import Ledger
from station.ledger.values import Claim
from station.model import IdentityKind, Secret, State
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

KEY, OTHER = Secret("5e" * 64), Secret("c7" * 64)


@pytest.fixture
def claim(ledger: Ledger) -> Claim:
    ledger.receive(BATCH, [single("cam0"), single("cam1")])
    return ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")


def refused(ledger: Ledger, sql: str, *values: object) -> str:
    with closing(sqlite3.connect(ledger.path, isolation_level=None, timeout=10)) as raw:
        with pytest.raises(sqlite3.IntegrityError) as caught:
            raw.execute(sql, values)
        return str(caught.value)


@pytest.mark.sqlite
def test_it_comes_with_writing_and_stays_through_doubt_and_consumed(ledger: Ledger, claim: Claim) -> None:
    attempt = claim.attempt
    assert ledger.board_key(attempt.identity_id) is None
    ledger.begin(attempt, board_key=KEY)
    assert ledger.board_key(attempt.identity_id) == KEY
    ledger.doubt(attempt, Code.E311, "unplugged")
    attempt = ledger.resume(attempt.identity_id, attempt.number, attempt.board_uid, "1", board_key=KEY)
    ledger.consume(attempt, evidence(claim))
    assert ledger.board_key(attempt.identity_id) == KEY
    ledger.retire(claim.identity.name, "scrap", by="Li Wei")
    assert ledger.board_key(attempt.identity_id) == KEY
    assert KEY.reveal().encode() not in ledger.path.read_bytes()


def test_a_row_without_one_may_get_it_when_it_is_resumed(ledger: Ledger, claim: Claim) -> None:
    attempt = claim.attempt
    ledger.begin(attempt)
    ledger.doubt(attempt, Code.E311, "unplugged")
    ledger.resume(attempt.identity_id, attempt.number, attempt.board_uid, "1", board_key=KEY)
    assert ledger.board_key(attempt.identity_id) == KEY


def test_a_second_key_is_refused_and_nothing_moves(ledger: Ledger, claim: Claim) -> None:
    attempt = claim.attempt
    ledger.begin(attempt, board_key=KEY)
    ledger.doubt(attempt, Code.E311, "unplugged")
    with pytest.raises(LedgerFault) as caught:
        ledger.resume(attempt.identity_id, attempt.number, attempt.board_uid, "1", board_key=OTHER)
    assert caught.value.code == "E326"
    known = ledger.named(claim.identity.name)
    assert known
    assert known.state is State.IN_DOUBT
    assert ledger.board_key(attempt.identity_id) == KEY


@pytest.mark.parametrize("value", [b"another", None])
@pytest.mark.sqlite
def test_raw_sql_cannot_change_or_drop_it(ledger: Ledger, claim: Claim, value: bytes | None) -> None:
    ledger.begin(claim.attempt, board_key=KEY)
    said = refused(
        ledger,
        "UPDATE identities SET board_key = ?, version = version + 1 WHERE id = ?",
        value,
        claim.attempt.identity_id,
    )
    assert "board key never changes" in said or "I10" in said  # each alone: test_each_guard_alone


@pytest.mark.parametrize("begin", [False, True], ids=["RESERVED", "WRITING"])
@pytest.mark.sqlite
def test_raw_sql_cannot_set_it_outside_that_transition(ledger: Ledger, claim: Claim, begin: bool) -> None:
    if begin:
        ledger.begin(claim.attempt)
    said = refused(ledger, "UPDATE identities SET board_key = x'00' WHERE id = ?", claim.attempt.identity_id)
    assert "marries" in said or "I10" in said or "I6" in said


@pytest.mark.sqlite
def test_an_identity_enters_without_one(ledger: Ledger, claim: Claim) -> None:
    columns = "batch, provider, product_key, kind, size, state, changed_at"
    said = refused(
        ledger,
        f"INSERT INTO identities ({columns}, board_key) SELECT {columns}, x'00' FROM identities WHERE state = 'READY'",
    )
    assert "without a board key" in said


@pytest.mark.sqlite
def test_moved_to_another_row_it_does_not_open(ledger: Ledger, claim: Claim) -> None:
    ledger.begin(claim.attempt, board_key=KEY)
    second = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "2").attempt
    ledger.begin(second, board_key=OTHER)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as raw:
        raw.executescript(
            "DROP TRIGGER board_key_stays; DROP TRIGGER changes_are_versioned;DROP TRIGGER changes_are_audited;"
        )
        raw.execute(
            "UPDATE identities SET board_key = (SELECT board_key FROM identities WHERE id = ?) WHERE id = ?",
            (claim.attempt.identity_id, second.identity_id),
        )
    with pytest.raises(IntegrityAlarm) as caught:
        ledger.board_key(second.identity_id)
    assert caught.value.code == "E703"
