# SPDX-License-Identifier: GPL-3.0-or-later
"""A station that is killed between CONSUMED and the stay's row: the next opening writes that stay down, once, and all
who live by stays hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from station.codes import Code
from station.ledger import missed_stays
from station.ledger.missed_stays import FOUND_LATER
from station.ledger.store import Ledger
from station.ledger.values import Claim, VisitRow
from station.ledger.visits import LABEL, PROFILE, SERIAL
from station.model import IdentityKind, State
from station.rules import Outcome
from station.visiting import visiting
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

Open = Callable[[], Ledger]
NOTES = {"1": {PROFILE: "cam", LABEL: "cam"}, "2": {PROFILE: "cam"}}


def begun(ledger: Ledger, number: int, slot: str = "1") -> Claim:
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), slot)
    ledger.begin(claim.attempt)
    return claim


def done(ledger: Ledger, number: int, slot: str = "1") -> int:
    """CONSUMED, and then the station was killed."""
    claim = begun(ledger, number, slot)
    ledger.consume(claim.attempt, evidence(claim))
    return claim.attempt.identity_id


def wrote_down(ledger: Ledger, identity: int, number: int, slot: str = "1") -> None:
    stay = VisitRow(at=0.0, slot=slot, outcome=Outcome.PASS, board_uid=uid(number), identity_id=identity, attempt=1)
    ledger.visits.record(stay)


@pytest.fixture
def bench(open_ledger: Open) -> Ledger:
    """At work until it is closed; a line knows which bench that is."""
    ledger = open_ledger()
    ledger.line.call("bench")
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(9)])
    ledger.missed_stays.expect(NOTES)
    return ledger


def test_it_is_written_down_at_the_next_opening_once(bench: Ledger, open_ledger: Open) -> None:
    bench.operator = "OP7"
    bench.serials.give(uid(1), "SN-1", "1")
    wrote_down(bench, done(bench, 2), 2)
    with visiting("3f9a0c12be77d001"):
        missed = done(bench, 1)
    bench.close()
    for made_good in (1, 0):
        with open_ledger() as again:
            assert again.missed_stays.make_good() == made_good
            (stay,) = again.visits.of_board(uid(1))
            assert (stay.outcome, stay.identity_id, stay.attempt, stay.slot) == (Outcome.PASS, missed, 1, "1")
            assert stay.operator == "OP7"
            kept = {PROFILE: "cam", LABEL: "cam", SERIAL: "SN-1"}
            assert stay.details.items() >= kept.items() and stay.details[FOUND_LATER]
            assert stay.details["visit"] == "3f9a0c12be77d001"
            assert "3f9a0c12be77d001" in list(again.audit.log(events=["visit"]))[-1].detail
            (line,) = [line for line in again.audit.log(events=["consumed"]) if line.board_uid == uid(1)]
            assert stay.at == pytest.approx(datetime.fromisoformat(line.at).timestamp())
            again.outbox.begin("mes", since=0.0)
            (event,) = [one for one in again.outbox.due("mes", 99).events if one.uid == uid(1)]
            assert (event.outcome, event.profile, event.serial, event.attempt) == ("PASS", "cam", "SN-1", 1)
            assert [one.identity_id for one in again.printed.waiting()[0]] == [missed]
            again.audit.verify()


def test_while_a_station_of_this_bench_is_at_work_it_may_be_about_to_write_it(bench: Ledger, open_ledger: Open) -> None:
    identity = done(bench, 1)
    with open_ledger() as beside:
        beside.line.call("bench")
        assert beside.missed_stays.make_good() == 0
        wrote_down(bench, identity, 1)
        bench.close()
        assert beside.missed_stays.make_good() == 0
        assert len(beside.visits.of_board(uid(1))) == 1


def test_a_board_in_doubt_that_was_done_then_and_one_that_came_back_are_each_told_once(
    bench: Ledger, open_ledger: Open
) -> None:
    doubted = begun(bench, 1, "2")
    bench.doubt(doubted.attempt, Code.E311, "unplugged")
    number = doubted.attempt.identity_id
    bench.visits.record(
        VisitRow(at=0.0, slot="2", outcome=Outcome.IN_DOUBT, board_uid=uid(1), identity_id=number, attempt=1)
    )
    bench.consume(doubted.attempt, evidence(doubted), expect=State.IN_DOUBT)
    back = done(bench, 2, "2")
    bench.visits.record(
        VisitRow(at=0.0, slot="2", outcome=Outcome.ALREADY_DONE, board_uid=uid(2), identity_id=back, attempt=1)
    )
    bench.close()
    with open_ledger() as again:
        assert again.missed_stays.make_good() == 1
        first, last = again.visits.of_board(uid(1))
        assert (first.outcome, last.outcome, last.seconds, LABEL in last.details) == ("IN_DOUBT", "PASS", 0.0, False)
        assert len(again.visits.of_board(uid(2))) == 1


def test_what_was_done_before_stays_were_expected_is_none_of_it(open_ledger: Open) -> None:
    with open_ledger() as ledger:
        ledger.receive(BATCH, [single("cam1")])
        done(ledger, 1)
        assert ledger.missed_stays.make_good() == 0
        ledger.missed_stays.expect(NOTES)
        assert ledger.missed_stays.make_good() == 0


def test_each_opening_looks_only_at_what_came_since(
    bench: Ledger, open_ledger: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is looked through is written down now and then, not each time."""
    lines = len(list(bench.audit.log()))
    bench.missed_stays.expect(NOTES)
    assert bench.missed_stays.make_good() == 0
    assert len(list(bench.audit.log())) == lines
    wrote_down(bench, done(bench, 1), 1)
    monkeypatch.setattr(missed_stays, "_MANY", 3)
    bench.close()
    with open_ledger() as again:
        lines = len(list(again.audit.log()))
        assert again.missed_stays.make_good() == 0
        assert len(list(again.audit.log())) == lines + 1
        lines += 1
        assert again.missed_stays.make_good() == 0
        assert len(list(again.audit.log())) == lines
