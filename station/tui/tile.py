# SPDX-License-Identifier: GPL-3.0-or-later
"""A slot's tile, painted cell by cell: border, texture, lamp, block word, details, one instruction.

Pure: an event, a size and a language in, rows of styled text out. External text is cut to cells and never parsed. The
larger the tile, the larger what is on it: slot, code and instruction are in block letters too where there is room.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style

from station.events import SlotEvent, SlotState
from station.tui import said
from station.tui.canvas import Canvas, Row, styled
from station.tui.cut import filled, first_fitting, shortened
from station.tui.letters import drawable, fit
from station.tui.low_tile import put_low
from station.tui.palette import FILLED_GRAIN, LAMPS, LOOKS, NIGHT, WHITE, Paint
from station.tui.space import Space
from station.words.instruction import in_a_word, instruction
from station.words.language import Words

_SHORTEST_NAME = 3


def paint(event: SlotEvent, words: Words, width: int, height: int) -> list[Row]:
    """The tile of `event.slot`, `width` x `height` cells."""
    look, space = LOOKS[event.state], Space(width, height)
    canvas = _bare(event.state, space).copy()
    if space.low:
        put_low(canvas, event, words, space)
    elif space.height == 1:
        _in_one_row(canvas, event, words, space)
    else:
        _texts(canvas, event, words, space)
        _word(canvas, event, words, space)
    if event.state is SlotState.BUSY:
        _fill(canvas, look, event.percent)
    return canvas.rows()


@lru_cache(64)
def _bare(state: SlotState, space: Space) -> Canvas:
    """What all tiles of a state and size have. Not to be painted on."""
    look = LOOKS[state]
    canvas = Canvas(space.width, space.height, styled(None, look.paper))
    _texture(canvas, look)
    _frame(canvas, look, space)
    _lamp(canvas, look, space)
    return canvas


def _texture(canvas: Canvas, look: Paint) -> None:
    grain = styled(look.grain, look.paper)
    for y in range(canvas.height):
        # A letter as texture stands alone, a stroke joins its neighbours.
        row = ("   ?"[y % 2 * 2 :] + "   ?" * canvas.width) if look.texture == "?" else look.texture * canvas.width
        canvas.put(0, y, row, grain)


def _frame(canvas: Canvas, look: Paint, space: Space) -> None:
    edge = styled(look.edge, look.paper, bold=True)
    right, bottom = canvas.width - 1, canvas.height - 1
    for y in range(canvas.height):
        canvas.put(0, y, look.border.down, edge)
        canvas.put(right, y, look.border.down, edge)
    if space.framed:
        corners, across = look.border.corners, look.border.across * (right - 1)
        canvas.put(0, 0, corners[0] + across + corners[1], edge)
        canvas.put(0, bottom, corners[3] + across + corners[2], edge)


def _lamp(canvas: Canvas, look: Paint, space: Space) -> None:
    """A column of four lamps; which one burns is told by its place."""
    high = space.last - space.top + (not space.edged)
    off = styled(look.edge, NIGHT)
    on = styled(NIGHT, WHITE, bold=True)
    burning = [y for y in range(high) if y * LAMPS // high == look.lamp]
    for y in range(high):
        canvas.put(space.top, space.top + y, " " * space.lamp, on if y in burning else off)
    if burning:
        canvas.put(space.top + space.lamp // 2, space.top + burning[len(burning) // 2], look.mark, on)


def _texts(canvas: Canvas, event: SlotEvent, words: Words, space: Space) -> None:
    """Slot and percent or error on top, details, the instruction at the bottom, reversed where it asks for a hand."""
    look = LOOKS[event.state]
    plain = styled(look.ink, look.paper)
    asking = event.state is not SlotState.EMPTY
    room = space.right - space.left
    _head(canvas, event, space, styled(look.ink, look.paper, bold=True))
    if space.detailed:
        about = first_fitting(said.details(event, words, space), room - 1)
        canvas.put(space.left, space.last - space.asked - 1, filled(f" {about}", room), plain)
    style = styled(look.ink, look.paper, bold=asking, reverse=asking)
    asked = first_fitting(instruction(event, words), room - 1)
    if space.edged:
        _lower_edge(canvas, asked, look, style)
    else:
        canvas.put(space.left, space.last, filled(f" {asked}", room), style)
    if space.asked and (asking or event.code):
        _asked(canvas, in_a_word(event, words), space, style)


def _in_one_row(canvas: Canvas, event: SlotEvent, words: Words, space: Space) -> None:
    """Slot, state and instruction. Where the instruction would be cut the state gives way, whose colour is there, then
    a long name."""
    look, asking = LOOKS[event.state], event.state is not SlotState.EMPTY
    states = (*(f"{state} " for state in words.states[event.state]), "")
    names = (shortened(event.slot, width) for width in (space.name, _SHORTEST_NAME))
    forms = tuple(f"{slot} {state}{ask}" for slot in names for state in states for ask in instruction(event, words))
    style = styled(look.ink, look.paper, bold=asking, reverse=asking)
    _lower_edge(canvas, first_fitting(forms, space.right - space.left), look, style)


def _lower_edge(canvas: Canvas, asked: str, look: Paint, style: Style) -> None:
    """A bar, or a line around the text: it is seen where one tile ends, also without colours."""
    line = " " if style.reverse else look.border.across
    text = f"{line * Space(canvas.width, canvas.height).left} {asked} "
    canvas.put(0, canvas.height - 1, text + line * (canvas.width - cell_len(text)), style)


def _head(canvas: Canvas, event: SlotEvent, space: Space, style: Style) -> None:
    """The slot's name, and how far its board is or why: as large as the head."""
    slot, aside = shortened(event.slot, space.name), said.aside(event)
    room = (space.right - space.left) // 2 - 2
    for text, at_right in ((slot, False), (aside, True)):
        block = fit(drawable(text.replace(" ", "")), room, space.head) or ((text,) if text else ())
        if at_right and not space.framed:
            continue
        for row, line in enumerate(block):
            padded = f" {line} " if space.framed else line
            x = space.right - cell_len(padded) if at_right else space.left
            canvas.put(x, space.top + row, padded, style)


