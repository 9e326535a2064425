# SPDX-License-Identifier: GPL-3.0-or-later
"""What was decided after the copy was made: an identity retired, or found on a board that this station never wrote. No
board was written since, and the folder is copied back by hand. Through the real commands.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from station.codes import Exit
from tests.setback.pcs import PC, Floor, hardware


def set_back(pc: PC, copy: Path) -> None:
    shutil.rmtree(pc.state)
    shutil.copytree(copy, pc.state)


def recovers(pc: PC) -> str:
    """And what it told."""
    assert "older than what is known of it" in pc("status").out
    done = pc.supervised("recover", "--yes")
    assert done.code == Exit.PERSON_NEEDED, done
    return done.err


def retires(pc: PC, name: str) -> None:
    done = pc.supervised("retire", name, "--yes")
    assert done.code == Exit.OK, done


def about_a_board(told: str) -> list[str]:
    """What a person must look at, but for the stock that every recovery withholds."""
    asked = [line for line in told.splitlines() if "a person must look" in line]
    return [line for line in asked if "since a recovery" not in line]


def test_a_retired_identity_is_not_called_done(pc: PC, floor: Floor, tmp_path: Path) -> None:
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    retires(pc, "first000")
    set_back(pc, tmp_path / "copy")
    done = floor.flash(pc, 1)
    assert done.code in (Exit.PERSON_NEEDED, Exit.INTEGRITY), done
    recovers(pc)
    assert pc.states() == {"RETIRED": 1, "WITHHELD": 3}
    pc.release_all()
    assert floor.flash(pc, 1).code == Exit.OK  # reworked
    assert floor.holds(1) == "first001"
    assert pc("audit", "verify").code == Exit.OK


def test_what_was_retired_out_of_the_stock_goes_to_no_board(pc: PC, floor: Floor, tmp_path: Path) -> None:
    shutil.copytree(pc.state, tmp_path / "copy")
    retires(pc, "first000")
    set_back(pc, tmp_path / "copy")
    assert floor.flash(pc, 9).code in (Exit.PERSON_NEEDED, Exit.INTEGRITY)
    recovers(pc)
    assert pc.states() == {"RETIRED": 1, "WITHHELD": 3}
    pc.release_all()
    assert floor.flash(pc, 9).code == Exit.OK
    assert floor.holds(9) == "first001"


def test_what_was_found_on_a_board_goes_to_no_other(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """E705 says that it is out there for good; the folder's copy of before calls it READY."""
    other = PC(tmp_path / "disk2", hardware(tmp_path / "pc2", 2, machine_id="e" * 32)).set_up(4)
    assert floor.flash(other, 1).code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    assert floor.flash(pc, 1).code == Exit.INTEGRITY
    set_back(pc, tmp_path / "copy")
    assert floor.flash(pc, 9).code in (Exit.PERSON_NEEDED, Exit.INTEGRITY)
    recovers(pc)
    pc.release_all()
    assert pc.states() == {"READY": 3, "WITHHELD": 1}
    refused = pc.supervised("release", "first000", "--yes")
    assert "E620" in refused.err, refused
    assert floor.flash(pc, 9).code == Exit.OK
    assert floor.doubles() == {}
    assert pc("audit", "verify").code == Exit.OK


@pytest.fixture
def reworked(pc: PC, floor: Floor, tmp_path: Path) -> PC:
    """Board 1 was reworked after the copy: the copy knows its first identity, the board carries its second."""
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    retires(pc, "first000")
    assert floor.flash(pc, 1).code == Exit.OK
    assert floor.holds(1) == "first001"
    set_back(pc, tmp_path / "copy")
    return pc


def test_a_board_that_was_reworked_has_what_it_got_last(reworked: PC, floor: Floor) -> None:
    told = recovers(reworked)
    assert not about_a_board(told)
    assert reworked.states() == {"RETIRED": 1, "IN_DOUBT": 1, "WITHHELD": 2}
    assert floor.flash(reworked, 1).code == Exit.OK
    assert floor.holds(1) == "first001"
    assert reworked.states() == {"RETIRED": 1, "CONSUMED": 1, "WITHHELD": 2}
    assert reworked("audit", "verify").code == Exit.OK


