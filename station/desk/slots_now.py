# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of slots by one who looks at the ledger alone, beside the bench: what each has in hand, its lock, and
what came of the last board in it. Whether that board is still in only the bench knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from station.desk.desk import SlotNow
from station.events import STATE_AFTER, SlotState
from station.ledger.locks import STATION
from station.ledger.values import VisitRow
from station.ledger.view import View
from station.rules import Outcome

_CAME_OF_IT = STATE_AFTER | {Outcome.ALARM: SlotState.EMPTY}  # its lock was lifted since
_NOTHING = (SlotState.READY, SlotState.EMPTY)


def slots_now(ledger: View, names: Sequence[str], last: Mapping[str, VisitRow]) -> tuple[SlotNow, ...]:
    """`names`: of the configuration; without any, those that boards were in. `last`: the last stay in each."""
    locks = ledger.locks.held()
    in_hand = {row.slot: row.board_uid or "" for row in ledger.certificates.in_hand()}
    in_doubt = {str(row.board_uid) for row in ledger.certificates.unsettled()}

    def now(slot: str) -> SlotNow:
        if slot in in_hand:
            return SlotNow(slot=slot, state=SlotState.BUSY, uid=in_hand[slot])
        lock = locks.get(STATION) or locks.get(slot)
        if lock is not None:
            return SlotNow(slot=slot, state=SlotState.LOCKED, code=lock.code)
        return _came_of(slot, last.get(slot), in_doubt)

    return tuple(map(now, names or sorted(last)))


def _came_of(slot: str, stay: VisitRow | None, in_doubt: set[str]) -> SlotNow:
    """Of a board that was in doubt and is so no longer, of an alarm that was lifted, and of a board that was taken out
    again, nothing."""
    if stay is None:
        return SlotNow(slot=slot)
    state = _CAME_OF_IT[Outcome(stay.outcome)]
    if state in _NOTHING or (state is SlotState.IN_DOUBT and stay.board_uid not in in_doubt):
        return SlotNow(slot=slot)
    if stay.code is not None and stay.code.lacks_stock:
        state = SlotState.NO_STOCK
    return SlotNow(slot=slot, state=state, code=stay.code, uid=stay.board_uid or "", at=stay.at)