def _asked(canvas: Canvas, texts: tuple[str, ...], space: Space, style: Style) -> None:
    """The instruction in block letters, above its text."""
    room = space.right - space.left
    blocks = (fit(drawable(text), room - 2, space.asked - 1) for text in texts)
    lines = ("", *next(filter(None, blocks), ()))
    for row in range(space.asked):
        line = lines[row] if row < len(lines) else ""
        canvas.put(space.left, space.last - space.asked + row, filled(f" {line}", room), style)


def _word(canvas: Canvas, event: SlotEvent, words: Words, space: Space) -> None:
    """The word in the middle, on a patch of plain paper so that the texture does not touch the letters."""
    look, full = LOOKS[event.state], words.states[event.state][0]
    style = styled(look.ink, look.paper, bold=event.state is not SlotState.EMPTY)
    left, room, rows = space.word(event.slot)
    block, shown = said.word(event, words, room, rows)
    if full not in shown and space.framed and not space.large:
        _in_full(canvas, event, words, space, style)
    wide = cell_len(block[0])
    x = left + max(0, (space.right - left - wide) // 2)
    y = space.word_top + max(0, (rows - len(block)) // 2)
    before, after = " " * (x > left), " " * (x + wide < space.right)
    for row, text in enumerate(block):
        canvas.put(x - len(before), y + row, f"{before}{text}{after}", style)
    beneath = said.beneath(event, shown, words) or ("" if full.startswith(shown) else full)
    if beneath and not space.framed and y + len(block) < space.word_top + rows:
        canvas.put(left, y + len(block), f" {beneath} ", style)


def _in_full(canvas: Canvas, event: SlotEvent, words: Words, space: Space, style: Style) -> None:
    """Where the block letters are of a shorter word: beside the slot's name."""
    left = space.left + 2 + cell_len(shortened(event.slot, space.name))
    aside = said.aside(event)
    room = space.right - (cell_len(aside) + 2 if aside else 0) - left  # a code that lost a letter is another one
    form = next((form for form in words.states[event.state] if cell_len(form) < room), "")
    canvas.put(left, space.top, f"{form} " if form else "", style)


def _fill(canvas: Canvas, look: Paint, percent: int) -> None:
    """A busy tile fills from the left: how far it is can be seen from across the hall."""
    swap = {
        styled(look.ink, look.paper): styled(NIGHT, look.ink),
        styled(look.ink, look.paper, bold=True): styled(NIGHT, look.ink, bold=True),
        styled(look.grain, look.paper): styled(FILLED_GRAIN, look.ink),
    }
    canvas.swap(canvas.width * percent // 100, swap)
