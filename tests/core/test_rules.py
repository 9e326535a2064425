# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules as sentences: what to do with a board put in, who locks when, what yield means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.codes import Blame, Code
from station.model import BoardInfo, BoardUid, CertName, Holding, State
from station.rules import (
    COUNTED_AS,
    MARRIED,
    TRANSITIONS,
    BoardCount,
    Counted,
    Known,
    LockOut,
    Outcome,
    Plan,
    counts_to_lock,
    plan_for,
    recovered,
    slot_locks,
    station_locks,
)

MINE, OTHER = BoardUid("aa01"), BoardUid("bb02")
NAME, ANOTHER = CertName("pk", "mine"), CertName("pk", "another")


def known(state: State, *, name: CertName = NAME, uid: BoardUid | None = MINE, number: int = 1) -> Known:
    return Known(identity_id=number, name=name, state=state, attempt=1, board_uid=uid)


def board(holding: Holding = Holding.BLANK, *names: CertName, locked: bool = False) -> BoardInfo:
    return BoardInfo(uid=MINE, chip="c", holding=holding, names=names, locked=locked)


CASES = [
    ("a new blank board", board(), None, None, Plan.TAKE_NEW),
    ("a board that cannot be read before", board(Holding.UNREADABLE), None, None, Plan.TAKE_NEW),
    ("blank but locked", board(locked=True), None, None, Plan.REFUSE_LOCKED),
    ("torn by someone else", board(Holding.TORN), None, None, Plan.REFUSE_UNKNOWN),
    ("an identity nobody knows", board(Holding.IDENTITY, ANOTHER), None, None, Plan.REFUSE_UNKNOWN),
    ("done before", board(Holding.IDENTITY, NAME), known(State.CONSUMED), known(State.CONSUMED), Plan.CHECK_DONE),
    ("done before, unreadable", board(Holding.UNREADABLE), known(State.CONSUMED), None, Plan.CHECK_DONE),
    ("done before, now blank", board(), known(State.CONSUMED), None, Plan.CHANGED),
    ("done before, now torn", board(Holding.TORN), known(State.CONSUMED), None, Plan.UNCLEAR),
    ("done before, half of another", board(Holding.TORN, ANOTHER), known(State.CONSUMED), None, Plan.CHANGED),
    ("in doubt, blank", board(), known(State.IN_DOUBT), None, Plan.RESOLVE),
    ("in doubt, torn", board(Holding.TORN), known(State.IN_DOUBT), None, Plan.RESOLVE),
    ("in doubt, there", board(Holding.IDENTITY, NAME), known(State.IN_DOUBT), known(State.IN_DOUBT), Plan.RESOLVE),
    ("in doubt, a stranger on it", board(Holding.IDENTITY, ANOTHER), known(State.IN_DOUBT), None, Plan.REFUSE_UNKNOWN),
    ("being written elsewhere", board(), known(State.WRITING), None, Plan.BUSY_ELSEWHERE),
    ("reserved elsewhere", board(), known(State.RESERVED), None, Plan.BUSY_ELSEWHERE),
    (
        "a clone of a consumed board",
        board(Holding.IDENTITY, NAME),
        None,
        known(State.CONSUMED, uid=OTHER),
        Plan.CLONE,
    ),
    ("a clone of one in doubt", board(Holding.IDENTITY, NAME), None, known(State.IN_DOUBT, uid=OTHER), Plan.CLONE),
    (
        "its own identity replaced by a clone of another",
        board(Holding.IDENTITY, ANOTHER),
        known(State.CONSUMED),
        known(State.CONSUMED, name=ANOTHER, uid=OTHER, number=2),
        Plan.CLONE,
    ),
    ("never sent, yet there", board(Holding.IDENTITY, NAME), None, known(State.READY, uid=None), Plan.FOUND_UNSENT),
    ("withheld, yet there", board(Holding.IDENTITY, NAME), None, known(State.WITHHELD, uid=None), Plan.FOUND_UNSENT),
    ("expired, yet there", board(Holding.IDENTITY, NAME), None, known(State.RETIRED, uid=None), Plan.FOUND_UNSENT),
    ("reworked", board(Holding.IDENTITY, NAME), None, known(State.RETIRED), Plan.TAKE_NEW),
    (
        "reworked, its new one in doubt, the old one still on it",
        board(Holding.IDENTITY, ANOTHER),
        known(State.IN_DOUBT),
        known(State.RETIRED, name=ANOTHER, number=2),
        Plan.RESOLVE,
    ),
    (
        "reworked and done, the old one on it again",
        board(Holding.IDENTITY, ANOTHER),
        known(State.CONSUMED),
        known(State.RETIRED, name=ANOTHER, number=2),
        Plan.CHANGED,
    ),
    ("reworked but locked", board(Holding.IDENTITY, NAME, locked=True), None, known(State.RETIRED), Plan.REFUSE_LOCKED),
    ("reworked elsewhere", board(Holding.IDENTITY, NAME), None, known(State.RETIRED, uid=OTHER), Plan.CLONE),
]


