# SPDX-License-Identifier: GPL-3.0-or-later
"""A board with which nothing is done: what is kept of what was seen on it, and why it is turned away. Before that is
held against it, it is asked once more who it is: between its uid and its reading another one may have come.
"""

from __future__ import annotations

from contextlib import suppress

from station import refusals
from station.codes import Code
from station.errors import LedgerFault, StationError
from station.flow.visit import Job, Visit, identify
from station.model import BoardInfo, State
from station.rules import Known, Plan
from station.targets.base import Session

_ACCUSES = frozenset({Plan.CLONE, Plan.FOUND_UNSENT, Plan.CHANGED})


def turned_away(
    job: Job, session: Session, visit: Visit, plan: Plan, board: BoardInfo, mine: Known | None, carried: Known | None
) -> StationError:
    """Why nothing is done with this board. An identity that was never sent and is on it is withheld from now on; one
    that is in doubt on another board is not written there any more before this board's fate is known."""
    now, other = _looked_at_again(job, session, visit, board) if plan in _ACCUSES else (board, None)
    shown_by = now.uid if now is not None and now.names == board.names else None
    with suppress(LedgerFault):  # taken by another slot just now, or not kept: the alarm stops the neighbours too
        if plan is Plan.FOUND_UNSENT and carried is not None and carried.state is not State.RETIRED:
            job.ledger.found_on_board(carried, shown_by or board.uid)
        if plan is Plan.CLONE and carried is not None and shown_by:
            job.ledger.carried_elsewhere(carried, shown_by, visit.slot)
    return other or _elsewhere(job, plan, mine) or refusals.of_plan(plan, board, mine, carried)


def exchanged(board: BoardInfo, now: BoardInfo) -> StationError | None:
    """Why nothing is done where what was read need not be on the board that said its uid."""
    same = (board.uid, board.names) == (now.uid, now.names)
    return None if same else refusals.exchanged(board.uid, now.uid)


def _elsewhere(job: Job, plan: Plan, mine: Known | None) -> StationError | None:
    """Another profile may look for it where it is not: only the one that it was given by tells whether it is gone."""
    if plan is not Plan.CHANGED or mine is None or mine.board_uid is None:
        return None
    by = job.ledger.visits.passed_by(mine.board_uid, mine.identity_id)
    return refusals.of_another_profile(mine, by, job.profile.name) if by not in ("", job.profile.name) else None


def _looked_at_again(
    job: Job, session: Session, visit: Visit, board: BoardInfo
) -> tuple[BoardInfo | None, StationError | None]:
    """Who is there now, before what was read is held against a board: some say who they are and what they hold one
    after the other. None where another one answers, too; and why it is held against none. Where nobody answers any
    more, what was seen was seen."""
    try:
        now = identify(job, session, visit)
    except StationError as error:
        return (None, error) if error.code is Code.E209 else (board, None)
    return now, exchanged(board, now)
