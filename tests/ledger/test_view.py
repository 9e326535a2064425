# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that is only looked at: the same parts, without a key, and nothing of it can be changed."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from station.codes import Code
from station.errors import LedgerFault
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.ledger.values import VisitRow
from station.ledger.view import View, look_at
from station.rules import Outcome
from tests.ledger.ledger_samples import BATCH, single

WRITES: dict[str, Callable[[View], object]] = {
    "a lock": lambda view: view.locks.lock(STATION, Code.E608, "by hand"),
    "an unlock": lambda view: view.locks.unlock(STATION, "done", by="Li"),
    "a fact": lambda view: view.facts.set("shift", "{}", event="shift begins"),
    "a line": lambda view: view.audit.note("operator"),
    "a stay": lambda view: view.visits.record(VisitRow(at=time.time(), slot="1", outcome=Outcome.PASS)),
    "a total": lambda view: view.batches.note_total(BATCH, 9, complete=True),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_only_looked_at_takes_nothing(ledger: Ledger, write: Callable[[View], object]) -> None:
    ledger.receive(BATCH, [single("cam1")])
    head = ledger.audit.head()
    with look_at(ledger.path) as view, pytest.raises(LedgerFault):
        write(view)
    assert ledger.audit.head() == head
    assert (ledger.locks.held(), ledger.visits.since(0), ledger.batches.all()[0].total) == ({}, [], None)


def test_it_tells_the_same_as_the_one_that_is_worked_with(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1"), single("cam2")])
    with look_at(ledger.path) as view:
        assert view.stock.by_state() == ledger.stock.by_state()
        assert view.certificates.page() == ledger.certificates.page()
        assert view.audit.verify() == ledger.audit.verify()


def test_no_secret_opens_in_it(ledger: Ledger) -> None:
    with look_at(ledger.path) as view, pytest.raises(RuntimeError, match="only looked at"):
        assert view.book.vault
