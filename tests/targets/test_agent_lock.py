# SPDX-License-Identifier: GPL-3.0-or-later
"""`[agent] lock = true`: what was proved is locked for good, and only that; looked at inside the boards."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from station.errors import BoardFault, ConfigError
from station.model import Verdict
from station.simulate.agent_board import AgentBuild, Misbehaviour, SimulatedAgentBoard
from station.simulate.agent_store import AgentRecord, AgentStore
from station.simulate.agent_words import ErrWord
from station.targets.agent.target import AgentTarget
from station.targets.base import no_progress
from tests.targets.agent_bench import FIRST, UID, MakeBoard, on_every_kind, session_on, single

CAM, OTHER = single("cam-0001"), single("cam-0002")


@on_every_kind
def test_a_board_is_locked_for_good_and_proves_its_identity_still(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url, lock=True)) as session:
        session.write(CAM, no_progress)
        assert not board.locked()
        session.lock(CAM.digest())
        assert board.locked()
        session.lock(CAM.digest())  # again is as good as once
        session.restart()
        assert session.identify().locked
        assert session.read_back(CAM, no_progress).verdict is Verdict.EQUAL
        with pytest.raises(BoardFault) as fault:
            session.write(OTHER, no_progress)
    assert fault.value.code == "E207"
    assert board.stored() == list(CAM) and board.locked()


def test_without_the_key_no_board_is_locked(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.write(CAM, no_progress)
        session.lock(CAM.digest())
    assert not board.locked()


def test_what_was_not_proved_is_not_locked(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url, lock=True)) as session:
        session.write(CAM, no_progress)
        with pytest.raises(BoardFault) as fault:
            session.lock(OTHER.digest())
    assert fault.value.code == "E209"
    assert not board.locked()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("ignored", "E216"), ("claimed", "E216"), ("FLASH", "E216"), ("VERB", "E202")],
)
def test_a_board_that_stays_open_is_never_called_locked(tmp_path: Path, wrong: str, code: str) -> None:
    made = SimulatedAgentBoard(UID, tmp_path / "flash", tmp_path / "tty", faults=Misbehaviour(lock=wrong))
    with made as board, closing(session_on(board.url, lock=True)) as session:
        session.write(CAM, no_progress)
        with pytest.raises(BoardFault) as fault:
            session.lock(CAM.digest())
        assert fault.value.code == code
        assert session.identify().digest == CAM.digest()
    assert not AgentStore(tmp_path / "flash").locked


def test_another_board_that_took_its_place_is_not_locked(tmp_path: Path) -> None:
    """A clone: nothing but its uid tells it apart. The port stays; the session goes on with the other board."""
    board = SimulatedAgentBoard(UID, tmp_path / "flash", tmp_path / "tty")
    with board, closing(session_on(board.url, lock=True)) as session:
        session.write(CAM, no_progress)
        session.identify()
        board.uid = "00a1b2c3d4e5f608"
        with pytest.raises(BoardFault) as fault:
            session.lock(CAM.digest())
    assert fault.value.code == "E209"
    assert not AgentStore(tmp_path / "flash").locked


class Leaves(SimulatedAgentBoard):
    """Is pulled out once it has said that it is locked; another board, open, has its place and answers."""

    def _state(self, record: AgentRecord | None) -> dict[str, str]:
        says = super()._state(record)
        self.leaving = says["state"] == "locked"
        return says

    def _begin(self, *arguments: bytes) -> dict[str, str]:
        return self._other() if self.leaving else super()._begin(*arguments)

    def _begin_for(self, *arguments: bytes) -> dict[str, str]:
        return self._other() if self.leaving else super()._begin_for(*arguments)

    def _other(self) -> dict[str, str]:
        self.uid = "00a1b2c3d4e5f608"
        raise ErrWord("OTHER")


@pytest.mark.parametrize("build", [None, FIRST], ids=["version 2", "version 1"])
def test_a_board_pulled_out_at_the_last_question_is_not_called_broken(tmp_path: Path, build: AgentBuild | None) -> None:
    made = Leaves(UID, tmp_path / "flash", tmp_path / "tty", build=build)
    with made as board, closing(session_on(board.url, lock=True)) as session:
        session.write(CAM, no_progress)
        with pytest.raises(BoardFault) as fault:
            session.lock(CAM.digest())
    assert fault.value.code == "E209"


@pytest.mark.parametrize("answers", range(6))
def test_a_board_that_falls_silent_on_the_way_is_left_in_no_false_light(tmp_path: Path, answers: int) -> None:
    """Whenever the answers stop, the lock is proved or it is an error; the next session ends it."""
    store, link = tmp_path / "flash", tmp_path / "tty"
    with SimulatedAgentBoard(UID, store, link) as board, closing(session_on(board.url)) as session:
        session.write(CAM, no_progress)
    made = SimulatedAgentBoard(UID, store, link, faults=Misbehaviour(dead_after=answers))
    with made as board, closing(session_on(board.url, lock=True, attempts=2, answer_s=0.1)) as session:
        try:
            session.lock(CAM.digest())
        except BoardFault as fault:
            assert fault.code == "E201"
        else:
            assert AgentStore(store).locked
    with SimulatedAgentBoard(UID, store, link) as board, closing(session_on(board.url, lock=True)) as session:
        session.lock(CAM.digest())
    assert AgentStore(store).locked


@pytest.mark.parametrize("value", ["yes", 1, 0, None])
def test_lock_is_true_or_false(value: object) -> None:
    with pytest.raises(ConfigError) as fault:
        AgentTarget().check_options({"lock": value})
    assert fault.value.code == "E112" and "lock" in fault.value.what
