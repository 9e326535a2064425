# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever edits the file behind our back is found: the triggers are dropped first and put back, as a forger would."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm
from station.ledger.audit import About, append
from station.ledger.locks import STATION
from station.ledger.sqlite.file import File
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.model import IdentityKind, Secret, State
from station.people.pins import set_pin
from station.secrets.vault import Vault
from tests.ledger.forging import forge
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid

KEY = bytes(range(32))
FILE = replace(BATCH, batch_id="of-a-file", source="batch.csv")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a ledger that something of everything has happened in."""
    path = tmp_path_factory.mktemp("image") / "ledger.db"
    with Ledger(path, Vault(KEY)) as ledger:
        ledger.receive(BATCH, [single(f"cam{i}") for i in range(5)])
        for board in range(2):
            claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
            ledger.visits.record(VisitRow(at=float(board), slot="1", outcome="PASS", board_uid=uid(board)))
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
        ledger.begin(claim.attempt)
        ledger.receive(FILE, [single("used", cloud_status=1), nvr_set("nvr", 2)])
        ledger.receive(BATCH, [single("cam3", cloud_status=1)], from_cloud=True)
        ledger.receive(BATCH, [single("cam3", cloud_status=1)], from_cloud=True)
        for channel in (1, 2):
            member = ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(10 + channel), "2")
            ledger.begin(member.attempt)
        found = ledger.named(single("used").name)
        assert found
        ledger.found_on_board(found, uid(9))
        ledger.locks.lock("1", Code.E602, "3 failures in a row")
        ledger.locks.lock(STATION, Code.E608, "shift ends", by="Li Wei")
        ledger.locks.unlock(STATION, "shift begins", by="Li Wei")
        set_pin(ledger, "Li Wei", Secret("246810"))
        set_pin(ledger, "Wang Fang", Secret("135790"), by="Li Wei")
        ledger.receive(FILE, [single("late")])
        ledger.audit.verify()
    return path


@pytest.fixture
def data_key() -> bytes:
    return KEY


@pytest.fixture
def file(image: Path, place: Callable[[], Path]) -> Path:
    """A copy of its own for each test."""
    place().parent.mkdir(mode=0o700)
    return Path(shutil.copy(image, place()))


@pytest.fixture
def used(file: Path, open_ledger: Callable[[], Ledger]) -> Callable[[], Ledger]:
    """The same, as a station opens it."""
    return open_ledger


def removed(name: str, batch: int) -> str:
    """As if it had never come; nothing in the counts tells of it."""
    return (
        f"CREATE TEMP TABLE gone AS SELECT identity FROM certificates WHERE device_name = '{name}';"
        "DELETE FROM certificates WHERE identity IN gone; DELETE FROM identities WHERE id IN gone;"
        "UPDATE tallies SET identities = identities - 1, certificates = certificates - 1"
        " WHERE product_key = 'a1Camera' AND state = 'READY';"
        f"UPDATE batches SET received = received - 1 WHERE id = {batch}"
    )


FORGERIES = {
    "an edited line": "UPDATE audit SET actor = 'someone' WHERE seq = 3",
    "an edited detail": "UPDATE audit SET detail = '{}' WHERE seq = 4",
    "which line it follows": "UPDATE audit SET previous = hash WHERE seq = 3",
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
    "a state without a line": "UPDATE identities SET state = 'RETIRED', reason = 'x' WHERE id = 4",
    "certificates of two boards swapped": "UPDATE certificates SET identity = 3 - identity WHERE identity IN (1, 2)",
    "certificates of two cameras swapped": (
        "UPDATE certificates SET identity = (SELECT sum(identity) FROM certificates WHERE product_key = 'a1Ipc')"
        " - identity WHERE product_key = 'a1Ipc'"
    ),
    "the name of a consumed one": "UPDATE certificates SET device_name = 'other' WHERE identity = 1",
    "the name of one that is being written": "UPDATE certificates SET device_name = 'other' WHERE identity = 3",
    "the name of a waiting one": "UPDATE certificates SET device_name = 'other' WHERE identity = 4",
    "the content of a waiting one": "UPDATE certificates SET content = x'00' WHERE identity = 4",
    "the cloud's status": "UPDATE certificates SET cloud_status = 0 WHERE device_name = 'used'",
    "expected and found": "UPDATE identities SET expected = 'f', found = 'f' WHERE id = 1",
    "the method": "UPDATE identities SET method = 'readback-after-reset' WHERE id = 1",
    "a waiting one removed with its counts": removed("cam4", 1),
    "the last one removed with its counts": removed("late", 2),
    "one that nobody sent": (
        "INSERT INTO identities SELECT 99, batch, provider, product_key, kind, NULL, 0, 1, 'READY', 0, 0, NULL, NULL,"
        " NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL FROM identities WHERE id = 1;"
        "INSERT INTO certificates SELECT 99, 99, 0, product_key, 'extra', '', '', '', 0, content, secret, NULL"
        " FROM certificates WHERE identity = 4;"
        "UPDATE tallies SET identities = identities + 1, certificates = certificates + 1"
        " WHERE state = 'READY' AND product_key = 'a1Camera';"
        "INSERT OR IGNORE INTO tallies VALUES ('a1Camera', 'single', 'READY', 1, 1);"
        "UPDATE batches SET received = received + 1 WHERE id = 1"
    ),
    "a withheld one let back before it moved": "UPDATE audit SET from_state = 'READY' WHERE event = 'found on a board'",
    "moved to another batch": (
        "UPDATE identities SET batch = 2 WHERE id = 1; UPDATE batches SET received = received - 1 WHERE id = 1;"
        " UPDATE batches SET received = received + 1 WHERE id = 2"
    ),
    "a batch renamed": "UPDATE batches SET batch_id = '4712' WHERE id = 1",
    "a cloud's batch called a file's": "UPDATE batches SET source = 'x.csv' WHERE id = 1",
    "a visit removed": "DELETE FROM visits WHERE id = 1",
    "the last visit removed": "DELETE FROM visits WHERE id = 2",
    "all visits removed": "DELETE FROM visits",
    "a visit edited": "UPDATE visits SET outcome = 'FAIL' WHERE id = 1",
    "a visit invented": "INSERT INTO visits SELECT 3, at, slot, NULL, outcome, code, what, NULL, NULL, 0, '', '{}', ''"
    " FROM visits WHERE id = 1",
    "a lock removed": "DELETE FROM locks",
    "a lock made lesser": "UPDATE locks SET code = 'E608'",
    "a lock invented": "INSERT INTO locks VALUES ('', '2', 'E602', 'x', '')",
    "a slot unlocked": "INSERT INTO unlocks VALUES ('', '1', 99)",
    "a supervisor removed": "UPDATE meta SET value = json_remove(value, '$.named.Li Wei') WHERE key LIKE '%pin%'",
    "all supervisors removed": "DELETE FROM meta WHERE key LIKE '%pin%'",
    "the cloud's answer": "UPDATE cloud_answers SET status = 0",
    "the cloud's answers removed": "DELETE FROM cloud_answers",
    "found on a board, and forgotten": "DELETE FROM found_on_boards",
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
        ("READY", 0, "board_uid = NULL, attempt = 0", "8 identities moved, 7 rows say so"),
    ],
)
def test_an_identity_that_is_set_back_with_all_that_counts_it_is_found(
    file: Path, used: Callable[[], Ledger], state: str, version: int, rest: str, said: str
) -> None:
    """To an earlier line of its own, or to before its first: counts and sizes add up, and so does the chain."""
    forge(file, SET_BACK.format(state=state, version=version, rest=rest))
    with used() as ledger, pytest.raises(IntegrityAlarm) as caught:
        ledger.audit.verify()
    assert (caught.value.code, said in caught.value.what) == ("E702", True), caught.value.what


@pytest.mark.parametrize(
    ("identity", "version", "states"),
    [
        (5, 1, (State.READY, State.CONSUMED)),
        (5, 2, (State.READY, State.RESERVED)),
        (1, 4, (State.READY, State.RESERVED)),
    ],
    ids=["not drawn", "a version left out", "not where it was"],
)
def test_a_line_out_of_turn_is_found_although_it_is_chained_as_it_should_be(
    file: Path, used: Callable[[], Ledger], identity: int, version: int, states: tuple[State, State]
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None, factory=File)) as raw:
        raw.row_factory = sqlite3.Row
        append(
            raw,
            "forged",
            actor="me",
            about=About(identity, version, *states, attempt=1, board_uid="ab77"),
        )
    with used() as ledger, pytest.raises(IntegrityAlarm) as caught:
        ledger.audit.verify()
    assert f"moves identity {identity}" in caught.value.what and "out of turn" in caught.value.what


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_file_is_found(file: Path, used: Callable[[], Ledger], forgery: str) -> None:
    forge(file, FORGERIES[forgery])
    with used() as ledger, pytest.raises(IntegrityAlarm) as caught:
        ledger.audit.verify()
    assert "guards" not in caught.value.what
    assert caught.value.code == "E702"


def test_a_moved_ciphertext_does_not_open(file: Path, used: Callable[[], Ledger]) -> None:
    raw = sqlite3.connect(file)
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


def test_another_key_is_refused_at_the_door(file: Path) -> None:
    with pytest.raises(ConfigError, match="does not belong"):
        Ledger(file, Vault(bytes(32)))
