# SPDX-License-Identifier: GPL-3.0-or-later
"""A board that was exchanged after the copy was made may hold a part of an identity: it is a stranger also to the
ledger that comes back, whether its certificate is in the copy, or is pulled again later, or never.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from station.codes import Exit
from tests.setback.consoles import Consoles
from tests.setback.pcs import PC, hardware


@pytest.fixture
def pc(tmp_path: Path, request: pytest.FixtureRequest) -> PC:
    """With the first batch, where the copy is to hold it."""
    held = 4 if "first" in request.fixturenames else 0
    return PC(tmp_path / "disk", hardware(tmp_path / "pc1", 1)).set_up(held)


@pytest.fixture
def first() -> None:
    """Asked for by a test whose copy holds the certificates."""


@pytest.fixture
def consoles(pc: PC, tmp_path: Path) -> Consoles:
    boards = Consoles(tmp_path / "consoles")
    boards.profile_on(pc)
    return boards


def exchanged(pc: PC, consoles: Consoles) -> None:
    """Board 1 passes; board 2 is written to, and board 3 is in its place for the end of it."""
    done, sent = consoles.flash(pc, 1)
    assert done.code == Exit.OK, done
    done, _ = consoles.flash(pc, 2, swapped_for=3, at=sent * 6 // 10)
    assert done.code == Exit.PERSON_NEEDED, done
    assert consoles.uid(3) in pc("stranger", "list").out


def set_back(pc: PC, copy: Path) -> None:
    shutil.rmtree(pc.state)
    shutil.copytree(copy, pc.state)
    assert pc.supervised("recover", "--yes").code in (Exit.OK, Exit.PERSON_NEEDED)


def alarms(pc: PC, consoles: Consoles) -> None:
    had = consoles.stored(3)
    done, _ = consoles.flash(pc, 3)
    assert (done.code, "E701" in done.err) == (Exit.INTEGRITY, True), done
    assert consoles.stored(3) == had
    assert pc.supervised("unlock").code == Exit.OK


def is_settled(pc: PC, consoles: Consoles, fate: str) -> None:
    done = pc.supervised("stranger", "settle", consoles.uid(3), "--as", fate, "--yes")
    assert done.code == Exit.OK, done


@pytest.mark.usefixtures("first")
def test_a_stranger_of_the_lost_time_waits_for_a_person(pc: PC, consoles: Consoles, tmp_path: Path) -> None:
    shutil.copytree(pc.state, tmp_path / "copy")
    exchanged(pc, consoles)
    for _ in range(2):  # and when the same copy comes back once more
        set_back(pc, tmp_path / "copy")
        assert pc("stranger", "list").out.count(f"board {consoles.uid(3)}  since") == 1
    alarms(pc, consoles)
    waits, _ = consoles.flash(pc, 2)
    assert "E630" in waits.err, waits
    consoles.wipe(3)
    is_settled(pc, consoles, "wiped")
    done, _ = consoles.flash(pc, 2)
    assert done.code == Exit.OK, done
    pc.release_all()
    assert consoles.flash(pc, 3)[0].code == Exit.OK
    held = [consoles.holds(number) for number in (1, 2, 3)]
    assert len({*held} - {None}) == 3
    assert pc("audit", "verify").code == Exit.OK


def test_a_stranger_whose_certificate_is_not_in_the_copy_takes_none(pc: PC, consoles: Consoles, tmp_path: Path) -> None:
    """It becomes a stranger like any other when the certificate is pulled again."""
    shutil.copytree(pc.state, tmp_path / "copy")
    pc.import_batch("second", 3)
    exchanged(pc, consoles)
    set_back(pc, tmp_path / "copy")
    listed = pc("stranger", "list")
    assert (listed.code, "a certificate that is not here" in listed.out) == (Exit.PERSON_NEEDED, True), listed
    pc.import_batch("other", 1)
    alarms(pc, consoles)
    pc.import_batch("second", 3)
    listed = pc("stranger", "list")
    assert (listed.out.count("since"), "second001" in listed.out) == (1, True), listed
    alarms(pc, consoles)
    waits, _ = consoles.flash(pc, 2)
    assert "E630" in waits.err, waits


@pytest.mark.parametrize("fate", ["wiped", "scrapped"])
def test_one_that_is_settled_before_its_certificate_is_here_stays_so(
    pc: PC, consoles: Consoles, tmp_path: Path, fate: str
) -> None:
    shutil.copytree(pc.state, tmp_path / "copy")
    pc.import_batch("second", 3)
    exchanged(pc, consoles)
    set_back(pc, tmp_path / "copy")
    consoles.wipe(3)
    is_settled(pc, consoles, fate)
    assert pc("stranger", "list").code == Exit.OK
    pc.import_batch("second", 3)
    assert pc("stranger", "list").code == Exit.OK
    assert consoles.flash(pc, 2)[0].code == Exit.OK
    if fate == "scrapped":
        alarms(pc, consoles)
    else:
        assert consoles.flash(pc, 3)[0].code == Exit.OK
        assert len({consoles.holds(number) for number in (1, 2, 3)}) == 3
    assert pc("audit", "verify").code == Exit.OK
