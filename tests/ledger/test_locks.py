# SPDX-License-Identifier: GPL-3.0-or-later
"""Who locked, unlocked and retired is in the very line of the audit that says so."""

from __future__ import annotations

import json

import pytest

from station.codes import Code
from station.errors import ConfigError
from station.ledger import audit_chains
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import AuditLine, VisitRow
from station.rules import Outcome
from tests.ledger.ledger_samples import BATCH, single


def lines(ledger: Ledger, after: int = 0) -> list[AuditLine]:
    """But for those that pin a line's heads, which come as the time goes."""
    return [line for line in ledger.audit.log(after=after) if line.event != audit_chains.EVENT]


def last_line(ledger: Ledger) -> tuple[str, dict[str, object]]:
    """What it says of the bench aside: only a line has several."""
    line = lines(ledger)[-1]
    said = json.loads(line.detail)
    assert said.pop("bench", "") == (ledger.bench if said.get("scope") else "")
    return line.event, said


def test_a_lock_by_hand_names_who_and_why_on_the_screen_and_in_the_audit(ledger: Ledger) -> None:
    assert ledger.locks.lock("1", Code.E602, "bent pins", by="Li Wei") == "Li Wei: bent pins"
    assert ledger.locks.held()["1"].what == "Li Wei: bent pins"
    assert last_line(ledger) == ("locked", {"scope": "1", "code": Code.E602, "why": "bent pins", "by": "Li Wei"})
    ledger.locks.unlock("1", "straightened", by="Wang Fang")
    assert ledger.locks.held() == {}
    assert last_line(ledger) == ("unlocked", {"scope": "1", "why": "straightened", "by": "Wang Fang"})


def test_the_stations_own_lock_names_nobody_and_the_first_cause_stays(ledger: Ledger) -> None:
    assert ledger.locks.lock(STATION, Code.E603, "5 of the last 10 failed") == "5 of the last 10 failed"
    assert "by" not in last_line(ledger)[1]
    before = lines(ledger)
    ledger.locks.lock(STATION, Code.E603, "5 of the last 10 failed")
    assert lines(ledger) == before
    ledger.locks.lock(STATION, Code.E608, "fire drill", by="Li Wei")
    assert ledger.locks.held()[STATION].what == "5 of the last 10 failed"
    assert last_line(ledger)[1]["why"] == "fire drill"


@pytest.mark.parametrize("lesser", [Code.E603, Code.E608])
def test_an_alarm_takes_the_place_of_a_lesser_lock_and_nothing_takes_its_own(ledger: Ledger, lesser: Code) -> None:
    ledger.locks.lock(STATION, lesser, "not so bad")
    ledger.locks.lock(STATION, Code.E701, "clone: board a")
    assert (ledger.locks.held()[STATION].code, last_line(ledger)[1]["code"]) == (Code.E701, Code.E701)
    for code, what in ((Code.E701, "clone: board b"), (Code.E703, "a secret does not open"), (lesser, "not so bad")):
        ledger.locks.lock(STATION, code, what)
        assert ledger.locks.held()[STATION].what == "clone: board a"
        assert (last_line(ledger)[1]["code"], last_line(ledger)[1]["why"]) == (code, what)
    ledger.locks.unlock(STATION, "both boards are kept", by="Li Wei")
    assert ledger.locks.held() == {}


def test_a_stay_is_told_by_who_worked_then_whoever_writes_it_down(ledger: Ledger) -> None:
    ledger.operator = "7"
    for operator in ("1042", ""):
        ledger.visits.record(VisitRow(at=1.0, slot="1", outcome=Outcome.FAIL, seconds=1.0, operator=operator))
    names = [line.actor for line in ledger.audit.log(events=["visit"])]
    assert names == [f"{ledger.bench_name}/1042", ledger.bench_name]


def test_retirement_is_one_line_with_the_reason_and_the_supervisor(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("a")])
    before = lines(ledger)[-1].seq
    ledger.retire(single("a").name, "expired", by="Li Wei")
    (line,) = lines(ledger, after=before)
    assert ledger.audit.history(identity_id=1)[-1].seq == line.seq
    assert (line.event, json.loads(line.detail)) == ("retired", {"why": "expired", "by": "Li Wei"})
    ledger.audit.verify()


def test_an_alarm_that_came_while_a_lesser_lock_was_lifted_stays(ledger: Ledger) -> None:
    ledger.locks.lock(STATION, Code.E608, "fire drill", by="Li Wei")
    ledger.locks.lock(STATION, Code.E701, "clone: board a")
    before = lines(ledger)
    with pytest.raises(ConfigError, match="locked by E701 since: clone: board a") as refused:
        ledger.locks.unlock(STATION, "the drill is over", by="Li Wei", told=(Code.E608,))
    assert refused.value.code == Code.E116
    assert (ledger.locks.held()[STATION].code, lines(ledger)) == (Code.E701, before)
    ledger.locks.unlock(STATION, "board a is set aside", by="Li Wei", told=(Code.E608, Code.E701))
    assert ledger.locks.held() == {}
