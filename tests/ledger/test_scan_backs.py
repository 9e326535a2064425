# SPDX-License-Identifier: GPL-3.0-or-later
"""A printed label that is to be scanned back is owed by its slot until it was, or a supervisor waives just that."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from station.codes import Code
from station.errors import ConfigError, IntegrityAlarm
from station.ledger import audit, scan_backs
from station.ledger.matters import MatterKind
from station.ledger.scan_backs import OWED, OWES, SCAN_BACK, SCANNED, WAIVED
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.model import IdentityKind
from station.rules import Outcome
from tests.ledger.forging import forge
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

Open = Callable[[], Ledger]


def passed(ledger: Ledger, number: int, slot: str = "1") -> int:
    """A board that got the next identity; its stay demands that its label is scanned back."""
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), slot)
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    stay(ledger, number, Outcome.PASS, claim.attempt.identity_id, slot)
    return claim.attempt.identity_id


def stay(ledger: Ledger, number: int, outcome: Outcome, identity: int | None = None, slot: str = "1") -> None:
    details = {SCAN_BACK: "demanded"} if outcome is Outcome.PASS else {}
    ledger.visits.record(
        VisitRow(
            at=time.time(),
            slot=slot,
            outcome=outcome,
            board_uid=uid(number),
            identity_id=identity,
            seconds=1.0,
            details=details,
        )
    )


@pytest.fixture
def owing(open_ledger: Open) -> Ledger:
    """Slot 1 owes the label of identity 1."""
    ledger = open_ledger()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    passed(ledger, 1)
    return ledger


def said(ledger: Ledger) -> list[str]:
    return [line.event for line in ledger.audit.log(events=[OWES, SCANNED, WAIVED])]


def test_no_unlock_for_another_reason_no_later_stay_and_no_restart_ends_it(owing: Ledger, open_ledger: Open) -> None:
    owing.locks.lock("1", Code.E602, "3 in a row failed")
    owing.locks.unlock("1", "the pins are new", by="Li Wei")
    stay(owing, 2, Outcome.FAIL)
    owing.close()
    again = open_ledger()
    assert (again.scan_backs.owed("1"), again.scan_backs.owed("2"), said(again)) == (1, None, [OWES])
    again.audit.verify()


def test_the_scan_ends_it_and_its_lock(owing: Ledger) -> None:
    owing.locks.lock("1", OWED, "the printed label of cam1 was not scanned")
    owing.scan_backs.scanned(1, uid(1), "1")
    assert (owing.scan_backs.owed("1"), owing.locks.held(), said(owing)) == (None, {}, [OWES, SCANNED])
    owing.audit.verify()


def test_a_scan_takes_no_other_lock_away(owing: Ledger) -> None:
    owing.locks.lock("1", OWED, "the printed label of cam1 was not scanned")
    owing.locks.lock("1", Code.E701, "clone")
    owing.scan_backs.scanned(1, uid(1), "1")
    assert [lock.code for lock in owing.locks.held().values()] == [Code.E701]
    owing.audit.verify()


def test_a_supervisor_who_unlocks_just_that_waives_it_and_is_named(owing: Ledger) -> None:
    owing.locks.lock("1", OWED, "the printed label of cam1 was not scanned")
    owing.locks.unlock("1", "the label was torn", by="Li Wei", told=[OWED])
    (line,) = owing.audit.log(events=[WAIVED])
    assert (owing.scan_backs.owed("1"), line.identity_id, line.board_uid, line.slot) == (None, 1, uid(1), "1")
    assert ("Li Wei" in line.detail, "the label was torn" in line.detail) == (True, True)
    owing.audit.verify()


@pytest.mark.parametrize("code", [Code.E608, Code.E701])
def test_any_other_lock_takes_the_place_of_its_own_and_who_lifts_that_waives_nothing(owing: Ledger, code: Code) -> None:
    owing.locks.lock("1", OWED, "the printed label of cam1 was not scanned")
    owing.locks.lock("1", code, "something else", by="Li Wei")
    assert [lock.code for lock in owing.locks.held().values()] == [code]
    owing.locks.unlock("1", "mended", by="Li Wei")
    assert (owing.scan_backs.owed("1"), said(owing)) == (1, [OWES])


def test_a_slot_that_owes_two_owes_the_older_first_and_each_is_scanned(owing: Ledger) -> None:
    second = passed(owing, 2)
    owing.scan_backs.scanned(1, uid(1), "1")
    assert owing.scan_backs.owed("1") == second


def test_what_a_station_of_before_left_is_owed_whatever_was_unlocked_since_and_waived_for_good(
    open_ledger: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stay alone said it; what an unlock was for, nothing did."""
    ledger = open_ledger()
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    with monkeypatch.context() as before:
        before.setattr(scan_backs, "owe", lambda *_: None)
        passed(ledger, 1)
        passed(ledger, 2, slot="2")
    ledger.scan_backs.scanned(2, uid(2), "2")
    ledger.locks.unlock("1", "the pins are new", by="Li Wei")
    for slot in ("1", "2", "3"):
        ledger.scan_backs.adopt(slot)
    assert [ledger.scan_backs.owed(slot) for slot in ("1", "2", "3")] == [1, None, None]
    ledger.locks.lock("1", OWED, "the printed label of cam1 was not scanned")
    ledger.locks.unlock("1", "it was torn", by="Li Wei")
    ledger.scan_backs.adopt("1")
    assert ledger.scan_backs.owed("1") is None
    ledger.audit.verify()


