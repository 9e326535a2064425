# SPDX-License-Identifier: GPL-3.0-or-later
"""What a slot's tile says, as the event that paints it: it follows from the slot, its lock and who is asked."""

from __future__ import annotations

import time
from dataclasses import replace
from weakref import WeakKeyDictionary

from station.bench.slot import Ended, Slot, wants_stock
from station.codes import Code
from station.errors import NeedsPerson, StationError
from station.events import STATE_AFTER, Asks, Phase, SlotEvent, SlotState
from station.flow.visit import Visit
from station.ledger.locks import Lock, what_ends
from station.rules import Outcome

HELD = Code.E611
ENDING = NeedsPerson("the station is ending", do="put no more boards in", code=Code.E642)
SETTLED = Code.E612
_ASK = {Asks.LABEL: "scan its label", Asks.SERIAL: "scan its serial number"}
_SHARE = {  # percent of a visit at which a phase begins and ends
    Phase.IDENTIFY: (0, 10),
    Phase.RESERVE: (10, 15),
    Phase.WRITE: (15, 60),
    Phase.VERIFY: (60, 75),
    Phase.RESTART: (75, 85),
    Phase.VERIFY_AGAIN: (85, 97),
    Phase.CONSUME: (97, 100),
}


def tile(slot: Slot, lock: Lock | None, *, held: bool, asks: Asks | None, lacks: StationError | None) -> SlotEvent:
    """What the tile says now, as `_tile`, and what of a label the next scan is to prove. `asks`: what the next scan is
    of this slot, if it is; `lacks`: what keeps the next board waiting, ENDING any board that has not begun."""
    shown = _tile(slot, lock, held=held, asked=asks is not None, lacks=lacks)
    if slot.owes is None or asks is not Asks.PRINTED:
        return shown
    error = slot.owes.error
    if error is None:
        return replace(shown, asks=asks)
    state = SlotState.LOCKED if shown.state is SlotState.LOCKED else SlotState.WAITING
    return replace(shown, asks=asks, state=state, code=error.code, what=error.what, do=error.do)


def _tile(slot: Slot, lock: Lock | None, *, held: bool, asked: bool, lacks: StationError | None) -> SlotEvent:
    """What the tile says now. A lock is said except where a board is in hand, or one is in that has ended its visit:
    what became of it is seen first. Where the next board would have to wait, for what it `lacks`, an empty slot invites
    none."""
    if slot.visit is not None:
        return paint(slot.visit, SlotState.BUSY)
    shows_its_end = slot.port is not None and slot.ended is not None and slot.ended.is_final and not slot.settled
    if lock is not None and not shows_its_end:
        locked = _plain(slot.name, SlotState.LOCKED, lock.code, lock.what, what_ends(lock.code, lock.what))
        return replace(locked, doubt=_doubt(slot))
    if lock is None and slot.is_set_aside and slot.ended is not None:
        return _of_set_aside(slot.ended)
    if slot.ended is not None:
        return _of_settled(slot.ended) if slot.settled else of_ended(slot.ended)
    if slot.port is None:
        return _of_trouble(slot.name, lacks, SlotState.EMPTY) if lacks else _plain(slot.name, SlotState.EMPTY)
    return _of_waiting(slot, held=held, asked=asked, lacks=lacks)


def _doubt(slot: Slot) -> str:
    """The board that left it in doubt, "" for none."""
    board = slot.ended.visit.board if slot.ended is not None and slot.ended_as(Outcome.IN_DOUBT) else None
    return board.uid if board is not None else ""


