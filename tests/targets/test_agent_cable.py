# SPDX-License-Identifier: GPL-3.0-or-later
"""Every cable fault at every line of a flash, both ways (`make test`: at a sample of the lines): the right result or a
clear error; the board holds the old or the new identity, whole; EQUAL is said only of a board that holds the new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import BoardFault, PortFault, StationError
from station.model import Identity, Secret, Verdict
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard
from station.simulate.cable import Cable
from station.simulate.cable_faults import CableFault, CableTrouble, Toward
from station.targets.base import no_progress
from tests.sampled import WHOLE, sampled
from tests.targets.agent_bench import FIRST, MakeBoard, OnBench, on_emulated, session_on, single

LINES = {1: 19, 2: 13}
"""Of a whole flash, each way, by the version of the protocol; a few strike nothing, when it needs fewer."""
ANSWER_S = 1.0
"""An emulated board on a busy machine takes as long as half of it."""
LATE_S = ANSWER_S * 1.3
"""So late that the station has given the answer up."""
HEALS = [trouble for trouble in CableTrouble if trouble not in (CableTrouble.UNPLUG, CableTrouble.SWAP)]
BENCHES = 6 if WHOLE else 4
"""Boards that share the faults out."""
OF_SIMULATED, OF_EMULATED = 7, 43
"""Of how many faults one is tried: both emulators run the same C code, and are slow."""


def flash(url: str, identity: Identity, bench: OnBench) -> None:
    """What a flow does; each EQUAL is compared with what is in the board's flash at that moment."""
    with closing(session_on(url, answer_s=ANSWER_S)) as session:
        uid = session.identify().uid
        session.write(identity, no_progress)
        for _ in range(2):
            found = session.read_back(identity, no_progress)
            if found.verdict is Verdict.EQUAL:
                assert bench.stored() == list(identity), "EQUAL, but the board holds something else"
                assert found.digest == identity.digest()
            else:
                raise BoardFault("the board holds something else", code=Code.E204)
            session.restart()
        if session.identify().uid != uid:
            raise BoardFault("another board", code=Code.E209)


@pytest.fixture
def cables(make_board: MakeBoard, tmp_path: Path) -> Iterator[list[tuple[OnBench, Path]]]:
    """Boards, each with the place where its cable appears."""
    first = make_board("00a1b2c3d4e5f600")
    benches = BENCHES if WHOLE or isinstance(first.board, SimulatedAgentBoard) else 1
    more = [make_board(f"00a1b2c3d4e5f6{n:02x}") for n in range(1, benches)]
    yield [(bench, tmp_path / f"ttyCABLE{n}") for n, bench in enumerate((first, *more))]


def lines_of(bench: OnBench, start: int = 1) -> range:
    """Of a whole flash."""
    return range(start, LINES[bench.version] + 1)


def faults_of(bench: OnBench, trouble: CableTrouble) -> list[CableFault]:
    """One per line and direction."""
    return [CableFault(trouble, toward, line, seconds=LATE_S) for line in lines_of(bench) for toward in Toward]


def strike(cables: list[tuple[OnBench, Path]], faults: Sequence[CableFault]) -> list[StationError | None]:
    """One flash per fault, shared out to the boards; the outcome of each."""

    def work(number: int) -> list[StationError | None]:
        bench, link = cables[number]
        mine = enumerate(faults[number :: len(cables)])
        return [outcome(bench, link, fault, f"cam-{number}-{n}") for n, fault in mine]

    with ThreadPoolExecutor(len(cables)) as pool:
        return [each for share in pool.map(work, range(len(cables))) for each in share]


def outcome(bench: OnBench, link: Path, fault: CableFault, name: str) -> StationError | None:
    old, new = bench.stored(), single(name)
    error: StationError | None = None
    with Cable(bench.url, link, [fault]) as cable:
        try:
            flash(cable.url, new, bench)
        except (BoardFault, PortFault) as raised:
            error = raised
    assert bench.stored() in ((old, list(new)) if error else (list(new),)), fault
    return error


