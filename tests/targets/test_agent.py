# SPDX-License-Identifier: GPL-3.0-or-later
"""What the station may rely on with every agent board, simulated or real firmware: looked at inside the boards."""

from __future__ import annotations

import copy
import threading
from contextlib import closing
from pathlib import Path

import pytest

from station.errors import BoardFault
from station.model import Holding, Identity, Method, Verdict
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.firmware_board import FirmwareBoard
from station.targets.base import no_progress
from tests.targets.agent_bench import UID, MakeBoard, nvr, on_emulated, on_every_kind, session_on, single

IDENTITIES = {
    "single": single("cam-0001"),
    "with productSecret": single("cam-0002", product_secret="pS000"),
    "every kind of byte": single("前门 50% @1:2~x"),
    "nvr set": nvr("nvr-0001", cameras=3),
}


@pytest.mark.parametrize("identity", IDENTITIES.values(), ids=IDENTITIES)
def test_an_identity_is_written_proved_and_survives_a_reset(make_board: MakeBoard, identity: Identity) -> None:
    board = make_board()
    steps: list[float] = []
    with closing(session_on(board.url)) as session:
        before = session.identify()
        assert (before.uid, before.holding, before.digest, before.names) == (UID, Holding.BLANK, None, ())
        session.require_room(identity)
        session.write(identity, steps.append)
        assert board.stored() == list(identity)
        first = session.read_back(identity, no_progress)
        session.restart()
        again = session.read_back(identity, no_progress)
        after = session.identify()
    assert (first.verdict, first.method, first.digest) == (Verdict.EQUAL, Method.PROOF, identity.digest())
    assert again == first
    assert (after.uid, after.holding, after.digest) == (UID, Holding.IDENTITY, identity.digest())
    assert after.names == (identity.name,)
    assert steps == sorted(steps) and steps[-1] == 1.0


def test_a_blank_board_reads_back_blank(make_board: MakeBoard) -> None:
    with closing(session_on(make_board().url)) as session:
        for identity in (None, single("cam-0001")):
            found = session.read_back(identity, no_progress)
            assert (found.verdict, found.digest) == (Verdict.BLANK, None)


def test_another_identity_or_another_secret_is_different_and_never_equal(make_board: MakeBoard) -> None:
    board = make_board()
    stored = single("cam-0001")
    almost = Identity(primary=single("cam-0001", product_secret="pS").primary)
    with closing(session_on(board.url)) as session:
        session.write(stored, no_progress)
        for other in (single("cam-0002"), almost):
            found = session.read_back(other, no_progress)
            assert (found.verdict, found.digest) == (Verdict.DIFFERS, stored.digest())
            assert found.detail
        alone = session.read_back(None, no_progress)
        assert (alone.verdict, alone.digest) == (Verdict.UNVERIFIABLE, stored.digest())


@on_every_kind
def test_the_identity_that_was_looked_at_is_replaced_whole(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        assert session.read_back(None, no_progress).verdict is Verdict.BLANK
        for identity in (*reversed(IDENTITIES.values()), single("cam-0003")):
            session.identify()
            session.write(identity, no_progress)
            assert board.stored() == list(identity)
            assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
            session.restart()
            assert session.read_back(identity, no_progress).digest == identity.digest()


def test_writing_what_is_there_already_writes_nothing(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.write(single("cam-0001"), no_progress)
        record = session.identify().details["record"]
        session.write(single("cam-0001"), no_progress)
        assert session.identify().details["record"] == record


def test_a_board_that_changed_since_it_was_looked_at_is_not_written(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.identify()
        copy.copy(session).write(single("cam-0001"), no_progress)
        with pytest.raises(BoardFault) as fault:
            session.write(single("cam-0002"), no_progress)
    assert fault.value.code == "E209"
    assert board.stored() == list(single("cam-0001"))


@pytest.mark.parametrize(
    "too_much",
    [single("n" * 129), single("cam", product_secret="p" * 65), nvr("nvr", cameras=200)],
    ids=["name", "product secret", "channels"],
)
def test_what_does_not_fit_is_refused_before_anything_is_sent(make_board: MakeBoard, too_much: Identity) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.identify()
        with pytest.raises(BoardFault) as fault:
            session.require_room(too_much)
        assert fault.value.code == "E205"
        with pytest.raises(BoardFault) as fault:
            session.write(too_much, no_progress)
        assert fault.value.code == "E205"
    assert board.stored() is None


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (single(""), "an empty deviceName"),
        (single("cam").without_device_secret(), "neither deviceSecret nor productSecret"),
    ],
    ids=["name", "secret"],
)
def test_a_certificate_that_lacks_a_part_does_not_go_out(make_board: MakeBoard, missing: Identity, said: str) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.identify()
        with pytest.raises(BoardFault, match=said) as fault:
            session.require_room(missing)
    assert fault.value.code == "E205"


@on_every_kind
def test_a_locked_board_keeps_what_it_has(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.write(single("cam-0001"), no_progress)
        session._talk.ask("LOCK")
        assert session.identify().locked
        session.restart()
        assert session.read_back(single("cam-0001"), no_progress).verdict is Verdict.EQUAL
        with pytest.raises(BoardFault) as fault:
            session.write(single("cam-0002"), no_progress)
    assert fault.value.code == "E207"
    assert board.stored() == list(single("cam-0001"))


@on_emulated  # only a process can be stopped
def test_a_board_that_hangs_is_no_answer_and_its_late_replies_are_not_believed(make_board: MakeBoard) -> None:
    bench = make_board()
    assert isinstance(bench.board, FirmwareBoard)
    with closing(session_on(bench.url, answer_s=1.0, attempts=2)) as session:
        session.write(single("cam-0001"), no_progress)
        bench.board.pause()
        with pytest.raises(BoardFault) as fault:
            session.identify()
        assert fault.value.code == "E201"
        bench.board.resume()
    with closing(session_on(bench.url)) as session:
        assert session.read_back(single("cam-0001"), no_progress).verdict is Verdict.EQUAL


@on_every_kind
def test_a_power_cycle_in_the_middle_of_a_session_is_survived(make_board: MakeBoard) -> None:
    """With the adapter's port staying: the transaction is gone, so it is sent again from the start."""
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.identify()
        resets = iter([lambda: session._talk.ask("RESET")])

        def reset_once(fraction: float) -> None:
            if fraction > 0.5:
                next(resets, lambda: None)()

        session.write(single("cam-0001"), reset_once)
        assert session.read_back(single("cam-0001"), no_progress).verdict is Verdict.EQUAL
    assert board.stored() == list(single("cam-0001"))


def test_sessions_on_many_boards_do_not_mix(make_board: MakeBoard) -> None:
    boards = [make_board(f"00a1b2c3d4e5f6{n:02x}") for n in range(4)]

    def flash(number: int) -> None:
        with closing(session_on(boards[number].url)) as session:
            session.write(single(f"cam-{number}"), no_progress)
            session.restart()

    threads = [threading.Thread(target=flash, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [board.stored() for board in boards] == [list(single(f"cam-{n}")) for n in range(4)]


def test_a_board_that_groups_its_uid_is_known_by_the_digits_and_proves_with_what_it_says(
    tmp_path: Path,
) -> None:
    board = SimulatedAgentBoard("00a1-b2c3-d4e5-f607", tmp_path / "board.bin", tmp_path / "tty")
    with board, closing(session_on(board.url)) as session:
        assert session.identify().uid == UID
        session.write(single("cam-0001"), no_progress)
        assert session.read_back(single("cam-0001"), no_progress).verdict is Verdict.EQUAL
