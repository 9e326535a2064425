# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 2 of the agent protocol: how little it says, to whom, and how it gets on with version 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import BoardFault
from station.model import Certificate, Identity, Secret, Verdict
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard, read_identity
from station.simulate.agent_words import OpenTransaction, certificates_of, set_field
from station.simulate.cable import Cable
from station.simulate.cable_faults import CableFault, CableTrouble, Toward
from station.targets.agent.asking import first_id
from station.targets.agent.line import command
from station.targets.agent.packing import LONGEST_LINE, set_lines
from station.targets.agent.target import AgentSession
from station.targets.base import no_progress
from tests.sampled import examples
from tests.targets.agent_bench import UID, UNHURRIED, MakeBoard, certificate, nvr, on_every_kind, session_on, single

ONLY_SECOND = AgentBuild(versions=(2,))
CAM, OTHER = single("cam-0001"), single("cam-0002")


class Counting(SimulatedAgentBoard):
    """Keeps what goes each way."""

    heard = said = b""
    lines: int = 0

    def _hear(self, data: bytes) -> None:
        self.heard += data
        super()._hear(data)

    def _say(self, body: bytes) -> None:
        self.lines += 1
        self.said += b"%s*00000000\n" % body
        super()._say(body)


@contextmanager
def on_bench(folder: Path, build: AgentBuild | None = None) -> Iterator[Counting]:
    board = Counting(UID, folder / "flash", folder / "tty", build=build)
    with board:
        yield board


def flash(session: AgentSession, identity: Identity) -> None:
    """All a flow says to a board."""
    session.identify()
    session.board_key(None)
    session.write(identity, no_progress)
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    session.restart()
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    assert session.identify().uid == UID


def test_one_certificate_takes_nine_questions_and_less_than_1200_bytes(tmp_path: Path) -> None:
    with on_bench(tmp_path) as board, closing(session_on(board.url, answer_s=30)) as session:
        flash(session, Identity(primary=certificate("cam-0001-of-the-line"[:20])))
        assert board.lines == 9
        assert len(board.heard) + len(board.said) <= 1200


def test_an_nvr_of_32_cameras_takes_little_more_than_its_fields(tmp_path: Path) -> None:
    identity = nvr("nvr-0001", cameras=32)
    with on_bench(tmp_path) as board, closing(session_on(board.url, answer_s=30)) as session:
        flash(session, identity)
        assert board.lines <= 9 + 8
    assert read_identity(tmp_path / "flash") == list(identity)
    fields = sum(len(value) for each in identity for value in each.board_fields())
    lines = sum(len(command("0000", *words)) + len(b"@0000 OK*00000000\n") for words in set_lines(identity, "0" * 12))
    assert lines <= 1.15 * fields


@pytest.mark.parametrize(("window", "turnarounds"), [(0, 4), (600, 4), (1100, 2), (4096, 1)])
def test_a_window_changes_nothing_but_how_often_an_answer_is_waited_for(
    tmp_path: Path, window: int, turnarounds: int
) -> None:
    identity, sent = nvr("nvr-0001", cameras=32), list[bytes]()
    build = AgentBuild(window=window)
    with on_bench(tmp_path, build) as board, closing(session_on(board.url, answer_s=30)) as session:
        write = session._talk._port.write
        session._talk._port.write = lambda data: (sent.append(data), write(data))[1]  # type: ignore[method-assign]
        session.write(identity, no_progress)
    fields = [data for data in sent if b" SET " in data]
    assert len(fields) == turnarounds
    assert all(len(data) <= window or data.count(b"\n") == 1 for data in fields)
    assert read_identity(tmp_path / "flash") == list(identity)


@pytest.mark.parametrize("toward", Toward)
def test_a_line_that_a_window_lost_is_sent_again_alone(tmp_path: Path, toward: Toward) -> None:
    identity = nvr("nvr-0001", cameras=20)
    second_of_three = CableFault(CableTrouble.LOSE, toward, 4)  # behind WHO, OPEN and the first
    with (
        on_bench(tmp_path, AgentBuild(window=4096)) as board,
        Cable(board.url, tmp_path / "cable", [second_of_three]) as cable,
        closing(session_on(cable.url, answer_s=1.0)) as session,
    ):
        session.write(identity, no_progress)
    assert read_identity(tmp_path / "flash") == list(identity)
    assert (board.heard.count(b" OPEN "), board.heard.count(b" SET ")) == (1, 4 if toward is Toward.STATION else 3)


@pytest.mark.parametrize("window", [0, 4096])
def test_a_long_line_is_not_given_up_while_it_is_on_its_way(tmp_path: Path, window: int) -> None:
    """At this speed one line takes longer than the patience for its answer."""
    identity, kept = nvr("nvr-0001", cameras=12), tmp_path / "flash"
    board = Counting(UID, kept, tmp_path / "tty", baud_pacing=True, build=AgentBuild(window=window))
    with board, closing(session_on(board.url, baud=9600, answer_s=0.4)) as session:
        session.write(identity, no_progress)
    assert read_identity(kept) == list(identity)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)
