# SPDX-License-Identifier: GPL-3.0-or-later
"""A row left RESERVED or WRITING by someone who is gone: the board put back resolves it, without a restart (I11)."""

from __future__ import annotations

import pytest

from station.codes import Code
from station.errors import LedgerFault
from station.events import Phase
from station.flow.visit import Visit
from station.ledger.store import Ledger
from station.model import BoardUid, IdentityKind, State
from station.rules import Outcome
from tests.flow.flow_table import PRODUCT, Table
from tests.raw import disk_fails, vault_of


def test_after_the_disk_failed_in_the_middle_the_same_board_is_settled_by_the_same_station(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)

    def fail(visit: Visit) -> None:
        if visit.phase is Phase.CONSUME:
            disk_fails(table.ledger)

    assert table.flash(board, tell=fail).outcome is Outcome.IN_DOUBT
    disk_fails(table.ledger, fails=False)
    assert table.state("cam1") is State.WRITING
    assert table.flash(board, slot="2").outcome is Outcome.PASS
    assert (table.state("cam1"), table.state("cam2"), table.holds(1)) == (State.CONSUMED, State.READY, ["cam1"])


def test_after_the_disk_failed_before_the_first_byte_the_identity_is_free_again(table: Table) -> None:
    table.stock_up("cam1")
    board = table.board(1)

    def fail(visit: Visit) -> None:
        if visit.phase is Phase.RESERVE and visit.fraction == 1.0:
            disk_fails(table.ledger)

    assert table.flash(board, tell=fail).outcome is Outcome.STATION_FAULT
    assert table.holds(1) == []
    disk_fails(table.ledger, fails=False)
    assert table.state("cam1") is State.RESERVED
    assert table.flash(board).outcome is Outcome.PASS


def test_a_write_that_is_begun_at_the_second_try_is_not_taken_for_the_first_one(table: Table) -> None:
    """Another slot's board asks for what was left behind, while this one is written."""
    table.stock_up("cam1")
    ledger = table.ledger
    attempt = ledger.reserve([PRODUCT], IdentityKind.SINGLE, BoardUid(table.board(1).uid), "1").attempt
    ledger.begin(attempt)
    ledger.doubt(attempt, Code.E311, "unplugged")
    again = (attempt.identity_id, attempt.number, attempt.board_uid, "1")
    disk_fails(ledger)
    with pytest.raises(LedgerFault):
        ledger.resume(*again)
    disk_fails(ledger, fails=False)
    ledger.resume(*again)
    assert ledger.recover() == []
    assert table.state("cam1") is State.WRITING


def test_a_board_that_another_station_died_with_is_settled_here(table: Table) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)
    dying = Ledger(table.folder / "ledger.db", vault_of(table.ledger))
    claim = dying.reserve([PRODUCT], IdentityKind.SINGLE, BoardUid(board.uid), "1")
    dying.begin(claim.attempt)
    alive = table.flash(board)
    assert alive.error is not None
    assert (alive.error.code, table.state("cam1")) == ("E210", State.WRITING)  # it lives: hands off
    dying.close()
    assert table.flash(board).outcome is Outcome.PASS
    assert (table.holds(1), table.state("cam2")) == (["cam1"], State.READY)