def _of_waiting(slot: Slot, *, held: bool, asked: bool, lacks: StationError | None) -> SlotEvent:
    if lacks is ENDING and slot.paused is None:
        return _of_trouble(slot.name, ENDING, SlotState.WAITING)
    if held:
        return _plain(slot.name, SlotState.WAITING, HELD, "held: a supervisor is at work", "wait")
    if slot.wants and not asked:
        return _plain(slot.name, SlotState.READY)
    asks = slot.wants[0] if slot.wants else None
    if slot.paused is not None:
        return replace(of_ended(slot.paused), asks=asks)
    if slot.trouble is not None:
        return _of_trouble(slot.name, slot.trouble, _waits_for(slot.trouble))
    return replace(_plain(slot.name, SlotState.READY, what=_ASK[asks] if asks else ""), asks=asks)


def _waits_for(trouble: StationError) -> SlotState:
    return SlotState.NO_STOCK if trouble.code.lacks_stock else SlotState.WAITING


def _of_trouble(slot: str, trouble: StationError, state: SlotState) -> SlotEvent:
    return _plain(slot, state, trouble.code, trouble.what, trouble.do)


_said: WeakKeyDictionary[Ended, SlotEvent] = WeakKeyDictionary()
"""All slots are looked at whenever one has changed. No longer than the visit itself, whose error may know a secret."""


def of_ended(ended: Ended) -> SlotEvent:
    """How a visit ended. Of a board that went before anything was done with it nothing is said."""
    if (said := _said.get(ended)) is None:
        said = _said[ended] = _of_ended(ended)
    return said


def _of_ended(ended: Ended) -> SlotEvent:
    outcome = ended.visit.outcome
    if outcome is Outcome.REMOVED:
        return _plain(ended.visit.slot, STATE_AFTER[outcome])
    state = SlotState.NO_STOCK if wants_stock(ended.visit) else STATE_AFTER[outcome]
    return replace(paint(ended.visit, state, seconds=ended.seconds), at=ended.at)


def _of_settled(ended: Ended) -> SlotEvent:
    over = replace(of_ended(ended), at=time.time(), state=SlotState.WAITING, phase=None, blame=None)
    return replace(over, code=SETTLED, what="it is no longer in doubt", do="take the board out")


def _of_set_aside(ended: Ended) -> SlotEvent:
    """After a supervisor has unlocked the station."""
    over = replace(of_ended(ended), at=time.time(), phase=None, blame=None)
    return replace(over, code=Code.E622, what="its alarm was lifted", do="take it out, set it aside")


def _plain(slot: str, state: SlotState, code: Code | None = None, what: str = "", do: str = "") -> SlotEvent:
    """Without a board's particulars."""
    return SlotEvent(slot=slot, at=time.time(), state=state, code=code, what=what, do=do)


def percent(visit: Visit) -> int:
    """Of the whole visit, 0 to 100."""
    begin, end = _SHARE[visit.phase]
    return round(begin + (end - begin) * min(1.0, max(0.0, visit.fraction)))


def paint(visit: Visit, state: SlotState, *, seconds: float = 0.0) -> SlotEvent:
    """All a tile shows. `seconds` since the visit began, on final states."""
    error, name = visit.error, visit.name
    busy = state is SlotState.BUSY
    set_name, set_missing = _its_set(visit)
    return SlotEvent(
        slot=visit.slot,
        at=time.time(),
        visit=visit.id,
        state=state,
        phase=visit.phase if busy or error else None,
        percent=percent(visit) if busy or error else 100,
        uid=visit.board.uid if visit.board else "",
        product_key=name.product_key if name else "",
        device_name=name.device_name if name else "",
        attempt=visit.attempt,
        serial=visit.serial,
        code=error.code if error else None,
        what=error.what if error else "",
        do=error.do if error else visit.instruction,
        blame=error.code.blame if error else None,
        channels=visit.channels,
        set_name=set_name,
        channel=visit.channel,
        set_missing=set_missing,
        seconds=round(seconds, 3),
    )


def _its_set(visit: Visit) -> tuple[str, int]:
    """Whose member the board became, and how many boards that set still wants."""
    if visit.set is None or visit.channel is None:
        return "", 0
    return visit.set.nvr.device_name, len(visit.set.missing)