@pytest.mark.sqlite
@pytest.mark.parametrize("sql", [scan_backs._OF_SLOT, f"{scan_backs._OPEN} {scan_backs._OLDEST_FIRST}"])
def test_what_is_owed_is_found_without_going_through_all_that_ever_was(owing: Ledger, sql: str) -> None:
    with owing.book.read() as db:
        plan = db.execute(f"EXPLAIN QUERY PLAN {sql}", {"bench": "", "slot": "1"}).fetchall()
    assert [row["detail"] for row in plan if row["detail"] == "SCAN s"] == []


@pytest.mark.parametrize("proof", ["older", "of another board", "of another event"])
def test_only_its_own_later_line_ends_it(owing: Ledger, proof: str) -> None:
    with pytest.raises(IntegrityAlarm, match="until it is scanned back"), owing.book.write() as db:
        line = db.execute("SELECT owed_line AS seq FROM scan_backs").fetchone()["seq"]
        if proof != "older":
            about = audit.About(identity=2 if proof == "of another board" else 1, slot="1")
            event = SCANNED if proof == "of another board" else "unlocked"
            line = audit.append(db, event, actor="x", about=about).seq
        db.execute("UPDATE scan_backs SET ended_line = ?", (line,))
    assert owing.scan_backs.owed("1") == 1


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE scan_backs SET slot = '2'",
        "UPDATE scan_backs SET identity = 2",
        "DELETE FROM scan_backs",
        "UPDATE scan_backs SET ended_line = owed_line",
        "INSERT INTO scan_backs (identity, bench, slot, owed_line) VALUES (2, '', '1', 1)",
    ],
)
def test_a_row_that_no_line_tells_of_is_found(owing: Ledger, open_ledger: Open, forgery: str) -> None:
    path = owing.path
    owing.close()
    forge(path, forgery)
    with open_ledger() as ledger, pytest.raises(IntegrityAlarm, match="label"):
        ledger.audit.verify()


def test_what_no_lock_shows_is_seen_and_waived_also_of_a_slot_that_no_bench_has_any_more(owing: Ledger) -> None:
    (matter,) = owing.matters.open()
    assert (matter.kind, matter.code, "cam1" in matter.what) == (MatterKind.LABEL, OWED, True)
    assert "station unlock 1" in matter.do
    owing.locks.unlock("1", "its slot is gone", by="Li Wei", told=(OWED,))
    assert (owing.scan_backs.owed("1"), owing.matters.open(), said(owing)) == (None, [], [OWES, WAIVED])
    with pytest.raises(ConfigError, match="unlocked already"):
        owing.locks.unlock("1", "once more", by="Li Wei", told=(OWED,))
    owing.audit.verify()


def test_where_a_lock_shows_it_that_alone_is_told(owing: Ledger) -> None:
    owing.locks.lock("1", OWED, "the printed label of cam1 was not scanned")
    assert [matter.kind for matter in owing.matters.open()] == [MatterKind.LOCKED]


def test_a_waiver_is_of_the_one_label_that_the_supervisor_was_shown(owing: Ledger) -> None:
    second = passed(owing, 2)
    owing.locks.unlock("1", "it was torn", by="Li Wei", told=(OWED,))
    assert owing.scan_backs.owed("1") == second


def test_a_bench_of_a_line_is_shown_what_a_ledger_of_before_it_was_one_owes(
    owing: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with locks: a ledger that was copied to a server says of no slot whose it was."""
    monkeypatch.setattr(type(owing.book.connection), "bench", "2", raising=False)
    assert (owing.scan_backs.owed("1"), [one.slot for one in owing.scan_backs.open()]) == (1, ["1"])
