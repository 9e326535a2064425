# SPDX-License-Identifier: GPL-3.0-or-later
"""A work order never gets more boards than it asks for, whatever happens to those it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.codes import Code
from station.errors import NeedsPerson
from station.ledger.store import Ledger
from station.ledger.values import Claim, WorkOrder
from station.model import IdentityKind
from station.secrets.vault import Vault
from tests.ledger.ledger_samples import BATCH, evidence, single, uid

ORDER = WorkOrder(reference="WO-1", quantity=2)


def take(ledger: Ledger, board: int, order: WorkOrder | None = ORDER) -> Claim:
    return ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(board), "1", order=order)


def done(ledger: Ledger, board: int, order: WorkOrder | None = ORDER) -> Claim:
    claim = take(ledger, board, order)
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    return claim


def full(ledger: Ledger, board: int = 9) -> None:
    with pytest.raises(NeedsPerson, match="work order WO-1 has its 2 boards") as caught:
        take(ledger, board)
    assert caught.value.code is Code.E640
    assert ledger.bound_to(uid(board)) is None


@pytest.fixture(autouse=True)
def _stocked(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single(f"cam{n}") for n in range(8)])


def test_it_stops_at_its_quantity_and_a_restart_forgets_nothing(ledger: Ledger) -> None:
    done(ledger, 1)
    done(ledger, 2)
    full(ledger)
    with Ledger(ledger.path, Vault(bytes(range(32)))) as again:
        full(again)
        assert again.work_orders.boards("WO-1") == 2
    done(ledger, 3, WorkOrder(reference="WO-2", quantity=1))
    done(ledger, 4, None)
    done(ledger, 5, WorkOrder(reference="WO-1"))  # without a quantity as many as come
    assert ledger.work_orders.boards("WO-1") == 3


def test_what_is_in_hand_or_in_doubt_keeps_its_place(ledger: Ledger) -> None:
    in_hand, in_doubt = take(ledger, 1), take(ledger, 2)
    full(ledger)
    ledger.begin(in_doubt.attempt)
    ledger.doubt(in_doubt.attempt, Code.E311, "unplugged")
    ledger.resume(in_doubt.attempt.identity_id, 1, uid(2), "1")  # another attempt of the same identity
    full(ledger)
    ledger.release(in_hand.attempt, "nothing was sent")
    assert ledger.work_orders.boards("WO-1") == 1
    again = done(ledger, 3, None)  # what was given back, for no order
    assert (again.attempt.identity_id, ledger.work_orders.boards("WO-1")) == (in_hand.attempt.identity_id, 1)
    take(ledger, 4)
    full(ledger)


def test_what_is_retired_gives_its_place_free(ledger: Ledger, tmp_path: Path) -> None:
    claim = done(ledger, 1)
    done(ledger, 2)
    full(ledger)
    ledger.retire(claim.identity.name, "scrap", by="Li Wei")
    done(ledger, 3)
    full(ledger)
