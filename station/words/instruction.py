# SPDX-License-Identifier: GPL-3.0-or-later
"""The one instruction of a slot: what the person in front of it does next. Never more than one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from station.codes import Blame, Code, Then
from station.events import Asks, SlotEvent, SlotState
from station.words.language import Words

_UID_TAIL = 4
"""How many last characters of a board uid a person compares."""
_SAYS_WHAT_ENDS_IT = (Code.E622, Code.E641, Code.E212)
"""As a lock: the person in front of the slot ends it, no supervisor."""
_JOINS = " ,;–…，；、"
_NO_JOINS = str.maketrans(dict.fromkeys(_JOINS, " "))


def instruction(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """The instruction, longest wording first; the tile takes the first that fits. None says something else."""
    text = words.bench
    wordings: Mapping[SlotState, tuple[str, ...]] = {
        SlotState.EMPTY: _as_the_code_says(event.code, words) if event.code else (text.insert,),
        SlotState.READY: _waiting(event, words),
        SlotState.WAITING: _waiting(event, words),
        SlotState.NO_STOCK: _waiting(event, words),
        SlotState.BUSY: (text.power_cycle, text.power_cycle_short) if event.do else (text.hands_off,),
        SlotState.PASS: _done(event, words),
        SlotState.FAIL: _failed(event, words),
        SlotState.ALREADY_DONE: (text.remove_done, text.remove),
        SlotState.IN_DOUBT: _in_doubt(event, words),
        SlotState.LOCKED: _locked(event, words),
    }
    return wordings[event.state]


def in_a_word(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """The same in few words, longest first, for block letters: code and uid stand apart, marks are not drawn."""
    code, tail = event.code or "", uid_tail(event.uid)
    beside = doubt_tail(event)
    whole = [
        text.replace(beside, "").replace(code, "").replace(tail, "").strip(_JOINS) for text in instruction(event, words)
    ]
    texts = (text.translate(_NO_JOINS) for do in whole for text in ever_shorter(do, words))
    return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text))


def ever_shorter(do: str, words: Words) -> Iterator[str]:
    """It, and its shorter wordings."""
    while do:
        yield do
        do = words.short.get(do, "")


def _done(event: SlotEvent, words: Words) -> tuple[str, ...]:
    if event.asks is Asks.PRINTED:
        return words.bench.scan_printed, words.bench.scan_printed_short
    return (words.bench.remove,)


def _locked(event: SlotEvent, words: Words) -> tuple[str, ...]:
    code = event.code or Code.E602
    if code in _SAYS_WHAT_ENDS_IT:
        return _as_the_code_says(code, words)
    whom = words.bench.call.format(code=code), words.bench.call_short.format(code=code)
    tail, doubt = doubt_tail(event), words.states[SlotState.IN_DOUBT][0]
    return (*(f"{call} {tail}" for call in whom), f"{code} {doubt}{tail}", f"{code} {tail}") if tail else whom


def uid_tail(uid: str) -> str:
    """What a board is called by at the bench, as the end of its label has it."""
    return uid[-_UID_TAIL:].upper()


def doubt_tail(event: SlotEvent) -> str:
    """The board in doubt of a slot that is locked meanwhile: it is looked for all the same."""
    return f"?{uid_tail(event.doubt)}" if event.doubt else ""


def _in_doubt(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """It is put back, unless another board was in the slot: then a supervisor comes first."""
    if event.code is not None and Then.KEEPS_BOTH in event.code.then:
        return _as_the_code_says(event.code, words)
    text, tail = words.bench, uid_tail(event.uid)
    return text.put_back.format(uid=tail), text.put_back_short.format(uid=tail)


def _waiting(event: SlotEvent, words: Words) -> tuple[str, ...]:
    if event.code is not None:
        return _as_the_code_says(event.code, words)
    if event.asks is Asks.SERIAL:
        return words.bench.scan_serial, words.bench.scan_serial_short
    return (words.bench.scan_label if event.asks else words.bench.wait,)


def _failed(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """A board's fault ends in the red bin unless its code says better; a station's fault never does. Always with its
    code: whoever sees to it asks for that first. That it is not the board's comes after what is to be done."""
    code, family = event.code or Code.E200, words.codes[Code.E200].do
    do = words.codes[code].do
    said = f"{do} – {code}", f"{do} {code}", f"{words.short.get(do, do)} {code}"
    if event.blame is not Blame.BOARD:
        return *said, words.bench.not_the_board.format(code=code), code
    if do == family:
        return words.bench.red_bin.format(code=code), f"{words.short.get(family, family)} {code}"
    return *said, code


def _as_the_code_says(code: Code, words: Words) -> tuple[str, ...]:
    do = words.codes[code].do
    return f"{do} – {code}", do, f"{words.short.get(do, do)} {code}", code
