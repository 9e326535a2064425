# SPDX-License-Identifier: GPL-3.0-or-later
"""The serial number is tied to the board before anything is written to it, or nothing is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.model import BoardUid, State
from station.profiles.profile import Profile
from station.profiles.scans import Demand, SerialRule
from station.rules import Outcome
from tests.flow.flow_table import Table


@pytest.fixture
def required(table: Table) -> Profile:
    table.stock_up("cam1", "cam2")
    return replace(table.profile, serial=SerialRule(ask=Demand.REQUIRED))


def test_without_one_nothing_is_reserved_or_written(table: Table, required: Profile) -> None:
    visit = table.flash(table.board(1), profile=required)
    assert visit.error is not None and (visit.error.code, visit.outcome) == ("E217", Outcome.WRONG_LABEL)
    assert (table.holds(1), table.state("cam1"), visit.attempt) == ([], State.READY, 0)


def test_it_is_on_disk_before_the_board_is_written(table: Table, required: Profile) -> None:
    board = table.board(1)
    seen: list[str] = []
    visit = table.flash(
        board, serial="SN1", profile=required, tell=lambda _: seen.append(table.ledger.serials.of(BoardUid(board.uid)))
    )
    assert (visit.outcome, visit.serial, table.holds(1)) == (Outcome.PASS, "SN1", ["cam1"])
    assert "SN1" in seen and table.ledger.serials.board_of("SN1") == board.uid


def test_anothers_serial_number_is_refused_and_the_board_stays_blank(table: Table, required: Profile) -> None:
    first, second = table.board(1), table.board(2)
    assert table.flash(first, serial="SN1", profile=required).outcome is Outcome.PASS
    refused = table.flash(second, serial="SN1", profile=required)
    assert refused.error is not None and (refused.error.code, first.uid in refused.error.what) == ("E217", True)
    assert (table.holds(2), table.state("cam2")) == ([], State.READY)
    other = table.flash(first, serial="SN2", profile=required)
    assert other.error is not None and "has serial number SN1" in other.error.what
    assert table.holds(1) == ["cam1"]
    assert table.flash(second, serial="SN2", profile=required).outcome is Outcome.PASS


def test_a_board_that_comes_back_needs_no_second_scan(table: Table, required: Profile) -> None:
    board = table.board(1)
    table.flash(board, serial="SN1", profile=required)
    again = table.flash(board, profile=required)
    assert (again.outcome, again.serial) == (Outcome.ALREADY_DONE, "SN1")


def test_nor_does_one_that_was_pulled_before_it_was_written(table: Table, required: Profile) -> None:
    board = table.board(1)
    table.ledger.serials.give(BoardUid(board.uid), "SN1", "1")
    again = table.flash(board, profile=required)
    assert (again.outcome, again.serial) == (Outcome.PASS, "SN1")


def test_a_board_that_was_done_before_they_were_asked_for_goes_on_without(table: Table, required: Profile) -> None:
    board = table.board(1)
    assert table.flash(board).outcome is Outcome.PASS
    assert table.flash(board, profile=required).outcome is Outcome.ALREADY_DONE


def test_an_alarm_is_not_hidden_by_a_wrong_scan_nor_ties_anything(table: Table, required: Profile) -> None:
    table.flash(table.board(1), serial="SN1", profile=required)
    clone = table.board(2, store=1)
    visit = table.flash(clone, serial="SN1", profile=required)
    assert visit.error is not None and visit.error.code == "E701"
    table.flash(clone, serial="SN7", profile=required)
    assert table.ledger.serials.of(BoardUid(clone.uid)) == ""


def test_where_it_is_optional_a_board_goes_on_without(table: Table, required: Profile) -> None:
    optional = replace(required, serial=SerialRule(ask=Demand.OPTIONAL))
    assert table.flash(table.board(1), profile=optional).outcome is Outcome.PASS
    assert table.flash(table.board(2), serial="SN2", profile=optional).serial == "SN2"
