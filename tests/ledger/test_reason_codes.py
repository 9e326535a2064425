# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an identity is where it is: a code in a column of its own, the text behind it, and neither outlives the state."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from station.codes import Code
from station.ledger.store import Ledger
from station.ledger.values import CertRow
from station.model import IdentityKind, State
from station.report.shift import doubts
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("version-*.db.gz"))


def in_doubt(ledger: Ledger) -> CertRow:
    (row,) = ledger.certificates.unsettled()
    return row


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.name)
def test_the_codes_of_an_older_ledger_come_from_its_texts_once(tmp_path: Path, fixture: Path) -> None:
    path = tmp_path / "state" / "ledger.db"
    path.parent.mkdir(mode=0o700)
    path.touch(0o600)
    path.write_bytes(gzip.decompress(fixture.read_bytes()))
    with closing(sqlite3.connect(path)) as raw:
        before = dict(raw.execute("SELECT id, reason FROM identities WHERE reason IS NOT NULL").fetchall())
    Ledger(path, Vault(bytes(range(32)))).close()
    with closing(sqlite3.connect(path)) as raw:
        after = raw.execute("SELECT id, state, code, reason FROM identities WHERE reason IS NOT NULL").fetchall()
    assert {row[0] for row in after} == set(before)
    assert any(state == State.IN_DOUBT for _, state, _, _ in after)
    for number, state, code, reason in after:
        if state == State.RETIRED:
            assert (code, reason) == (None, before[number])
        elif before[number][:1] == "E":
            assert f"{code} {reason}" == before[number]
            assert Code.of(code) is not None


@pytest.mark.sqlite
def test_a_code_goes_with_its_reason(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1")])
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.doubt(claim.attempt, Code.E204, "E311 is what the board wrote")
    row = in_doubt(ledger)
    assert (row.code, row.reason, row.why) == (
        Code.E204,
        "E311 is what the board wrote",
        "E204 E311 is what the board wrote",
    )
    assert [(doubt.code, doubt.red_bin) for doubt in doubts(ledger)] == [(Code.E204, True)]
    again = ledger.resume(row.identity_id, row.attempt, uid(1), "1")
    ledger.doubt(again, Code.E311, "E204 was what it said before")
    assert [(doubt.code, doubt.red_bin) for doubt in doubts(ledger)] == [(Code.E311, False)]
    ledger.consume(again, evidence(claim), expect=State.IN_DOUBT)
    with closing(sqlite3.connect(ledger.path)) as raw:
        assert raw.execute("SELECT code, reason FROM identities").fetchall() == [(None, None)]


@pytest.mark.sqlite
def test_a_withheld_certificate_says_by_code_why(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("used", cloud_status=1)])
    with closing(sqlite3.connect(ledger.path)) as raw:
        assert raw.execute("SELECT state, code FROM identities").fetchall() == [("WITHHELD", "E617")]
