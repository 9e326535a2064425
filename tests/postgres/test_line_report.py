# SPDX-License-Identifier: GPL-3.0-or-later
"""A report and a history of a line's ledger on a real server: every bench's boards, and what the cloud said."""

from __future__ import annotations

import time

import pytest

from station.desk.searching import find
from station.ledger.audit import Head
from station.ledger.auditing import Audit
from station.ledger.values import VisitRow
from station.model import BoardUid, State
from station.report.scope import of_batch, of_line
from station.report.sheet import make_sheet
from station.rules import Outcome
from tests.ledger.ledger_samples import BATCH, single
from tests.postgres.conftest import Open
from tests.postgres.test_line_view import flash


def test_a_report_has_the_boards_of_every_bench(open_bench: Open) -> None:
    left, right = open_bench("left"), open_bench("right")
    left.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    for bench, uid in ((left, "a0b1c2000001"), (right, "a0b1c2000002")):
        flash(bench, uid)
        bench.visits.record(VisitRow(at=time.time(), slot="4", outcome=Outcome.PASS, board_uid=BoardUid(uid)))
    failed = BoardUid("a0b1c2000003")
    right.visits.record(VisitRow(at=time.time(), slot="4", outcome=Outcome.FAIL, board_uid=failed))
    sheet = make_sheet(left, of_batch(BATCH.batch_id), bench="left")
    assert (sheet.period.passed, sheet.batch and sheet.batch.boards, len(sheet.certificates)) == (2, 2, 4)
    whole = make_sheet(left, of_line(), bench="left", whole_chain=True)
    assert (whole.period.passed, whole.period.failed, whole.checked.wrong) == (2, 1, "")
    assert {(slot.bench, slot.passed) for slot in whole.period.slots} == {("left", 1), ("right", 1)}


def test_a_report_counts_nothing_that_its_head_does_not_prove(
    open_bench: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut may take it."""
    left, pinned_now = open_bench("left"), Audit.pinned_now
    left.receive(BATCH, [single("cam0")])

    def pinned(audit: Audit) -> Head:
        head = pinned_now(audit)
        flash(left, "a0b1c2000001")
        left.visits.record(VisitRow(at=time.time() - 60, slot="4", outcome=Outcome.FAIL))
        return head

    monkeypatch.setattr(Audit, "pinned_now", pinned)
    sheet = make_sheet(left, of_line(), bench="left")
    assert (sheet.period.failed, sheet.stock[State.READY], sheet.stock[State.CONSUMED]) == (0, 1, 0)


def test_what_the_cloud_says_is_news_once(open_bench: Open) -> None:
    ledger = open_bench("left")
    ledger.receive(BATCH, [single("cam0")])
    name = single("cam0").name
    assert [ledger.hear(BATCH.batch_id, {name: status}) for status in (0, 1, 1)] == [0, 1, 0]
    found = find(ledger, "cam0")
    assert found.certificates[0].cloud == "the cloud: in use"
    assert [line.event for line in found.lines].count("the cloud: in use") == 2  # withheld since: each answer counts
