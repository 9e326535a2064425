# SPDX-License-Identifier: GPL-3.0-or-later
"""Two boards on one line take what the station says alike: where both are heard, that is no PASS, and the other one is
known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from station.flow.visit import Visit
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard
from station.simulate.console import DIALECTS
from tests.sampled import sampled
from tests.swaps.shared_line import shared_line
from tests.swaps.swap_kinds import AgentFixture, ConsoleFixture, Fixture, Plugged
from tests.swaps.swap_run import NAMES, PART, Station, open_station, secret_of


class FirstAgents(AgentFixture):
    """Whose firmware is of before version 2: its writes name no board."""

    def board(self, board: str, link: Path) -> SimulatedAgentBoard:
        return SimulatedAgentBoard(
            self.uid(board), self.folder / f"{board}.store", link, build=AgentBuild(versions=(1,))
        )


def _seen(make: Callable[[Path], Fixture], folder: Path, *, later_s: float) -> tuple[Station, Visit]:
    """A visit of A, with B on its line."""
    station = open_station(make, folder)
    fixture, line = station.fixture, folder / "line"
    assert isinstance(fixture, AgentFixture | ConsoleFixture)
    fixture.wait_long()
    ports = [folder / f"tty{name}" for name in ("A", "B")]
    with (
        fixture.board("A", ports[0]),
        fixture.board("B", ports[1]),
        shared_line(line, [(ports[0], 0.0), (ports[1], later_s)]),
    ):
        return station, station.visit(Plugged(str(line), lambda: 0), "A")


@pytest.mark.parametrize("later_s", [0.0005, 0.004])
def test_of_two_agents_that_name_no_board_none_passes(later_s: float, tmp_path: Path) -> None:
    """What is heard before anything was sent stops it; what is heard later makes the other one a stranger."""
    station, seen = _seen(FirstAgents, tmp_path / "run", later_s=later_s)
    with station.ledger:
        assert seen.error is not None and seen.error.code == "E209", seen.outcome
        strangers = {one.uid for one in station.ledger.strangers.open()}
        assert seen.board is None or strangers == {station.fixture.uid(name) for name in ("A", "B")} - {seen.board.uid}
        assert seen.married or not any(station.fixture.holds(board, secret_of(NAMES[0]), part=PART) for board in "AB")


def test_of_two_agents_the_one_that_is_not_named_gets_nothing(tmp_path: Path) -> None:
    station, _ = _seen(AgentFixture, tmp_path / "run", later_s=0.0005)
    with station.ledger:
        assert not station.fixture.holds("B", secret_of(NAMES[0]), part=PART)


@pytest.mark.parametrize("name", sampled(sorted(DIALECTS), 4))
def test_two_consoles_that_both_answer_are_not_written(name: str, tmp_path: Path) -> None:
    station, seen = _seen(partial(ConsoleFixture, name), tmp_path / "run", later_s=0.005)
    with station.ledger:
        assert seen.error is not None and seen.error.code == "E208", seen.outcome
        assert not any(station.fixture.holds(board, secret_of(NAMES[0]), part=PART) for board in ("A", "B"))
