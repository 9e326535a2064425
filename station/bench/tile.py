# SPDX-License-Identifier: GPL-3.0-or-later
"""A visit as the event that paints its slot."""

from __future__ import annotations

import time

from station.errors import BoardFault
from station.events import Blame, Phase, SlotEvent, SlotState
from station.flow import Visit
from station.rules import Outcome

_SHARE = {  # percent of a visit at which a phase begins and ends
    Phase.IDENTIFY: (0, 10),
    Phase.RESERVE: (10, 15),
    Phase.WRITE: (15, 60),
    Phase.VERIFY: (60, 75),
    Phase.RESTART: (75, 85),
    Phase.VERIFY_AGAIN: (85, 97),
    Phase.CONSUME: (97, 100),
}

PAINTED = {
    Outcome.PASS: SlotState.PASS,
    Outcome.FAIL: SlotState.FAIL,
    Outcome.ALREADY_DONE: SlotState.ALREADY_DONE,
    Outcome.IN_DOUBT: SlotState.IN_DOUBT,
    Outcome.STATION_FAULT: SlotState.READY,  # the board is not to blame: it waits
    Outcome.ALARM: SlotState.LOCKED,
    Outcome.REMOVED: SlotState.EMPTY,
    Outcome.WRONG_LABEL: SlotState.READY,
}


def percent(visit: Visit) -> int:
    """Of the whole visit, 0 to 100."""
    begin, end = _SHARE[visit.phase]
    return round(begin + (end - begin) * min(1.0, max(0.0, visit.fraction)))


def paint(visit: Visit, state: SlotState, *, seconds: float = 0.0) -> SlotEvent:
    """All a tile shows. `seconds` since the visit began, on final states."""
    error, status = visit.error, visit.set
    busy = state is SlotState.BUSY
    blame = None
    if error is not None and visit.outcome is not Outcome.WRONG_LABEL:
        blame = Blame.BOARD if isinstance(error, BoardFault) else Blame.STATION
    return SlotEvent(
        slot=visit.slot,
        at=time.time(),
        state=state,
        phase=visit.phase if busy or error else None,
        percent=percent(visit) if busy else (100 if error is None else percent(visit)),
        uid=visit.board.uid if visit.board else "",
        product_key=visit.name.product_key if visit.name else "",
        device_name=visit.name.device_name if visit.name else "",
        attempt=visit.attempt,
        code=error.code if error else "",
        what=error.what if error else "",
        do=error.do if error else visit.instruction,
        blame=blame,
        channels=visit.channels,
        set_name=status.nvr.device_name if status and visit.channel is not None else "",
        channel=visit.channel,
        set_missing=len(status.missing) if status and visit.channel is not None else 0,
        seconds=round(seconds, 3),
    )