@pytest.mark.parametrize("trouble", HEALS)
def test_damage_to_one_line_heals_by_itself(cables: list[tuple[OnBench, Path]], trouble: CableTrouble) -> None:
    faults = sampled(faults_of(cables[0][0], trouble), OF_SIMULATED, list(CableTrouble).index(trouble))
    assert set(strike(cables, faults)) == {None}


@on_emulated
def test_damage_to_the_lines_of_real_firmware_heals_too(cables: list[tuple[OnBench, Path]]) -> None:
    faults = [fault for trouble in HEALS for fault in faults_of(cables[0][0], trouble)]
    assert set(strike(cables, sampled(faults, OF_EMULATED))) == {None}


def test_an_unplugged_port_is_lost_or_found_again_after_a_reset(cables: list[tuple[OnBench, Path]]) -> None:
    outcomes = strike(cables, sampled(faults_of(cables[0][0], CableTrouble.UNPLUG), OF_SIMULATED, 1))
    assert {error.code for error in outcomes if error} == {"E311"}
    for bench, link in cables:
        with Cable(bench.url, link) as cable:
            flash(cable.url, single("cam-at-last"), bench)


@pytest.mark.parametrize("carries", [single("cam-of-the-other"), None], ids=["written", "blank"])
def test_a_board_swapped_at_any_line_is_noticed_and_the_other_one_is_never_written(
    make_board: MakeBoard, tmp_path: Path, carries: Identity | None
) -> None:
    """From the third line on; until the board has said who it is, the other board is simply the board."""
    first, other = make_board("00a1b2c3d4e5f600"), make_board("00a1b2c3d4e5f6ff")
    if carries:
        flash(other.url, carries, other)
    with closing(session_on(first.url)) as session:
        session.identify()  # it has booted: no ID has to be repeated below
    for line in sampled(lines_of(first, 3 if first.version == 2 else 4), 1 if first.version == 2 else 3):
        swap = CableFault(CableTrouble.SWAP, Toward.BOARD, line, other=other.url)
        with Cable(first.url, tmp_path / "ttyCABLE", [swap]) as cable:
            with pytest.raises(BoardFault) as fault:
                flash(cable.url, single(f"cam-{line}"), first)
            assert cable.struck == [swap]
        assert fault.value.code in ("E209", "E204"), line
        assert other.stored() == (list(carries) if carries else None), line


@pytest.mark.parametrize("carries", [single("cam-of-the-other"), None], ids=["written", "blank"])
@pytest.mark.parametrize("versions", [(1,), (2,), (1, 2)], ids=["1", "2", "both"])
def test_a_board_swapped_while_a_done_one_is_looked_at_is_never_taken_for_it(
    tmp_path: Path, carries: Identity | None, versions: tuple[int, ...]
) -> None:
    """Neither as good as it was, nor as one that has lost its identity; whether its key was kept or not."""
    build, done = AgentBuild(versions=versions), single("cam-0001")
    first = SimulatedAgentBoard("00a1b2c3d4e5f600", tmp_path / "first", tmp_path / "ttyFIRST", build=build)
    other = SimulatedAgentBoard("00a1b2c3d4e5f6ff", tmp_path / "other", tmp_path / "ttyOTHER", build=build)
    with first, other:
        keys = [write(board, identity) for board, identity in ((first, done), (other, carries)) if identity]
        looked_at = 3 if versions == (1,) else 2
        for kept, line in product((keys[0], None), range(looked_at + 1, looked_at + 5)):
            swap = CableFault(CableTrouble.SWAP, Toward.BOARD, line, other=other.url)
            with Cable(first.url, tmp_path / "ttyCABLE", [swap]) as cable, closing(session_on(cable.url)) as session:
                session.identify()
                session.board_key(kept)
                try:
                    found = session.read_back(None, no_progress)
                except BoardFault as fault:
                    assert fault.code == "E209", line
                else:
                    assert not cable.struck, (line, found)


def write(board: SimulatedAgentBoard, identity: Identity) -> Secret | None:
    """The key that is kept with it."""
    with closing(session_on(board.url)) as session:
        session.identify()
        key = session.board_key(None)
        session.write(identity, no_progress)
    return key


class Listening(SimulatedAgentBoard):
    """Keeps what it hears."""

    heard = b""

    def _hear(self, data: bytes) -> None:
        self.heard += data
        super()._hear(data)


