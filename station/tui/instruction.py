# SPDX-License-Identifier: GPL-3.0-or-later
"""The one instruction of a slot: what the person in front of it does next. Never more than one."""

from __future__ import annotations

from collections.abc import Mapping

from station.events import Blame, SlotEvent, SlotState
from station.tui.words.language import Words

UID_TAIL = 4
"""How many last characters of a board uid a person compares."""


def instruction(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """The instruction, longest wording first; the tile takes the first that fits."""
    text = words.bench
    known = words.code(event.code) if event.code else None
    do = known.do if known else ""
    tail = event.uid[-UID_TAIL:].upper()
    code = event.code or "E602"
    wordings: Mapping[SlotState, tuple[str, ...]] = {
        SlotState.EMPTY: (text.insert,),
        SlotState.READY: (_coded(do, event.code), do)
        if do
        else (text.scan_label,)
        if event.what
        else (text.hands_off,),
        SlotState.BUSY: (text.power_cycle,) if event.do else (text.hands_off,),
        SlotState.PASS: (text.remove,),
        SlotState.FAIL: _failed(event, words, do),
        SlotState.ALREADY_DONE: (text.remove_done, text.remove),
        SlotState.IN_DOUBT: (text.put_back.format(uid=tail), text.put_back_short.format(uid=tail)),
        SlotState.LOCKED: (text.call.format(code=code), text.call_short.format(code=code)),
    }
    return wordings[event.state]


def _failed(event: SlotEvent, words: Words, do: str) -> tuple[str, ...]:
    """A board's fault ends in the red bin unless its code says better; a station's fault never does."""
    bin_it = words.bench.red_bin.format(code=event.code)
    if event.blame is Blame.STATION:
        return _coded(do, event.code), words.bench.not_the_board.format(code=event.code), event.code
    family = words.code("E200")
    if do and family and do != family.do:
        return _coded(do, event.code), do, bin_it
    return (bin_it,)


def _coded(do: str, code: str) -> str:
    return f"{do} – {code}" if do else code
