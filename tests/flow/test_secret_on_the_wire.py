# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a target says or hears, what is kept of the wire has no secret of the identity in hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.flow.flow import flash
from station.flow.visit import Job
from station.model import CertName, Holding, Port, State
from station.rules import Outcome
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard
from station.simulate.serial_end import SerialEnd
from station.targets import get_target
from station.targets.wire import wire_of
from tests.flow.flow_table import PRODUCT, Table
from tests.flow.wireless import Talkative, differs, heard, unverifiable, visit
from tests.swaps.shared_line import shared_line


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


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("every", [4, 5])
def test_an_adapter_that_echoes_what_is_said_with_damage_shows_nothing_of_it(
    version: int, every: int, table: Table, tmp_path: Path
) -> None:
    """Too little of a secret stands in a row to be known by; all of it together is most of the secret."""

    def damaged(data: bytes) -> bytes:
        return bytes(byte ^ 0x10 if at % every == 0 else byte for at, byte in enumerate(data))

    table.stock_up("cam1")
    board, echo = tmp_path / "ttyBOARD", tmp_path / "ttyECHO"
    adapter = SerialEnd(lambda data: adapter.say(damaged(data)), link=echo)
    adapter.plug()
    build = AgentBuild(versions=(version,))
    with (
        SimulatedAgentBoard("ab00000000000001", tmp_path / "1.flash", board, build=build),
        shared_line(tmp_path / "line", [(board, 0.0), (echo, 0.0)]),
        heard() as lines,
    ):
        job = Job(ledger=table.ledger, target=get_target("agent"), profile=table.profile, tell=table.told.append)
        seen = flash(job, Port(url=str(tmp_path / "line"), slot="1"))
    adapter.unplug()
    assert (seen.outcome, table.holds(1)) == (Outcome.PASS, ["cam1"])
    pieces = {"Secretcam1"[at : at + every - 1] for at in range(11 - every)}
    assert [line for line in lines if "←" in line and any(piece in line for piece in pieces)] == []
