# SPDX-License-Identifier: GPL-3.0-or-later
"""What is tried on a ledger that keeps nothing of it goes as it would go."""

from __future__ import annotations

import pytest

from station.ledger.store import Ledger
from tests.ledger.ledger_samples import BATCH, single


def test_a_step_that_fails_leaves_no_half_and_the_next_one_goes_on(ledger: Ledger) -> None:
    ledger.rehearse()
    with pytest.raises(ZeroDivisionError), ledger.book.write() as db:
        db.execute("INSERT INTO meta (key, value) VALUES ('half', 'of a step')")
        1 / 0  # noqa: B018
    ledger.receive(BATCH, [single("cam1")])
    with ledger.book.write() as db:
        assert list(db.execute("SELECT key FROM meta WHERE key = 'half'")) == []
    assert sum(ledger.stock.by_state().values()) == 1