def test_a_board_that_was_reworked_twice_in_the_lost_time(reworked: PC, floor: Floor, tmp_path: Path) -> None:
    """And after another recovery, whose lines begin again at lower numbers than those that were lost."""
    recovers(reworked)
    assert floor.flash(reworked, 1).code == Exit.OK
    retires(reworked, "first001")
    reworked.release_all()
    assert floor.flash(reworked, 1).code == Exit.OK
    assert floor.holds(1) == "first002"
    set_back(reworked, tmp_path / "copy")
    assert not about_a_board(recovers(reworked))
    assert floor.flash(reworked, 1).code == Exit.OK
    assert floor.holds(1) == "first002"
    assert reworked.states() == {"RETIRED": 2, "CONSUMED": 1, "WITHHELD": 1}


def test_what_was_retired_is_so_too_when_its_certificate_comes_in_again(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """The copy is older than the batch."""
    shutil.copytree(pc.state, tmp_path / "copy")
    pc.import_batch("later", 2)
    assert floor.flash(pc, 1, 2, 3, 4, 5).code == Exit.OK
    (board,) = [number for number in range(1, 6) if floor.holds(number) == "later000"]
    retires(pc, "later000")
    retires(pc, "later001")
    set_back(pc, tmp_path / "copy")
    recovers(pc)
    pc.import_batch("later", 2)
    assert pc.states() == {"IN_DOUBT": 4, "RETIRED": 2}
    assert floor.flash(pc, *(number for number in range(1, 6) if number != board)).code == Exit.OK
    assert pc("audit", "verify").code == Exit.OK


def test_a_board_whose_only_identity_was_retired_waits_for_no_batch(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """Its certificate is not in the copy, and nobody needs it any more: the board is wiped and takes another one."""
    assert floor.flash(pc, 11, 12).code == Exit.OK
    shutil.copytree(pc.state, tmp_path / "copy")
    pc.import_batch("later", 1)
    assert floor.flash(pc, 1, 2, 3).code == Exit.OK
    (board,) = [number for number in (1, 2, 3) if floor.holds(number) == "later000"]
    retires(pc, "later000")
    set_back(pc, tmp_path / "copy")
    recovers(pc)
    (floor.folder / f"{board}.bin").unlink()
    assert floor.flash(pc, *(number for number in (1, 2, 3) if number != board)).code == Exit.OK
    pc.import_batch("new", 1)
    done = floor.flash(pc, board)
    assert done.code == Exit.OK, done
    assert floor.holds(board) == "new000"
    assert floor.doubles() == {}


def imports_as(pc: PC, name: str, *, column: str, value: str) -> None:
    """The same name from another source, which a person must look at."""
    file = pc.disk / "other.csv"
    secret = value if column == "DeviceSecret" else f"{0:08d}{'first':x>24}"
    status = f",{value}" if column == "Status" else ""
    heading = ",Status" if status else ""
    file.write_text(f"ProductKey,DeviceName,DeviceSecret{heading}\na1Cam,{name},{secret}{status}\n")
    pc("import", str(file))
    assert pc.states() == {"READY": 3, "WITHHELD": 1}


@pytest.mark.parametrize(
    ("column", "value"), [("DeviceSecret", "another" * 4 + "ABCD"), ("Status", "1")], ids=["disputed", "in use"]
)
def test_what_was_withheld_in_the_lost_time_comes_back_by_its_name_alone(
    pc: PC, floor: Floor, tmp_path: Path, column: str, value: str
) -> None:
    """Nothing went out since; the copy calls it READY, and another station may have put it on a board."""
    shutil.copytree(pc.state, tmp_path / "copy")
    imports_as(pc, "first000", column=column, value=value)
    set_back(pc, tmp_path / "copy")
    assert floor.flash(pc, 9).code in (Exit.PERSON_NEEDED, Exit.INTEGRITY)
    assert "first000 was withheld in the time that was lost" in recovers(pc)
    pc.release_all()
    assert pc.states() == {"READY": 3, "WITHHELD": 1}
    assert floor.flash(pc, 9).code == Exit.OK
    assert floor.holds(9) == "first001"
    assert pc.supervised("release", "first000", "--yes").code == Exit.OK
    assert pc("audit", "verify").code == Exit.OK
