# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards that do wrong: a clear fault each time, never a wrong EQUAL, and the board holds old or new."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from station.errors import BoardFault, PortFault
from station.model import Verdict
from station.simulate.agent_board import AgentBuild, Misbehaviour, SimulatedAgentBoard, read_identity
from station.targets.agent.target import AgentSession
from station.targets.base import no_progress
from tests.targets.agent_bench import FIRST, UID, nvr, session_on, single

OLD, NEW = single("cam-old"), single("cam-new")
ANSWERS = {1: 18, 2: 9}
"""That a whole flash needs, by the version of the protocol; the first is asked for the second."""
BOTH = pytest.mark.parametrize("build", [None, FIRST], ids=["version 2", "version 1"])


def board_that(
    tmp_path: Path, latency_s: float = 0.0, build: AgentBuild | None = None, **faults: object
) -> SimulatedAgentBoard:
    """Holds OLD, and misbehaves from now on."""
    store, link = tmp_path / "flash", tmp_path / "ttyBOARD"
    with SimulatedAgentBoard(UID, store, link) as board, closing(session_on(board.url)) as session:
        session.write(OLD, no_progress)
    wrong = Misbehaviour(**faults)  # type: ignore[arg-type]
    return SimulatedAgentBoard(UID, store, link, faults=wrong, latency_s=latency_s, build=build)


def flash(session: AgentSession) -> Verdict:
    """All a flow does; EQUAL twice or an error."""
    session.identify()
    session.write(NEW, no_progress)
    first = session.read_back(NEW, no_progress).verdict
    session.restart()
    again = session.read_back(NEW, no_progress).verdict
    session.identify()
    return first if first is again else Verdict.DIFFERS


def test_flash_that_refuses_is_e203_and_the_old_identity_stays(tmp_path: Path) -> None:
    made = board_that(tmp_path, refuses_flash=True)
    with made as board, closing(session_on(board.url)) as session, pytest.raises(BoardFault) as fault:
        flash(session)
    assert fault.value.code == "E203" and "flash" in fault.value.what
    assert read_identity(tmp_path / "flash") == list(OLD)


def test_a_board_that_says_it_stored_something_else_is_e204(tmp_path: Path) -> None:
    made = board_that(tmp_path, flips_stored_byte=True, build=FIRST)
    with made as board, closing(session_on(board.url)) as session:
        with pytest.raises(BoardFault) as fault:
            session.write(NEW, no_progress)
        assert fault.value.code == "E204"
        assert session.read_back(NEW, no_progress).verdict is Verdict.DIFFERS


@BOTH
@pytest.mark.parametrize("lies", [True, False])
def test_a_wrong_secret_is_never_equal_even_if_the_board_reports_the_right_digest(
    tmp_path: Path, build: AgentBuild | None, lies: bool
) -> None:
    made = board_that(tmp_path, flips_stored_byte=True, lies_about_digest=lies, build=build)
    with made as board, closing(session_on(board.url)) as session:
        if lies or build is None:
            session.write(NEW, no_progress)
        else:
            with pytest.raises(BoardFault):
                session.write(NEW, no_progress)
        found = session.read_back(NEW, no_progress)
    assert found.verdict is Verdict.DIFFERS and found.digest != NEW.digest()
    if lies:
        assert found.detail == ("the secret of channel 0" if build else "a secret")


@BOTH
def test_each_channel_of_a_set_is_proved(tmp_path: Path, build: AgentBuild | None) -> None:
    """The simulated board spoils the last camera's secret only."""
    made = board_that(tmp_path, flips_stored_byte=True, lies_about_digest=True, build=build)
    with made as board, closing(session_on(board.url)) as session:
        session.write(nvr("nvr", cameras=3), no_progress)
        found = session.read_back(nvr("nvr", cameras=3), no_progress)
    assert (found.verdict, found.detail) == (Verdict.DIFFERS, "the secret of channel 3" if build else "a secret")


class Parrot(SimulatedAgentBoard):
    """Has lost its secret, and says again the first proof that was heard."""

    heard: dict[str, str] | None = None

    def _prove(self, nonce: bytes, channel: bytes) -> dict[str, str]:
        self.heard = self.heard or super()._prove(nonce, channel)
        return self.heard

    def _show(self, nonce: bytes, token: bytes) -> dict[str, str]:
        self.heard = self.heard or super()._show(nonce, token)
        return self.heard


@BOTH
def test_a_proof_that_was_heard_before_proves_nothing(tmp_path: Path, build: AgentBuild | None) -> None:
    board = Parrot(UID, tmp_path / "flash", tmp_path / "ttyBOARD", build=build)
    with board, closing(session_on(board.url)) as session:
        session.write(NEW, no_progress)
        assert session.read_back(NEW, no_progress).verdict is Verdict.EQUAL
        again = session.read_back(NEW, no_progress)
    assert (again.verdict, again.digest) == (Verdict.DIFFERS, None)


def test_a_uid_that_changes_with_the_reset_is_another_board(tmp_path: Path) -> None:
    made = board_that(tmp_path, uid_after_reset="00a1b2c3d4e5f608")
    with made as board, closing(session_on(board.url)) as session:
        with pytest.raises(BoardFault) as fault:
            flash(session)
        assert fault.value.code == "E209"
        assert session.identify().uid == "00a1b2c3d4e5f608"


