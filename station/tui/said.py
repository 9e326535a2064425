# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tile says, wherever that goes on it: the state's word, its code or how far it is, details."""

from __future__ import annotations

from station.events import SlotEvent, SlotState
from station.tui.letters import fit
from station.tui.space import Space
from station.words.instruction import uid_tail
from station.words.language import Words

_LEAST_ROWS = 4  # of block letters in every language


def aside(event: SlotEvent) -> str:
    """At the right end of the top row: how far it is, or why."""
    if event.state is SlotState.BUSY:
        return f"{event.percent} %"
    return event.code or ""


def tail(event: SlotEvent) -> str:
    """What its board is called by."""
    return uid_tail(event.doubt or event.uid)


def beneath(event: SlotEvent, shown: str, words: Words) -> str:
    """What the word `shown` does not say, in a row of text below it."""
    doubt = words.states[SlotState.IN_DOUBT][0]
    if event.doubt:
        return doubt if tail(event) in shown else f"{doubt} …{tail(event)}"
    return words.states[event.state][0] if shown == tail(event) else ""


def word(event: SlotEvent, words: Words, width: int, height: int) -> tuple[tuple[str, ...], str]:
    """The state's word in block letters, the longest form that fits, or as plain text; and which word that is. A board
    in doubt is called by the end of its uid, as long as it is looked for; also on the slot that is locked meanwhile.
    """
    forms = words.states[event.state]
    if event.state is SlotState.IN_DOUBT and event.uid:
        spoken = (form for form in forms if form.strip("?"))
        forms = (*(f"{form} {tail(event)}" for form in (*spoken, "?")), tail(event), *forms)
    if event.doubt:
        forms = (*(f"{form} {mark}{tail(event)}" for form in forms for mark in ("?", "")), *forms)
    # An empty slot asks for nothing: the others stand out, where letters can be smaller.
    high = min(height, max(_LEAST_ROWS, height * 3 // 4)) if event.state is SlotState.EMPTY else height
    for form in forms:
        if letters := fit(form, width, high):
            return letters, form
    return (f" {forms[-1]} ",), forms[-1]


def details(event: SlotEvent, words: Words, space: Space) -> tuple[str, ...]:
    """Which board, which identity, which phase or fault: longest first. The code gives way where it is above, too."""
    if event.state is SlotState.BUSY and event.phase:
        what = words.phases[event.phase] + (f" {aside(event)}" if space.large else "")
        plainly = ""
    else:
        plainly = words.codes[event.code].what if event.code else ""
        what = f"{event.code} {plainly}" if event.code else ""
    doubt = f"{words.states[SlotState.IN_DOUBT][0]} " if event.doubt else ""
    board = f"{doubt}…{tail(event)}" if event.uid or event.doubt else ""
    parts = [part for part in (what, event.device_name, _place_in_set(event, words), board) if part]
    forms = tuple("  ".join(parts[:count]) for count in range(len(parts), 0, -1)) or ("",)
    return (*forms, plainly) if plainly and space.headed else forms


def _place_in_set(event: SlotEvent, words: Words) -> str:
    if event.set_name:
        whole = words.bench.whole_nvr if event.channel == 0 else words.bench.channel
        member = whole.format(number=event.channel, name=event.set_name)
        return f"{member}, {words.bench.set_missing.format(missing=event.set_missing)}"
    return words.bench.channels.format(count=event.channels) if event.channels else ""
