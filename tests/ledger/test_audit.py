# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever edits the file behind our back is found: the triggers are dropped first and put back, as a forger would."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from forging import forge
from ledger_samples import BATCH, evidence, single, uid

from station.errors import ConfigError, IntegrityAlarm
from station.ledger.store import Ledger
from station.model import IdentityKind
from station.secrets.vault import Vault


@pytest.fixture
def used(open_ledger: Callable[[], Ledger]) -> Callable[[], Ledger]:
    with open_ledger() as ledger:
        ledger.receive(BATCH, [single(f"cam{i}") for i in range(4)])
        for board in range(2):
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
        ledger.verify_audit()
    return open_ledger


FORGERIES = {
    "an edited line": "UPDATE audit SET actor = 'someone' WHERE seq = 3",
    "an edited detail": "UPDATE audit SET detail = '{}' WHERE seq = 4",
    "a line cut out": "DELETE FROM audit WHERE seq = 3",
    "lines cut off the end": "DELETE FROM audit WHERE seq > 5",
    "a row set back": "UPDATE identities SET state = 'READY', board_uid = NULL, owner = NULL WHERE id = 1",
    "a row set back and forgotten": "UPDATE identities SET state = 'READY', board_uid = NULL, version = 0 WHERE id = 1",
    "an identity removed": "DELETE FROM certificates WHERE identity = 4; DELETE FROM identities WHERE id = 4",
    "a certificate removed": "DELETE FROM certificates WHERE identity = 4",
    "another board": "UPDATE identities SET board_uid = 'ab99', uid_after = 'ab99' WHERE id = 1",
    "another attempt": "UPDATE identities SET attempt = 7 WHERE id = 1",
    "a count changed": "UPDATE tallies SET identities = identities + 1 WHERE state = 'READY'",
    "a count invented": "INSERT INTO tallies VALUES ('p', 'single', 'CONSUMED', 1, 1)",
    "a batch made larger": "UPDATE batches SET received = received + 1",
    "a state without a line": "UPDATE identities SET state = 'RETIRED', reason = 'x' WHERE id = 3",
}


SET_BACK = (
    "UPDATE tallies SET identities = identities - 1, certificates = certificates - 1 WHERE state = 'CONSUMED';"
    " INSERT INTO tallies SELECT product_key, kind, '{state}', 1, 1 FROM identities WHERE id = 1 ON CONFLICT DO UPDATE"
    " SET identities = identities + 1, certificates = certificates + 1;"
    " UPDATE identities SET state = '{state}', version = {version}, expected = NULL, found = NULL, uid_after = NULL,"
    " method = NULL, {rest} WHERE id = 1"
)


@pytest.mark.parametrize(
    ("state", "version", "rest", "said"),
    [
        ("RESERVED", 1, "owner = 'me'", "identity 1 was set back"),
        ("READY", 0, "board_uid = NULL, attempt = 0", "2 identities moved, 1 rows say so"),
    ],
)
def test_an_identity_that_is_set_back_with_all_that_counts_it_is_found(
    used: Callable[[], Ledger], state: str, version: int, rest: str, said: str
) -> None:
    """To an earlier line of its own, or to before its first: counts and sizes add up, and so does the chain."""
    with used() as ledger:
        path = ledger.connection.path
    forge(path, SET_BACK.format(state=state, version=version, rest=rest))
    with used() as ledger, pytest.raises(IntegrityAlarm) as caught:
        ledger.verify_audit()
    assert (caught.value.code, said in caught.value.what) == ("E702", True), caught.value.what


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_file_is_found(used: Callable[[], Ledger], forgery: str) -> None:
    with used() as ledger:
        path = ledger.connection.path
    forge(path, FORGERIES[forgery])
    with used() as ledger, pytest.raises(IntegrityAlarm) as caught:
        ledger.verify_audit()
    assert "guards" not in caught.value.what
    assert caught.value.code == "E702"


def test_a_moved_ciphertext_does_not_open(used: Callable[[], Ledger]) -> None:
    with used() as ledger:
        path = ledger.connection.path
    raw = sqlite3.connect(path)
    raw.execute("DROP TRIGGER certificates_are_as_issued")
    raw.execute("DROP TRIGGER secrets_end_with_the_identity")
    raw.execute(
        "UPDATE certificates SET secret = (SELECT secret FROM certificates WHERE identity = 4) WHERE identity = 3"
    )
    raw.commit()
    raw.close()
    with used() as ledger, pytest.raises(IntegrityAlarm) as caught:
        ledger.identity(3)
    assert caught.value.code == "E703"


def test_another_key_is_refused_at_the_door(used: Callable[[], Ledger]) -> None:
    with used() as ledger:
        path = ledger.connection.path
    with pytest.raises(ConfigError, match="does not belong"):
        Ledger(path, Vault(bytes(32)))
