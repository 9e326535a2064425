# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile with `[agent] lock = true`, from plug to PASS; looked at inside the boards' flash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.model import CertName, State
from station.profiles.profile import Profile
from station.rules import Outcome
from station.simulate.agent_store import AgentStore
from tests.flow.flow_table import PRODUCT, Table


@pytest.fixture
def locking(table: Table) -> Profile:
    return replace(table.profile, options={**table.profile.options, "lock": True})


def is_locked(table: Table, number: int) -> bool:
    return AgentStore(table.folder / f"{number}.flash").locked


@pytest.mark.parametrize("after_reset", [True, False])
def test_a_board_is_locked_before_it_is_called_done(table: Table, locking: Profile, *, after_reset: bool) -> None:
    table.stock_up("cam1")
    board = table.board(1)
    visit = table.flash(board, profile=replace(locking, prove_after_reset=after_reset))
    assert (visit.outcome, table.state("cam1")) == (Outcome.PASS, State.CONSUMED)
    assert is_locked(table, 1) and table.holds(1) == ["cam1"]
    assert table.flash(board, profile=locking).outcome is Outcome.ALREADY_DONE


def test_without_the_key_boards_stay_open(table: Table) -> None:
    table.stock_up("cam1")
    assert table.flash(table.board(1)).outcome is Outcome.PASS
    assert not is_locked(table, 1)


@pytest.mark.parametrize("wrong", ["ignored", "claimed", "FLASH", "VERB"])
def test_a_board_that_does_not_lock_is_not_done_and_keeps_its_identity(
    table: Table, locking: Profile, wrong: str
) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1, lock=wrong)
    visit = table.flash(board, profile=locking)
    assert visit.error is not None and visit.error.code == ("E202" if wrong == "VERB" else "E216")
    assert (table.state("cam1"), table.state("cam2")) == (State.IN_DOUBT, State.READY)
    board.unplug()
    mended = table.board(1)
    assert table.flash(mended, profile=locking).outcome is Outcome.PASS
    assert is_locked(table, 1) and table.holds(1) == ["cam1"] and table.state("cam2") is State.READY


def test_a_board_that_was_done_before_the_profile_said_so_is_locked_when_it_comes_again(
    table: Table, locking: Profile
) -> None:
    table.stock_up("cam1")
    board = table.board(1)
    table.flash(board)
    assert not is_locked(table, 1)
    assert table.flash(board, profile=locking).outcome is Outcome.ALREADY_DONE
    assert is_locked(table, 1)


def test_a_board_whose_identity_was_exchanged_is_refused_and_not_locked(table: Table, locking: Profile) -> None:
    table.stock_up("cam1", "cam2")
    table.flash(table.board(1))
    table.flash(table.board(2))
    (table.folder / "1.flash").write_bytes((table.folder / "2.flash").read_bytes())
    visit = table.flash(table.board(1), profile=locking)
    assert visit.outcome is Outcome.ALARM
    assert not is_locked(table, 1)


def test_a_locked_board_is_reworked_by_erasing_its_flash_which_the_refusal_says(table: Table, locking: Profile) -> None:
    table.stock_up("cam1", "cam2")
    board = table.board(1)
    table.flash(board, profile=locking)
    table.ledger.retire(CertName(PRODUCT, "cam1"), "rework", by="Li Wei")
    refused = table.flash(board, profile=locking)
    assert refused.error is not None and refused.error.code == "E207" and "programmer" in refused.error.do
    assert table.holds(1) == ["cam1"] and table.state("cam2") is State.READY
    board.unplug()
    (table.folder / "1.flash").unlink()
    assert table.flash(table.board(1), profile=locking).outcome is Outcome.PASS
    assert table.holds(1) == ["cam2"] and is_locked(table, 1)
