# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that was deleted is missed, by whatever path its folder is reached afterwards: through the real commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from station.codes import Exit
from tests.setback.pcs import PC, Floor

Again = Callable[[PC, Path], PC]


def _moved(pc: PC, tmp_path: Path) -> PC:
    """The bench's folder has another name now; its home, with the witness, stays where it was."""
    (pc.disk / "bench").mkdir()
    pc.state.rename(pc.disk / "bench" / "state")
    pc.config.write_text(pc.config.read_text().replace(str(pc.state), str(pc.disk / "bench" / "state")))
    pc.state = pc.disk / "bench" / "state"
    return pc


def _linked(pc: PC, tmp_path: Path) -> PC:
    (tmp_path / "link").symlink_to(pc.state)
    _call_it(pc, tmp_path / "link")
    return pc


def _dotted(pc: PC, _tmp_path: Path) -> PC:
    _call_it(pc, pc.state / ".." / "state")
    return pc


def _call_it(pc: PC, state: Path) -> None:
    pc.config.write_text(pc.config.read_text().replace(f'state_dir = "{pc.state}"', f'state_dir = "{state}"'))


@pytest.mark.parametrize("again", [_moved, _linked, _dotted], ids=["moved", "through a link", "through .."])
def test_a_deleted_ledger_is_missed_by_whatever_path_its_folder_is_reached(
    pc: PC, floor: Floor, tmp_path: Path, again: Again
) -> None:
    assert floor.flash(pc, 1).code == Exit.OK
    for file in (*pc.state.glob("ledger.db*"), *pc.state.glob(".ledger.db.head")):
        file.unlink()
    pc = again(pc, tmp_path)
    assert pc("import", str(pc.disk / "first.csv")).code in (Exit.OK, Exit.PERSON_NEEDED)
    assert floor.flash(pc, 9).code != Exit.OK
    assert floor.doubles() == {}