@pytest.mark.parametrize(("what", "info", "mine", "carried", "plan"), CASES, ids=[c[0] for c in CASES])
def test_what_to_do_with_a_board(
    what: str, info: BoardInfo, mine: Known | None, carried: Known | None, plan: Plan
) -> None:
    assert plan_for(info, mine, carried, overwrite_unknown=False) is plan


@pytest.mark.parametrize(
    ("info", "mine", "plan"),
    [
        (board(Holding.IDENTITY, ANOTHER), None, Plan.TAKE_NEW),
        (board(Holding.TORN), None, Plan.TAKE_NEW),
        (board(Holding.IDENTITY, ANOTHER, locked=True), None, Plan.REFUSE_LOCKED),
        (board(Holding.IDENTITY, ANOTHER), known(State.IN_DOUBT), Plan.RESOLVE),
        (board(Holding.IDENTITY, ANOTHER), known(State.CONSUMED), Plan.CHANGED),
    ],
)
def test_a_profile_may_allow_writing_over_what_nobody_knows(info: BoardInfo, mine: Known | None, plan: Plan) -> None:
    assert plan_for(info, mine, None, overwrite_unknown=True) is plan


@given(
    holding=st.sampled_from(Holding),
    mine=st.sampled_from([None, *State]),
    carried=st.sampled_from([None, *State]),
    same=st.booleans(),
    mine_uid=st.just(MINE),
    other=st.booleans(),
    overwrite=st.booleans(),
)
def test_a_new_identity_is_taken_only_by_a_board_without_one(
    holding: Holding,
    mine: State | None,
    carried: State | None,
    *,
    same: bool,
    mine_uid: BoardUid,
    other: bool,
    overwrite: bool,
) -> None:
    """Whatever comes together: TAKE_NEW never for a board that has one of ours, or carries one of another board."""
    mine_known = known(mine, uid=mine_uid) if mine and mine is not State.RETIRED else None
    carried_uid = OTHER if other else MINE
    carried_known = known(carried, name=ANOTHER, uid=carried_uid, number=2) if carried else None
    if same and mine_known:
        carried_known = mine_known
    names = (carried_known.name,) if carried_known else ()
    plan = plan_for(board(holding, *names), mine_known, carried_known, overwrite_unknown=overwrite)
    if plan is Plan.TAKE_NEW:
        assert mine_known is None
        assert carried_known is None or (carried_known.board_uid == MINE)


@pytest.mark.parametrize("holding", Holding)
@pytest.mark.parametrize("carried", [None, *State])
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_witness_says_of_a_done_board_changes_nothing(
    holding: Holding, carried: State | None, *, overwrite: bool
) -> None:
    """So that the flow need not ask, which goes through all names."""
    done = known(State.CONSUMED)
    names = () if carried is None else (ANOTHER,)
    found = None if carried is None else known(carried, name=ANOTHER, number=2)
    for locked in (False, True):
        info = board(holding, *names, locked=locked)
        plans = {plan_for(info, done, found, overwrite_unknown=overwrite, foretold=told) for told in (False, True)}
        assert len(plans) == 1


def test_the_machine_has_no_way_back_and_two_ends() -> None:
    assert not {(a, b) for a, b in TRANSITIONS if a in MARRIED and b in (State.READY, State.RESERVED)}
    assert not {a for a, _ in TRANSITIONS if a is State.RETIRED}
    assert {b for a, b in TRANSITIONS if a is State.CONSUMED} == {State.RETIRED}