NAME = st.one_of(TEXT, st.sampled_from(["=", ",", ";", "%", "é" * 60, "n" * 128]))
ONE = st.builds(
    lambda pk, dn, ds, ps: Certificate(
        product_key=pk,
        device_name=dn,
        device_secret=Secret(ds),
        product_secret=Secret(ps) if ps else None,
    ),
    st.sampled_from(["a1B2c3D4e5F", "a1IPCipcIPC", "é" * 18]),
    NAME,
    st.one_of(TEXT, st.just("é" * 32)),
    st.one_of(st.just(""), st.just("é" * 32)),
)


@settings(max_examples=examples(60))
@given(st.lists(ONE, min_size=1, max_size=12))
def test_whatever_the_fields_are_each_line_fits_and_is_enough_by_itself(ones: list[Certificate]) -> None:
    identity = Identity(primary=ones[0], channels=tuple(ones[1:]))
    transaction = OpenTransaction("t", len(identity.channels), replaces=False)
    for words in reversed(list(set_lines(identity, "0" * 12))):  # in any order: one that was lost comes last
        assert len(command("0000", *words)) <= LONGEST_LINE
        for channel, texts in enumerate(words[3].encode().split(b";"), start=int(words[2])):
            for name, text in zip(("PK", "DN", "DS", "PS"), texts.split(b","), strict=False):
                set_field(transaction, channel, name, text)
    stored = [tuple(each[key].encode() for key in ("pk", "dn", "ds", "ps")) for each in certificates_of(transaction)]
    assert stored == [each.board_fields() for each in identity]


def test_a_board_of_version_2_alone_tells_nobody_what_depends_on_its_secret(tmp_path: Path) -> None:
    with on_bench(tmp_path, ONLY_SECOND) as board:
        with closing(session_on(board.url)) as session:
            flash(session, CAM)
        board.said = b""
        with closing(session_on(board.url)) as stranger:
            stranger.identify()
            stranger.board_key(None)
            found = stranger.read_back(OTHER, no_progress)
            alone = stranger.read_back(None, no_progress)
        assert (found.verdict, found.digest, alone.verdict, alone.digest) == (
            Verdict.DIFFERS,
            None,
            Verdict.UNVERIFIABLE,
            None,
        )
        assert b"proof=" not in board.said and b"digest=" not in board.said


@on_every_kind
def test_the_key_that_was_kept_shows_the_digest_although_the_secret_is_gone(make_board: MakeBoard) -> None:
    board = make_board()
    with closing(session_on(board.url)) as session:
        session.identify()
        key = session.board_key(None)
        session.write(CAM, no_progress)
    with closing(session_on(board.url)) as later:
        later.identify()
        assert later.board_key(key) == key
        assert later.read_back(None, no_progress).digest == CAM.digest()


def test_a_board_that_has_lost_the_key_it_was_given_is_not_done_by_its_name(tmp_path: Path) -> None:
    """It was written again by a station of before, or by who wants nobody to look; it speaks version 2 alone now."""
    with on_bench(tmp_path, AgentBuild(versions=(1,))) as board, closing(session_on(board.url)) as before:
        before.write(CAM, no_progress)
    with on_bench(tmp_path, ONLY_SECOND) as board, closing(session_on(board.url)) as session:
        session.identify()
        session.board_key(Secret("5eed" * 6))
        with pytest.raises(BoardFault) as fault:
            session.read_back(None, no_progress)
    assert fault.value.code == "E204" and "SAME" in fault.value.what


@on_every_kind
def test_what_a_station_of_before_wrote_is_still_recognised(make_board: MakeBoard) -> None:
    """It has given the board no key, and speaks version 1 to a board that could do more."""
    board = make_board()
    with closing(session_on(board.url, **UNHURRIED)) as before:
        before.identify()
        before._board = first_id(before._talk, before._looked_at())
        assert before.board_key(None) is None
        before.write(CAM, no_progress)
        assert before.read_back(CAM, no_progress).verdict is Verdict.EQUAL
        before.restart()
        assert before.read_back(CAM, no_progress).verdict is Verdict.EQUAL
    assert board.stored() == list(CAM)
    with closing(session_on(board.url, **UNHURRIED)) as session:
        session.identify()
        session.board_key(None)
        assert session.read_back(None, no_progress).digest == CAM.digest()
        assert session.read_back(CAM, no_progress).verdict is Verdict.EQUAL


@pytest.mark.parametrize("build", [None, AgentBuild(versions=(1,))], ids=["both", "version 1"])
def test_another_version_in_the_middle_of_a_session_is_another_board(tmp_path: Path, build: AgentBuild | None) -> None:
    board = SimulatedAgentBoard(UID, tmp_path / "flash", tmp_path / "tty", build=build)
    with board, closing(session_on(board.url)) as session:
        session.identify()
        board._build = AgentBuild(versions=(1,) if build is None else (2,))
        with pytest.raises(BoardFault) as fault:
            session.write(CAM, no_progress)
    assert fault.value.code in ("E209", "E202")
    assert read_identity(tmp_path / "flash") is None
