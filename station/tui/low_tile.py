# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on a tile that is wide and low: two lines of block letters. Slot, word and code are side by side, below
them is what to do; so that each is as high as the tile allows, none has a row of text where letters fit.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.style import Style

from station.events import SlotEvent, SlotState
from station.tui import said
from station.tui.canvas import Canvas, styled
from station.tui.cut import filled, first_fitting, shortened
from station.tui.letters import drawable, fit
from station.tui.palette import LOOKS
from station.tui.space import Space
from station.words.instruction import doubt_tail, in_a_word, instruction
from station.words.language import Words


def put_low(canvas: Canvas, event: SlotEvent, words: Words, space: Space) -> None:
    look = LOOKS[event.state]
    strong = styled(look.ink, look.paper, bold=event.state is not SlotState.EMPTY)
    left, room, rows = space.word(event.slot)
    _put(canvas, space.left, space.top, _letters(event.slot, space.name, rows), strong)
    aside = _letters(said.aside(event), (room - 1) // 2, rows)
    taken = cell_len(aside[0]) + 2 if aside else 0
    _put(canvas, space.right - taken, space.top, aside, strong)
    _word(canvas, event, words, (left, space.top, room - taken, rows), strong)
    if space.detailed:
        about = first_fitting(said.details(event, words, space), space.right - space.left - 1)
        line = filled(f" {about}", space.right - space.left)
        canvas.put(space.left, space.top + rows, line, styled(look.ink, look.paper))
    _asked(canvas, event, words, space)


def _letters(text: str, width: int, height: int) -> tuple[str, ...]:
    """As block letters, as they are where these have no room; () for nothing."""
    return fit(drawable(text.replace(" ", "")), width, height) or ((shortened(text, width),) if text else ())


def _put(canvas: Canvas, x: int, y: int, block: tuple[str, ...], style: Style) -> None:
    for row, line in enumerate(block):
        canvas.put(x, y + row, f" {line} ", style)


def _word(canvas: Canvas, event: SlotEvent, words: Words, place: tuple[int, int, int, int], style: Style) -> None:
    """In the middle of its place: left, top, columns, rows. Where it is not the state's own in full, that stands below
    it, if there is a row left."""
    left, top, wide, rows = place
    block, shown = said.word(event, words, wide, rows)
    x = left + (wide - cell_len(block[0])) // 2
    for row, line in enumerate(block):
        canvas.put(x, top + row, line, style)
    full = words.states[event.state][0]
    beneath = said.beneath(event, shown, words) or (full if full not in shown else "")
    if len(block) < rows:
        canvas.put(x, top + len(block), beneath, style)


def _asked(canvas: Canvas, event: SlotEvent, words: Words, space: Space) -> None:
    """What to do, on a bar where it asks for a hand. What an empty slot asks for is said in a row of text."""
    look, room = LOOKS[event.state], space.right - space.left
    asking = event.state is not SlotState.EMPTY
    tail = fit(doubt_tail(event), room // 2, space.asked)
    taken = len(tail[0]) + 1 if tail else 0
    blocks = (fit(drawable(text), room - 2 - taken, space.asked) for text in in_a_word(event, words))
    block = next(filter(None, blocks), ()) if asking or event.code else ()
    lines = block or (first_fitting(instruction(event, words), room - 1),)
    style = styled(look.ink, look.paper, bold=asking, reverse=asking)
    lines = ("",) * (space.asked - len(lines)) + lines
    for row, line in enumerate(lines):
        canvas.put(space.left, space.last + 1 - space.asked + row, filled(f" {line}", room), style)
    if block:
        _put(canvas, space.right - taken - 1, space.last + 1 - len(tail), tail, style)