def test_a_crash_frees_what_was_only_reserved_and_doubts_what_was_writing() -> None:
    assert recovered(State.RESERVED) is State.READY
    assert recovered(State.WRITING) is State.IN_DOUBT
    assert recovered(State.CONSUMED) is State.CONSUMED


P, F, D, S, A = Outcome.PASS, Outcome.FAIL, Outcome.IN_DOUBT, Outcome.STATION_FAULT, Outcome.ALREADY_DONE


@pytest.mark.parametrize(
    ("outcomes", "locks"),
    [
        ([F, F], False),
        ([F, F, F], True),
        ([F, P, F, F], False),
        ([F, S, F, A, D], True),
        ([S, S, S, S], False),
        ([], False),
    ],
)
def test_three_failures_in_a_row_lock_a_slot_and_station_faults_do_not_count(
    outcomes: list[Outcome], *, locks: bool
) -> None:
    assert slot_locks(outcomes) is locks


@pytest.mark.parametrize(
    ("outcomes", "locks"),
    [
        ([F, P] * 4, False),
        ([F, P] * 5, True),
        ([F] * 5 + [P] * 6, False),  # the first one is the eleventh from the end
        ([F] * 5 + [P] * 5, True),
        ([Outcome.ALARM], True),
        ([S] * 9, False),
    ],
)
def test_five_of_the_last_ten_lock_the_station_and_an_alarm_at_once(outcomes: list[Outcome], *, locks: bool) -> None:
    assert station_locks(outcomes) is locks


def test_how_many_failures_lock_may_be_chosen() -> None:
    two, most = LockOut(in_a_row=2, of_last_ten=2), LockOut(in_a_row=10, of_last_ten=10)
    assert [slot_locks([P, F, F], limits) for limits in (two, LockOut(), most)] == [True, False, False]
    assert (slot_locks([F] * 9, most), slot_locks([F] * 10, most)) == (False, True)
    assert [station_locks([F, P] * 4, limits) for limits in (two, LockOut(), most)] == [True, False, False]
    assert (station_locks([F] * 9 + [P], most), station_locks([F] * 10, most)) == (False, True)
    assert station_locks([Outcome.ALARM], most)


@pytest.mark.parametrize("code", Code)
def test_what_the_station_or_a_cloud_is_to_blame_for_locks_nothing(code: Code) -> None:
    assert counts_to_lock(D, code) == (code.blame not in (Blame.STATION, Blame.CLOUD))
    assert not counts_to_lock(S, code)


def test_every_outcome_that_is_a_stay_is_counted_once() -> None:
    assert set(Outcome) - set(COUNTED_AS) == {Outcome.REMOVED}
    assert sorted(COUNTED_AS.values()) == sorted(Counted)


def counted(*visits: tuple[str, Outcome], code: Code | None = None) -> BoardCount:
    count = BoardCount()
    for uid, outcome in visits:
        count.take(BoardUid(uid) if uid else None, outcome, code)
    return count


def test_yield_is_of_unique_boards_at_their_first_judged_visit() -> None:
    assert counted().first_pass is None
    assert counted(("a", S)).first_pass is None
    visits = ("a", S), ("a", P), ("b", F), ("b", P), ("c", D), ("c", P), ("a", A)
    assert counted(*visits).first_pass == pytest.approx(1 / 3)
    assert counted(("", F), ("a", P)).first_pass == 0.5


def test_a_board_counts_once_as_its_last_judged_visit_says() -> None:
    count = counted(("a", F), ("a", F), ("a", P), ("b", P), ("b", A), ("c", F), ("c", S), ("d", F), ("d", D))
    assert (count.passed, count.failed) == (2, 1)
    assert counted(("", F), ("", F)).failed == 2


@pytest.mark.parametrize("code", [code for code in Code if code.blame is not Blame.BOARD])
def test_what_a_hand_a_label_a_cable_or_the_station_did_is_in_no_yield(code: Code) -> None:
    count = counted(("a", D), ("b", F), code=code)
    assert (count.failed, count.first_pass) == (0, None)
    count.take(BoardUid("aa01"), P, None)
    assert (count.passed, count.first_pass) == (1, 1.0)


def test_a_slot_whose_boards_lose_their_cable_in_mid_write_locks_all_the_same() -> None:
    """It blames no board, and three in a row are the fixture."""
    assert slot_locks([D, D, D])
