# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger brought back from a backup calls READY what boards carry since: nobody may flash from it unasked."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable

import pytest

from station.ledger.age import forgot_something
from station.ledger.store import Ledger
from station.model import IdentityKind
from tests.ledger.ledger_samples import BATCH, evidence, single, uid


def consume_one(ledger: Ledger, board: int) -> None:
    claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))


def test_a_ledger_that_only_grew_is_trusted(open_ledger: Callable[[], Ledger]) -> None:
    for board in range(3):
        with open_ledger() as ledger:
            assert not forgot_something(ledger.book.connection)
            ledger.receive(BATCH, [single(f"cam{board}")])
            consume_one(ledger, board)


def test_a_station_that_was_killed_is_trusted(open_ledger: Callable[[], Ledger]) -> None:
    with open_ledger() as ledger:
        ledger.receive(BATCH, [single("cam1")])
    killed = open_ledger()
    consume_one(killed, 1)
    assert not forgot_something(open_ledger().book.connection)


@pytest.mark.parametrize("becomes", ["older", "new and empty"])
def test_a_ledger_that_lacks_what_was_in_it_is_not(open_ledger: Callable[[], Ledger], becomes: str) -> None:
    with open_ledger() as ledger:
        ledger.receive(BATCH, [single("cam1")])
        path = ledger.path
    backup = shutil.copy2(path, path.parent.parent / "backup.db")
    with open_ledger() as ledger:
        consume_one(ledger, 1)
    if becomes == "older":
        shutil.copy2(backup, path)
    else:
        path.unlink()
    with open_ledger() as ledger:
        assert forgot_something(ledger.book.connection)
    with open_ledger() as ledger:
        assert not forgot_something(ledger.book.connection)  # said once: what follows is the lock's business
    assert {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in path.parent.iterdir()} == {0}
