# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for boards that are known by a label alone, which may be on the wrong one."""

from __future__ import annotations

import pytest

from station.model import BoardInfo, BoardUid, CertName, Holding, State, Verdict
from station.rules import Known, Plan, is_same_board, may_be_another, plan_for

THIS, OTHER = BoardUid("aa01"), BoardUid("bb02")
MINE, ANOTHER = CertName("pk", "mine"), CertName("pk", "another")


def board(holding: Holding, *names: CertName, by_label: bool = True) -> BoardInfo:
    return BoardInfo(uid=THIS, chip="c", holding=holding, names=names, by_label=by_label)


SHOWN = [
    (board(Holding.IDENTITY, MINE), True),
    (board(Holding.TORN), True),
    (board(Holding.BLANK), False),
    (board(Holding.IDENTITY, ANOTHER), False),
    (board(Holding.BLANK, by_label=False), True),
]
WHAT = ["its own", "a part", "nothing", "another", "nothing, by a uid of its own"]


@pytest.mark.parametrize(("info", "is_same"), SHOWN, ids=WHAT)
def test_a_label_proves_nothing_where_the_board_does_not_show_what_was_sent(info: BoardInfo, *, is_same: bool) -> None:
    assert is_same_board(info, THIS, MINE) is is_same
    assert not is_same_board(info, OTHER, MINE)


@pytest.mark.parametrize(("info", "is_same"), SHOWN, ids=WHAT)
def test_a_board_in_doubt_that_shows_nothing_of_it_waits_for_a_supervisor(info: BoardInfo, *, is_same: bool) -> None:
    found = Verdict.BLANK if info.holding is Holding.BLANK else Verdict.DIFFERS
    assert may_be_another(info, MINE, found, vouched=False) is not is_same
    assert not may_be_another(info, MINE, found, vouched=True)


def test_nor_does_one_that_cannot_be_read_go_on_by_its_label() -> None:
    silent = board(Holding.UNREADABLE)
    assert may_be_another(silent, MINE, Verdict.UNVERIFIABLE, vouched=False)
    assert not may_be_another(board(Holding.UNREADABLE, by_label=False), MINE, Verdict.UNVERIFIABLE, vouched=False)


DONE = Known(identity_id=1, name=MINE, state=State.CONSUMED, attempt=1, board_uid=THIS)


@pytest.mark.parametrize(
    ("info", "plan"),
    [
        (board(Holding.IDENTITY, MINE), Plan.CHECK_DONE),
        (board(Holding.TORN), Plan.UNCLEAR),
        (board(Holding.BLANK), Plan.UNPROVED_LABEL),
        (board(Holding.IDENTITY, ANOTHER), Plan.UNPROVED_LABEL),
        (board(Holding.UNREADABLE), Plan.UNPROVED_LABEL),
        (board(Holding.UNREADABLE, by_label=False), Plan.CHECK_DONE),
    ],
    ids=[*WHAT[:4], "nobody can read what", "nobody can read what, by a uid of its own"],
)
def test_a_label_of_a_done_board_makes_no_board_done(info: BoardInfo, plan: Plan) -> None:
    """Nor is it known that the done one has lost what it had."""
    for overwrite_unknown in (False, True):
        assert plan_for(info, DONE, None, overwrite_unknown=overwrite_unknown) is plan
