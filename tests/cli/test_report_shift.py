# SPDX-License-Identifier: GPL-3.0-or-later
"""`station report shift` and `station report handover`: the numbers of the shift without a screen."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from station.codes import Code
from station.ledger.values import VisitRow
from station.model import BoardUid
from station.people.badge import badge_number
from station.people.shift import begin_shift
from station.rules import Outcome
from tests.cli.cli_shell import Shell


@pytest.fixture
def shift(shell: Shell) -> Shell:
    """Operator 1042 since now: two boards passed, one of them at its second visit; a third was lost to its port, the
    fourth failed twice."""
    shell.stock_up("cam1", "cam2")
    boards = (
        ("a1" * 8, Outcome.FAIL, "E204"),
        ("a1" * 8, Outcome.PASS, ""),
        ("b2" * 8, Outcome.PASS, ""),
        ("c3" * 8, Outcome.STATION_FAULT, "E311"),
        ("d4" * 8, Outcome.FAIL, "E203"),
        ("d4" * 8, Outcome.FAIL, "E204"),
    )
    with shell.open_ledger() as ledger:
        begin_shift(ledger, "1042")
        for uid, outcome, code in boards:
            visit = VisitRow(at=time.time(), slot="1", outcome=outcome, board_uid=BoardUid(uid), code=Code.of(code))
            ledger.visits.record(visit)
    return shell


def test_the_shift_is_told_in_numbers(shift: Shell) -> None:
    told = shift("report", "shift", "--json").json[0]
    counters = told["counters"]
    assert (told["schema"], told["operator"], told["stock"]["READY"]) == (1, "1042", 2)
    assert (counters["passed"], counters["failed"], counters["first_pass"]) == (2, 1, 1 / 3)
    assert (counters["failures"], counters["station_faults"]) == ([["E204", 1]], [["E311", 1]])
    text = shift("report", "shift").out
    assert (
        "Operator: 1042" in text
        and "E204" in text
        and "E203" not in text
        and "Station faults and alarms:  E311 1" in text
        and str(told["audit_head"]) in text
    )
    assert "操作员：1042" in shift("--set", "bench.language=zh", "report", "shift").out


def test_a_handover_is_saved_and_the_next_shift_begins_with_nothing(shift: Shell) -> None:
    done = shift("report", "handover", "--to", "OP2001")
    text = Path(done.out.strip())
    saved = json.loads(text.with_suffix(".json").read_text("utf-8"))
    assert (done.code, saved["operator"], saved["to"], saved["counters"]["passed"]) == (0, "1042", "2001", 2)
    assert text.read_text("utf-8").rstrip().endswith("2001")
    assert text.stat().st_mode & 0o777 == 0o600
    now = shift("report", "shift", "--json").json[0]
    assert (now["operator"], now["counters"]["passed"]) == ("2001", 0)


def test_what_is_no_badge_closes_no_shift(shift: Shell) -> None:
    done = shift("report", "handover", "--to", "[/] x")
    assert (done.code, done.out) == (2, "")
    assert shift("report", "shift", "--json").json[0]["operator"] == "1042"
    assert badge_number("2001") == badge_number("OP2001") == "2001"
