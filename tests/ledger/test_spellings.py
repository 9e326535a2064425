# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an older station wrote one board in several spellings, nothing is rewritten, merged or given twice."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.codes import Code
from station.errors import NeedsPerson, StationError
from station.ledger.sqlite.migrating import STEPS
from station.ledger.store import Ledger
from station.ledger.values import Claim
from station.model import BoardUid, CertName, IdentityKind, State
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, bound, evidence, named, single

BOARD = BoardUid("5a00c0ffee01")
STEP = "m005_spellings"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], Ledger]:
    return lambda: Ledger(tmp_path / "state" / "ledger.db", Vault(bytes(32)))


def claimed(ledger: Ledger, spelling: str) -> Claim:
    return ledger.reserve(["a1Camera"], IdentityKind.SINGLE, BoardUid(spelling), "1")


def written(ledger: Ledger, spelling: str) -> Claim:
    claim = claimed(ledger, spelling)
    ledger.begin(claim.attempt)
    return claim


def as_an_older_station_left_it(ledger: Ledger) -> None:
    """Before the step that knows spellings."""
    ledger.close()
    raw = sqlite3.connect(ledger.path)
    raw.executescript("DROP TRIGGER one_board_however_spelt; DROP TABLE spellings;")
    assert raw.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (STEP,)).rowcount == 1
    raw.commit()
    raw.close()


def stocked(opened: Callable[[], Ledger]) -> Ledger:
    ledger = opened()
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    return ledger


@pytest.mark.parametrize(
    "spelling",
    ["5a-00-c0-ff-ee-01", "sn5a00c0ffee01", "mac5a00c0ffee01", "mac-5a00.c0ff.ee01", "5a00c0-ffee01"],
)
def test_a_done_board_is_known_by_todays_spelling(opened: Callable[[], Ledger], spelling: str) -> None:
    before = stocked(opened)
    claim = written(before, spelling)
    before.consume(claim.attempt, evidence(claim))
    as_an_older_station_left_it(before)
    with opened() as ledger:
        known = bound(ledger, BOARD)
        assert (known.state, known.board_uid) == (State.CONSUMED, BOARD)
        assert named(ledger, CertName("a1Camera", "cam0")).board_uid == BOARD
        assert [row.board_uid for row in ledger.certificates.search("5A:00:C0:FF:EE:01")] == [BOARD]
        assert [line.event for line in ledger.audit.history(uid=BOARD)] == ["reserved", "writing", "consumed"]
        assert next(ledger.traces.all()).board_uid == BOARD
        ledger.audit.verify()
        with pytest.raises((sqlite3.IntegrityError, StationError), match=r"another spelling|has an identity"):
            claimed(ledger, BOARD)


def test_a_board_in_doubt_is_resolved_by_todays_spelling(opened: Callable[[], Ledger]) -> None:
    before = stocked(opened)
    claim = written(before, "sn5a00c0ffee01")
    before.doubt(claim.attempt, Code.E204, "differs")
    as_an_older_station_left_it(before)
    with opened() as ledger:
        known = bound(ledger, BOARD)
        attempt = ledger.resume(known.identity_id, known.attempt, BOARD, "2")
        ledger.consume(attempt, evidence(replace(claim, attempt=attempt)))
        assert bound(ledger, BOARD).state is State.CONSUMED
        ledger.audit.verify()


def test_two_that_come_together_are_kept_and_shown(opened: Callable[[], Ledger]) -> None:
    before = stocked(opened)
    for spelling in ("5a-00-c0-ff-ee-01", "sn5a00c0ffee01"):
        claim = written(before, spelling)
        before.consume(claim.attempt, evidence(claim))
    as_an_older_station_left_it(before)
    with opened() as ledger:
        with pytest.raises(NeedsPerson, match=r"2 times.*cam0 as 5a-00-c0-ff-ee-01, .*cam1 as sn5a00c0ffee01") as asked:
            ledger.bound_to(BOARD)
        assert asked.value.code == "E635"
        first, second = CertName("a1Camera", "cam0"), CertName("a1Camera", "cam1")
        twice = {BOARD: [("5a-00-c0-ff-ee-01", first), ("sn5a00c0ffee01", second)]}
        assert ledger.spellings.boards_with_two() == twice
        assert {row.name.device_name for row in ledger.certificates.search(BOARD)} == {"cam0", "cam1"}
        ledger.audit.verify()
        ledger.retire(CertName("a1Camera", "cam1"), "it was one board, read twice", by="Li")
        assert bound(ledger, BOARD).name.device_name == "cam0"
        assert ledger.spellings.boards_with_two() == {}
        ledger.audit.verify()


def test_visits_of_all_spellings_are_the_boards(opened: Callable[[], Ledger]) -> None:
    before = stocked(opened)
    with before.book.write() as db:
        for spelling in ("5a-00-c0-ff-ee-01", "5a00c0ffee01", "5a00c0ffee02"):
            columns = "at, slot, board_uid, outcome, code, what, seconds, operator, details"
            db.execute(f"INSERT INTO visits ({columns}) VALUES (1, '1', ?, 'PASS', '', '', 1, '', '{{}}')", (spelling,))
    as_an_older_station_left_it(before)
    with opened() as ledger:
        assert [visit.board_uid for visit in ledger.visits.of_board(BOARD)] == [BOARD, BOARD]


def in_the_step(uids: list[str]) -> dict[str, str]:
    raw = sqlite3.connect(":memory:")
    raw.executescript(
        "CREATE TABLE identities (id, state, board_uid);"
        "CREATE TABLE visits (board_uid); CREATE TABLE audit (board_uid);"
    )
    raw.executemany("INSERT INTO identities (board_uid) VALUES (?)", [(uid,) for uid in uids])
    raw.executescript((STEPS / "0005_spellings.sql").read_text())
    return dict(raw.execute("SELECT spelling, uid FROM spellings"))


HEX = st.text("0123456789abcdef", min_size=1, max_size=12)
OLD = st.builds(
    lambda word, groups, separator: word + separator.join(groups),
    st.sampled_from(["", "sn", "sn-", "mac", "uid_", "s", "-"]),
    st.lists(HEX, min_size=1, max_size=6) | st.lists(st.text("0123456789abcdef", min_size=2, max_size=2), min_size=4),
    st.sampled_from(["", "-", ".", "_"]),
) | st.text("0123456789abcdefnmisu-._", min_size=4, max_size=20)


@settings(max_examples=60)
@given(st.lists(OLD.filter(lambda uid: re.fullmatch(r"[0-9a-z._-]{4,64}", uid)), max_size=12, unique=True))
def test_the_step_and_the_rule_agree_on_what_one_board_is(uids: list[str]) -> None:
    plain = {uid: BoardUid.stored(uid) for uid in uids}
    expected = {uid: normal for uid, normal in plain.items() if normal != uid}
    found = {spelling: uid for spelling, uid in in_the_step(uids).items() if not set(uid) <= set("0") | set("f")}
    assert found == expected
