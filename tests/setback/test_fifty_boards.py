# SPDX-License-Identifier: GPL-3.0-or-later
"""A shift's worth of boards that the restored ledger does not know: settled by the witness, and with every witness
lost by plugging them in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from station.codes import Exit
from tests.sampled import WHOLE
from tests.setback.pcs import PC, Floor, hardware

MANY = 50 if WHOLE else 12
BOARDS = range(1, MANY + 1)
NEW = range(MANY + 1, MANY + 11)
SLOTS = 8


def rounds(boards: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for first in range(0, len(boards), SLOTS):  # itertools.batched comes with Python 3.12
        yield tuple(boards[first : first + SLOTS])


@pytest.fixture(scope="module")
def flashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where such a PC and its boards were made, once for both tests."""
    folder = tmp_path_factory.mktemp("fifty")
    pc, floor = PC(folder / "disk", hardware(folder / "pc1", 1)).set_up(MANY + 10), Floor(folder / "boards")
    shutil.copytree(pc.state, folder / "copy")
    for boards in rounds(BOARDS):
        assert floor.flash(pc, *boards).code == Exit.OK
    shutil.rmtree(pc.state)
    shutil.copytree(folder / "copy", pc.state)
    return folder


@pytest.fixture
def floor(flashed: Path, tmp_path: Path) -> Floor:
    return Floor(shutil.copytree(flashed / "boards", tmp_path / "boards"))


@pytest.fixture
def set_back(flashed: Path, tmp_path: Path) -> PC:
    """All those boards were flashed after the copy that is the ledger now."""
    return PC(flashed / "disk", flashed / "pc1").again(tmp_path / "disk", flashed / "pc1")


def ends_settled(pc: PC, floor: Floor) -> None:
    had = {board: floor.holds(board) for board in BOARDS}
    for boards in rounds(BOARDS):
        done = floor.flash(pc, *boards)
        assert done.code == Exit.OK, done
    assert {board: floor.holds(board) for board in BOARDS} == had
    assert pc.states() == {"CONSUMED": MANY, "WITHHELD": 10}
    assert pc("audit", "verify").code == Exit.OK
    pc.release_all()
    assert floor.flash(pc, *NEW).code == Exit.OK
    assert pc.states() == {"CONSUMED": MANY + 10}
    assert floor.doubles() == {}


@pytest.mark.timeout(400)
def test_all_of_them_are_settled_by_the_witness(set_back: PC, floor: Floor) -> None:
    assert set_back.supervised("recover", "--yes").code == Exit.PERSON_NEEDED
    assert set_back.states() == {"IN_DOUBT": MANY, "WITHHELD": 10}
    ends_settled(set_back, floor)


@pytest.mark.timeout(400)
def test_all_of_them_are_settled_by_plugging_them_in_with_every_witness_lost(set_back: PC, floor: Floor) -> None:
    shutil.rmtree(set_back.witness)
    done = set_back.supervised("recover", "--yes")
    assert done.code == Exit.PERSON_NEEDED, done
    assert "not every witness was there and whole" in done.err
    assert set_back.states() == {"WITHHELD": MANY + 10}
    set_back.import_batch("later", 2)
    assert set_back.states() == {"WITHHELD": MANY + 12}
    assert floor.flash(set_back, 99).code == Exit.NO_CERTIFICATES
    assert set_back.supervised("retire", "later000", "--yes").code == Exit.OK
    assert set_back.supervised("retire", "later001", "--yes").code == Exit.OK
    for boards in rounds(BOARDS):
        assert floor.flash(set_back, *boards).code == Exit.OK
    assert set_back.states() == {"CONSUMED": MANY, "WITHHELD": 10, "RETIRED": 2}
    assert set_back.supervised("recover", "--over", "--yes").code == Exit.OK
    set_back.import_batch("new", 1)
    assert set_back.states()["READY"] == 1
    set_back.release_all()
    assert floor.flash(set_back, *NEW, MANY + 11).code == Exit.OK
    assert floor.doubles() == {}
