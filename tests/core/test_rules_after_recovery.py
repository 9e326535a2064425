# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules where a ledger had been set back: what a witness tells of a board, and what may go back to the queue."""

from __future__ import annotations

import pytest

from station.model import BoardInfo, BoardUid, CertName, Holding, State
from station.rules import Known, Plan, WayBack, plan_for, way_back

THIS, OTHER = BoardUid("aa01"), BoardUid("bb02")
NAME, ANOTHER = CertName("pk", "mine"), CertName("pk", "another")


def known(state: State, uid: BoardUid | None, name: CertName = NAME, number: int = 1) -> Known:
    return Known(identity_id=number, name=name, state=state, attempt=1, board_uid=uid)


def board(holding: Holding = Holding.BLANK, *names: CertName, locked: bool = False) -> BoardInfo:
    return BoardInfo(uid=THIS, chip="c", holding=holding, names=names, locked=locked)


CARRIES = board(Holding.IDENTITY, NAME)
WITHHELD = known(State.WITHHELD, None)


@pytest.mark.parametrize(
    ("mine", "carried", "plan"),
    [
        (None, WITHHELD, Plan.LEARN),
        (known(State.IN_DOUBT, THIS, ANOTHER, 2), WITHHELD, Plan.FOUND_UNSENT),  # it has one of its own
        (None, known(State.CONSUMED, OTHER), Plan.CLONE),
    ],
    ids=["of no board", "this board has another", "of another board"],
)
def test_a_board_is_learned_only_where_neither_has_another_one(mine: Known | None, carried: Known, plan: Plan) -> None:
    assert plan_for(CARRIES, mine, carried, overwrite_unknown=False, may_learn=True) is plan


@pytest.mark.parametrize(
    ("info", "mine", "plan"),
    [
        (board(), None, Plan.FORETOLD),
        (board(locked=True), None, Plan.FORETOLD),
        (board(Holding.TORN), None, Plan.FORETOLD),
        (board(), known(State.IN_DOUBT, THIS), Plan.FORETOLD),
        (CARRIES, known(State.IN_DOUBT, THIS), Plan.RESOLVE),  # what it holds is here, whatever else was told
        (board(), known(State.WRITING, THIS), Plan.BUSY_ELSEWHERE),
    ],
    ids=["blank", "locked", "torn", "in doubt and blank", "in doubt and there", "in hand"],
)
def test_nothing_else_is_written_to_a_board_whose_identity_is_not_here(
    info: BoardInfo, mine: Known | None, plan: Plan
) -> None:
    assert plan_for(info, mine, None, overwrite_unknown=False, foretold=True) is plan


@pytest.mark.parametrize(
    ("carried", "may_learn", "plan"),
    [
        (WITHHELD, True, Plan.FORETOLD),
        (WITHHELD, False, Plan.FORETOLD),
        (known(State.CONSUMED, OTHER), False, Plan.CLONE),
    ],
    ids=["to be learned", "never sent", "of another board"],
)
def test_no_reading_proves_what_was_written_with_other_contents(carried: Known, plan: Plan, *, may_learn: bool) -> None:
    plans = plan_for(CARRIES, None, carried, overwrite_unknown=False, may_learn=may_learn, otherwise=True)
    assert plans is plan


@pytest.mark.parametrize(
    ("facts", "way"),
    [
        (set(), WayBack.OPEN),
        ({"in_use", "asked"}, WayBack.OPEN),  # a file's: no cloud was asked of it
        ({"from_cloud"}, WayBack.ASK_FIRST),
        ({"from_cloud", "asked"}, WayBack.OPEN),
        ({"from_cloud", "asked", "in_use"}, WayBack.IN_USE),
        ({"disputed", "from_cloud"}, WayBack.DISPUTED),
        ({"on_a_board", "disputed"}, WayBack.ON_A_BOARD),
    ],
    ids=lambda given: "+".join(sorted(given)) if isinstance(given, set) else None,
)
def test_what_was_withheld_goes_back_only_when_nothing_speaks_against_it(facts: set[str], way: WayBack) -> None:
    said = {name: name in facts for name in ("on_a_board", "disputed", "from_cloud", "asked", "in_use")}
    assert way_back(State.WITHHELD, **said) is way
    assert way_back(State.CONSUMED, **said) is WayBack.NOT_WITHHELD
