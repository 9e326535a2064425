# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards that a recovered ledger does not know, or not yet: nothing takes their place. Through the real commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from station.codes import Exit
from station.simulate.agent_board import read_identity
from tests.setback.pcs import PC, Done, Floor


@pytest.fixture
def lost_batch(pc: PC, floor: Floor, tmp_path: Path) -> PC:
    """Board 2 has an identity that came in after the backup; the ledger was set back and recovered by its witness."""
    assert floor.flash(pc, 1, 11, 12, 13).code == Exit.OK
    assert pc("backup", str(tmp_path / "b.bak")).code == Exit.OK
    pc.import_batch("later", 1)
    assert floor.flash(pc, 2).code == Exit.OK
    assert floor.holds(2) == "later000"
    restored = pc.supervised("restore", str(tmp_path / "b.bak"), "--yes")
    assert "1 writes that the ledger had lost" in restored.err
    return pc


def test_nobody_is_told_to_write_over_a_board_that_a_witness_names(lost_batch: PC, floor: Floor) -> None:
    done = floor.flash(lost_batch, 2)
    assert done.code != Exit.OK
    assert "overwrite_unknown" not in done.err, done


def test_a_board_that_a_witness_names_takes_no_other_identity(lost_batch: PC, floor: Floor) -> None:
    lost_batch.import_batch("new", 2)
    profile = lost_batch.disk / "profiles" / "cam.toml"
    profile.write_text(f"{profile.read_text()}overwrite_unknown = true\n")
    done = floor.flash(lost_batch, 2)
    assert floor.holds(2) == "later000", done


def test_the_content_that_a_board_may_carry_is_not_destroyed_after_a_recovery(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """Withheld by a recovery means that it may be out: what arrived later must not take its place unasked."""
    assert pc("backup", str(tmp_path / "b.bak")).code == Exit.OK
    assert floor.flash(pc, 1).code == Exit.OK
    shutil.rmtree(pc.witness)
    pc.supervised("restore", str(tmp_path / "b.bak"), "--yes")
    file = tmp_path / "again.csv"
    file.write_text(f"ProductKey,DeviceName,DeviceSecret\na1Cam,{floor.holds(1)},{'another' * 4}ABCD\n")
    assert pc("import", str(file)).code == Exit.PERSON_NEEDED
    kept = pc.supervised("conflict", "keep", "arrived", str(floor.holds(1)), "--yes")
    assert kept.code != Exit.OK, kept
    done = floor.flash(pc, 1)
    assert done.code == Exit.OK, done


def test_a_board_that_has_what_was_chosen_in_a_dispute_is_not_written_over(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """The copy holds what a supervisor refused later; the board has what was chosen, and proves it when it is here."""
    shutil.copytree(pc.state, tmp_path / "copy")
    file = tmp_path / "again.csv"
    file.write_text(f"ProductKey,DeviceName,DeviceSecret\na1Cam,first000,{'another' * 4}ABCD\n")

    def chooses_what_arrived() -> Done:
        assert pc("import", str(file)).code == Exit.PERSON_NEEDED
        return pc.supervised("conflict", "keep", "arrived", "first000", "--yes")

    assert chooses_what_arrived().code == Exit.OK
    assert floor.flash(pc, 1).code == Exit.OK
    had = read_identity(floor.folder / "1.bin")
    shutil.rmtree(pc.state)
    shutil.copytree(tmp_path / "copy", pc.state)
    done = pc.supervised("recover", "--yes")
    assert "first000 is on board 5a00000000000001 with other contents than are here" in done.err, done
    refused = floor.flash(pc, 1)
    assert (refused.code, "E616" in refused.err) == (Exit.PERSON_NEEDED, True), refused
    chosen = chooses_what_arrived()
    assert "Traceback" not in chosen.err
    assert pc.states()["IN_DOUBT"] == 1, chosen
    done = floor.flash(pc, 1)
    assert done.code == Exit.OK, done
    assert read_identity(floor.folder / "1.bin") == had
    assert pc("audit", "verify").code == Exit.OK
