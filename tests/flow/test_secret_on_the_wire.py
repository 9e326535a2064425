# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a target says or hears, what is kept of the wire has no secret of the identity in hand."""

from __future__ import annotations

from dataclasses import replace

from station.model import CertName, Holding, State
from station.rules import Outcome
from station.targets.wire import wire_of
from tests.flow.flow_table import PRODUCT, Table
from tests.flow.wireless import Talkative, differs, heard, unverifiable, visit


def test_neither_of_a_new_board_nor_of_one_in_doubt(table: Table) -> None:
    table.stock_up("cam1")
    board = Talkative(found=[unverifiable])
    with heard() as lines:
        assert visit(table, board).outcome is Outcome.IN_DOUBT
        assert len(lines) == 2
        wire_of("1").know("identity", [])  # another board was there
        board.info = replace(board.info, holding=Holding.IDENTITY, names=(CertName(PRODUCT, "cam1"),))
        board.found = [differs, None]
        assert visit(table, board).outcome is Outcome.PASS
    assert (board.writes, table.state("cam1"), len(lines)) == (2, State.CONSUMED, 6)
    assert not [line for line in lines if "Secretcam1" in line]