@pytest.mark.parametrize(
    ("line", "build"),
    [
        pytest.param(4, FIRST, id="BEGIN"),
        pytest.param(5, FIRST, id="ID"),
        pytest.param(3, None, id="OPEN"),
    ],
)
def test_no_field_travels_to_a_board_that_was_not_looked_at(
    tmp_path: Path, line: int, build: AgentBuild | None
) -> None:
    first = SimulatedAgentBoard("00a1b2c3d4e5f600", tmp_path / "first", tmp_path / "ttyFIRST", build=build)
    other = Listening("00a1b2c3d4e5f6ff", tmp_path / "other", tmp_path / "ttyOTHER", build=build)
    swap = CableFault(CableTrouble.SWAP, Toward.BOARD, line, other=other.url)
    cable = Cable(first.url, tmp_path / "ttyCABLE", [swap])
    with first, other, cable, closing(session_on(cable.url)) as session, pytest.raises(BoardFault):
        session.identify()
        session.write(single("cam-0001"), no_progress)
    assert (b"ID" if build else b"WHO") in other.heard
    assert b"PUT" not in other.heard and b"SET" not in other.heard


@pytest.mark.parametrize("toward", list(Toward))
def test_a_commit_that_is_never_answered_is_decided_by_what_the_board_says_it_holds(
    make_board: MakeBoard, tmp_path: Path, toward: Toward
) -> None:
    bench, new = make_board(), single("cam-0001")
    word, commit = ("KEEP", 5) if bench.version == 2 else ("COMMIT", 10)
    commit -= toward is Toward.STATION
    with closing(session_on(bench.url)) as session:
        session.identify()  # it has booted
    lost = [CableFault(CableTrouble.LOSE, toward, line) for line in (commit, commit + 1)]
    cable = Cable(bench.url, tmp_path / "ttyCABLE", lost)
    with cable, closing(session_on(cable.url, answer_s=0.3, flash_s=0.5, attempts=2)) as session:
        session.identify()
        if toward is Toward.BOARD:
            with pytest.raises(BoardFault) as fault:
                session.write(new, no_progress)
            assert fault.value.code == "E201" and word in fault.value.what
        else:
            session.write(new, no_progress)
        assert cable.struck == lost
    assert bench.stored() == (None if toward is Toward.BOARD else list(new))


@pytest.mark.parametrize(("trouble", "code"), [(CableTrouble.FLIP, Code.E208), (CableTrouble.LOSE, Code.E201)])
def test_answers_that_come_damaged_are_the_wires_fault_and_a_board_without_any_is_silent(
    make_board: MakeBoard, tmp_path: Path, trouble: CableTrouble, code: Code
) -> None:
    """A damaged write is worth another one on the same board; one that is silent may be another by the time it says
    something.
    """
    bench = make_board()
    struck = [CableFault(trouble, Toward.STATION, line, at=3) for line in (1, 2)]
    cable = Cable(bench.url, tmp_path / "ttyCABLE", struck)
    with cable, closing(session_on(cable.url, answer_s=ANSWER_S, attempts=2)) as session:
        with pytest.raises(BoardFault) as fault:
            session.identify()
        assert cable.struck == struck
    assert fault.value.code is code


@pytest.mark.parametrize("later", [0, 1], ids=["RESET", "ID"])
def test_a_port_that_vanishes_with_the_reset_is_opened_again(make_board: MakeBoard, tmp_path: Path, later: int) -> None:
    """As native USB does it. Answers: WHO, then restart's OPEN, BOOT, and the first WHO after it; by version 1 WHO, ID,
    then restart's ID, BEGIN, RESET, and the first ID after it.
    """
    bench = make_board()
    flash(bench.url, single("cam-0001"), bench)
    answer = (3 if bench.version == 2 else 5) + later
    pull = CableFault(CableTrouble.UNPLUG, Toward.STATION, answer, at=0, seconds=0.1)
    cable = Cable(bench.url, tmp_path / "ttyCABLE", [pull])
    with cable, closing(session_on(cable.url)) as session:
        session.identify()
        session.restart()
        assert cable.struck == [pull]
        assert session.read_back(single("cam-0001"), no_progress).verdict is Verdict.EQUAL
