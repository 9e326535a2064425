# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates sorted by any column, by the ledger, a page at a time: each once, in one order whatever the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from station.ledger.store import Ledger
from station.ledger.values import CertColumn, CertRow, Sort
from station.model import IdentityKind, State
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, one_in_each_state, single, uid

SHOWN: dict[CertColumn, Callable[[CertRow], str]] = {
    CertColumn.NAME: lambda row: str(row.name),
    CertColumn.STATE: lambda row: row.state,
    CertColumn.BOARD: lambda row: row.board_uid or "",
    CertColumn.SET: lambda row: row.set_name,
    CertColumn.BATCH: lambda row: row.batch_id,
}


def pages(ledger: Ledger, sort: Sort, size: int, state: State | None = None) -> list[CertRow]:
    """All of them, each page behind the one before."""
    found: list[CertRow] = []
    while page := ledger.certificates.page(
        limit=size, state=state, behind=found[-1].name if found else None, sort=sort
    ):
        found += page
        sort = replace(sort, last=SHOWN[sort.by](page[-1]))
    return found


@pytest.fixture
def mixed(ledger: Ledger) -> Ledger:
    """Every state, sets and singles, boards and none, names and batches that arrived in no order."""
    one_in_each_state(ledger)
    later = replace(BATCH, batch_id="1200")
    ledger.receive(later, [single("zoom"), single("Ärger"), single("abc", product="a1Before"), nvr_set("a-nvr", 1)])
    ledger.receive(replace(BATCH, batch_id="9000"), [single("mid")])
    return ledger


def test_pages_are_sorted_by_any_column_and_equals_stay_as_they_arrived(mixed: Ledger) -> None:
    arrived = mixed.certificates.page()
    for sort in (Sort(by=column, backwards=backwards) for column in CertColumn for backwards in (False, True)):
        shown = SHOWN[sort.by]
        wanted = sorted(arrived, key=lambda row: shown(row).encode(), reverse=sort.backwards)
        assert wanted != arrived, sort
        assert pages(mixed, sort, 100) == pages(mixed, sort, 2) == wanted, sort
        ready = [row for row in wanted if row.state is State.READY]
        assert pages(mixed, sort, 2, State.READY) == ready, sort


def test_a_page_goes_on_where_the_one_before_ended_although_that_certificate_has_moved(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(4)])
    first = ledger.certificates.page(limit=2, sort=Sort(by=CertColumn.STATE, backwards=True))
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(2), "1")
    assert claim.identity.name == first[-1].name
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    went_on = Sort(by=CertColumn.STATE, backwards=True, last=first[-1].state)
    rest = ledger.certificates.page(sort=went_on, behind=first[-1].name)
    assert [row.name.device_name for row in rest] == ["cam2", "cam3", "cam0", "cam1"]