def test_a_board_that_ignores_the_reset_is_not_believed(tmp_path: Path) -> None:
    made = board_that(tmp_path, ignores_reset=True)
    with made as board, closing(session_on(board.url, restart_s=0.3)) as session, pytest.raises(BoardFault) as fault:
        session.restart()
    assert fault.value.code == "E201" and "does not restart" in fault.value.what


@pytest.mark.parametrize(
    ("version", "answers"), [*((2, n) for n in range(ANSWERS[2])), *((1, n) for n in range(1, ANSWERS[1], 3))]
)
def test_a_board_that_dies_after_any_answer_is_e201_and_holds_old_or_new(
    tmp_path: Path, version: int, answers: int
) -> None:
    made = board_that(tmp_path, dead_after=answers, build=AgentBuild(versions=(version,)))
    patience = {"answer_s": 0.05, "flash_s": 0.1, "restart_s": 0.2, "attempts": 2}
    with made as board, closing(session_on(board.url, **patience)) as session, pytest.raises(BoardFault) as fault:
        flash(session)
    assert fault.value.code == "E201"
    assert read_identity(tmp_path / "flash") in (list(OLD), list(NEW))


@pytest.mark.parametrize("version", [1, 2])
def test_a_board_that_lives_for_a_whole_flash_passes(tmp_path: Path, version: int) -> None:
    made = board_that(tmp_path, dead_after=ANSWERS[version], build=AgentBuild(versions=(version,)))
    with made as board, closing(session_on(board.url)) as session:
        assert flash(session) is Verdict.EQUAL


@pytest.mark.parametrize("operation", range(1, 5))
def test_power_cut_in_commit_is_a_fault_and_the_same_identity_can_be_written_again(
    tmp_path: Path, operation: int
) -> None:
    with board_that(tmp_path, cut_at=operation) as board, closing(session_on(board.url)) as session:
        with pytest.raises((PortFault, BoardFault)):
            flash(session)
        assert read_identity(tmp_path / "flash") in (list(OLD), list(NEW))
        board.unplug()
        board.plug()
        with closing(session_on(board.url)) as again:
            assert flash(again) is Verdict.EQUAL
    assert read_identity(tmp_path / "flash") == list(NEW)


class Browning(SimulatedAgentBoard):
    """Loses its power once while its flash takes the identity, and is asked again when it is back."""

    browned = False

    def _keep(self, *arguments: bytes) -> dict[str, str]:
        self._brown_out()
        return super()._keep(*arguments)

    def _commit(self, *arguments: bytes) -> dict[str, str]:
        self._brown_out()
        return super()._commit(*arguments)

    def _brown_out(self) -> None:
        if not self.browned:
            self.browned = True
            with self.store.open("r+b") as flash:
                flash.write(b"half of a record")
            self._power_on("power")


@BOTH
def test_a_first_write_that_was_cut_is_written_again_at_once(tmp_path: Path, build: AgentBuild | None) -> None:
    """What it left behind is nobody's identity: torn is as empty as blank was."""
    board = Browning(UID, tmp_path / "flash", tmp_path / "ttyBOARD", build=build)
    with board, closing(session_on(board.url)) as session:
        assert flash(session) is Verdict.EQUAL
    assert board.browned and read_identity(tmp_path / "flash") == list(NEW)


@pytest.mark.parametrize(
    "noise",
    [
        b"[ 1.402] wifi: no carrier\r\n",
        b"user@host:~$ \r\n",
        b"@",
        b"@1 OK",
        b"\x00\xff\xfe",
        b"x" * 5000 + b"\n",
        b"\n\n",
    ],
    ids=["log line", "log line with @", "@", "half reply", "binary", "long line", "empty lines"],
)
def test_noise_between_answers_does_no_harm(tmp_path: Path, noise: bytes) -> None:
    with board_that(tmp_path, noise=noise) as board, closing(session_on(board.url)) as session:
        assert flash(session) is Verdict.EQUAL
    assert read_identity(tmp_path / "flash") == list(NEW)


def test_a_slow_board_passes_and_one_slower_than_the_patience_is_e201(tmp_path: Path) -> None:
    with board_that(tmp_path, latency_s=0.02) as board, closing(session_on(board.url)) as session:
        assert flash(session) is Verdict.EQUAL
    slower = SimulatedAgentBoard(UID, tmp_path / "flash", tmp_path / "tty", latency_s=0.3)
    with (
        slower,
        closing(session_on(slower.url, answer_s=0.05, attempts=1)) as hasty,
        pytest.raises(BoardFault) as fault,
    ):
        hasty.identify()
    assert fault.value.code == "E201"


def test_at_a_real_baud_rate_it_works_as_well(tmp_path: Path) -> None:
    board = SimulatedAgentBoard(UID, tmp_path / "flash", tmp_path / "tty", baud_pacing=True)
    with board, closing(session_on(board.url, baud=230400)) as session:
        assert flash(session) is Verdict.EQUAL


def test_progress_that_raises_stops_the_write_and_leaves_the_old_identity(tmp_path: Path) -> None:
    def stop(fraction: float) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with board_that(tmp_path) as board, closing(session_on(board.url)) as session, pytest.raises(KeyboardInterrupt):
        session.write(NEW, stop)
    assert read_identity(tmp_path / "flash") == list(OLD)
