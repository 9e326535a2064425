# SPDX-License-Identifier: GPL-3.0-or-later
"""A slot's tile, painted cell by cell: border, texture, lamp, block word, details, one instruction.

Pure: an event, a size and a language in, rows of styled text out. External text is cut to cells and never parsed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from station.events import SlotEvent, SlotState
from station.tui.letters import fit
from station.tui.palette import FILLED_GRAIN, LAMPS, LOOKS, NIGHT, WHITE, Paint
from station.words import english
from station.words.instruction import UID_TAIL, instruction
from station.words.language import Words

Row = list[tuple[str, Style]]
_NARROW = 24
_FRAMED_HEIGHT = 8  # below this the border has no rows of its own
_DETAIL_HEIGHT = 6
_SLOT_WIDTH = 6
_HAN_WIDTH = 2


@cache
def styled(ink: str | None, paper: str, *, bold: bool | None = None, reverse: bool | None = None) -> Style:
    """The same object each time: its terminal codes are worked out once, and runs are told apart by identity first."""
    return Style(color=ink, bgcolor=paper, bold=bold, reverse=reverse)


@lru_cache(4096)
def _narrow(text: str) -> bool:
    """Whether each character takes exactly one cell."""
    return all(cell_len(letter) == 1 for letter in text)


class Canvas:
    """Cells of a character and a style; a wide character owns its cell and leaves the next one empty."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width, self.height = width, height
        self._letters = [[" "] * width for _ in range(height)]
        self._styles = [[style] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: Style) -> None:
        """Writes from (x, y) to the right; what does not fit is cut."""
        if not 0 <= y < self.height or x < 0:
            return
        cells = _cells(text, self.width - x)
        if cells:
            end = x + len(cells)
            self._split(self._letters[y], x, end)
            self._letters[y][x:end] = cells
            self._styles[y][x:end] = [style] * len(cells)

    def _split(self, row: list[str], start: int, end: int) -> None:
        """Half of a wide character cannot stay: where one is cut at `start` or `end`, its other half is a blank."""
        if start and row[start] == "":
            row[start - 1] = " "
        if end < self.width and row[end] == "":
            row[end] = " "

    def swap(self, width: int, styles: Mapping[Style, Style]) -> None:
        """In the first `width` columns each style of `styles` gives way to its other."""
        for row in self._styles:
            runs = [(style, len(list(same))) for style, same in groupby(row[:width])]
            row[:width] = [new for style, count in runs for new in [styles.get(style, style)] * count]

    def rows(self) -> list[Row]:
        """Runs of one style joined."""
        return [_runs(letters, styles) for letters, styles in zip(self._letters, self._styles, strict=True)]


def _cells(text: str, room: int) -> Sequence[str]:
    """One string a cell; as much of the text as has room."""
    if _narrow(text):
        return text[: max(0, room)]
    cells: list[str] = []
    for letter in text:
        wide = cell_len(letter)
        if len(cells) + wide > room:
            break
        cells += (letter, "")[:wide]
    return cells


def _runs(letters: Sequence[str], styles: Sequence[Style]) -> Row:
    row, start = [], 0
    for style, same in groupby(styles):
        end = start + len(list(same))
        row.append(("".join(letters[start:end]), style))
        start = end
    return row


@dataclass(frozen=True, slots=True)
class Space:
    """Where things go on a tile of a size: the columns `left` to `right` and rows `top` to `last` inside border and
    lamp, the instruction on `last`. Small tiles give up the frame, then the details, never the instruction.
    """

    width: int
    height: int

    @property
    def framed(self) -> bool:
        return self.height >= _FRAMED_HEIGHT

    @property
    def detailed(self) -> bool:
        return self.height >= _DETAIL_HEIGHT + 5 * self.framed

    @property
    def lamp(self) -> int:
        return 1 if self.width < _NARROW else 3

    @property
    def left(self) -> int:
        return self.lamp + self.framed

    @property
    def right(self) -> int:
        return self.width - 1

    @property
    def top(self) -> int:
        return int(self.framed)

    @property
    def last(self) -> int:
        return self.height - 1 - self.framed

    def word(self, slot: str) -> tuple[int, int, int]:
        """First column, columns and rows for the block letters. Without a frame the slot's name stands beside them."""
        aside = 0 if self.framed else max(_HAN_WIDTH, min(cell_len(slot), _SLOT_WIDTH))
        margin = int(self.width >= _NARROW)
        rows = self.last - self.top - self.framed - self.detailed
        return self.left + aside, self.right - self.left - aside - margin, rows


def paint(event: SlotEvent, words: Words, width: int, height: int) -> list[Row]:
    """The tile of `event.slot`, `width` x `height` cells."""
    look, space = LOOKS[event.state], Space(width, height)
    canvas = Canvas(width, height, styled(None, look.paper))
    _texture(canvas, look)
    _frame(canvas, look, space)
    _lamp(canvas, look, space)
    _texts(canvas, event, words, space)
    _word(canvas, event, words, space)
    if event.state is SlotState.BUSY:
        _fill(canvas, look, event.percent)
    return canvas.rows()


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
    high = space.last - space.top + 1
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
    plain, strong = styled(look.ink, look.paper), styled(look.ink, look.paper, bold=True)
    asking = event.state is not SlotState.EMPTY
    room = space.right - space.left
    slot = set_cell_size(event.slot, min(cell_len(event.slot), _SLOT_WIDTH))
    canvas.put(space.left, space.top, f" {slot} " if space.framed else slot, strong)
    aside = _aside(event)
    if space.framed and aside:
        canvas.put(space.right - cell_len(aside), space.top, aside, strong)
    if space.detailed:
        about = _first_fitting(_details(event, words), room - 2)
        canvas.put(space.left, space.last - 1, set_cell_size(f" {about}", room), plain)
    asked = _first_fitting(instruction(event, words), room)
    style = styled(look.ink, look.paper, bold=asking, reverse=asking)
    canvas.put(space.left, space.last, set_cell_size(f" {asked}", room), style)


def _aside(event: SlotEvent) -> str:
    """At the right end of the top row: how far it is, or why."""
    if event.state is SlotState.BUSY:
        return f" {event.percent} % "
    return f" {event.code} " if event.code else ""


def _word(canvas: Canvas, event: SlotEvent, words: Words, space: Space) -> None:
    """The word in the middle, on a patch of plain paper so that the texture does not touch the letters."""
    look, full = LOOKS[event.state], words.states[event.state][0]
    style = styled(look.ink, look.paper, bold=event.state is not SlotState.EMPTY)
    left, room, rows = space.word(event.slot)
    high = rows * 3 // 4 if event.state is SlotState.EMPTY else rows  # asks for nothing: the others stand out
    block, shown = _block(event.state, words, room, max(1, high))
    if shown != full:
        _in_own_words(canvas, event, words, space, style)
    wide = cell_len(block[0])
    x = left + max(0, (space.right - left - wide) // 2)
    y = space.top + space.framed + max(0, (rows - len(block)) // 2)
    before, after = " " * (x > left), " " * (x + wide < space.right)
    for row, text in enumerate(block):
        canvas.put(x - len(before), y + row, f"{before}{text}{after}", style)


def _in_own_words(canvas: Canvas, event: SlotEvent, words: Words, space: Space, style: Style) -> None:
    """Where the block letters speak another language or a shorter word: beside the slot's name, or below it, a
    character a row, where there is no frame to write on.
    """
    forms = words.states[event.state]
    if space.framed:
        left = space.left + 2 + min(cell_len(event.slot), _SLOT_WIDTH)
        room = space.right - cell_len(_aside(event)) - left  # a code that lost a letter is another one
        form = next((form for form in forms if cell_len(form) < room), "")
        canvas.put(left, space.top, f"{form} " if form else "", style)
    elif not words.native:
        below = space.last - space.top - 1
        form = next((form for form in forms if len(form) <= below), "")
        for row, letter in enumerate(form, space.top + 1):
            canvas.put(space.left, row, letter, style)


def _block(state: SlotState, words: Words, width: int, height: int) -> tuple[tuple[str, ...], str]:
    """The state's word in block letters, the longest form that fits, in English where this language's does not,
    or as plain text; and which word that is.
    """
    for form in (*words.states[state], *english.WORDS.states[state]):
        if block := fit(form, width, height):
            return block, form
    plain = words.states[state][0]
    return (f" {plain} ",), plain


def _first_fitting(texts: tuple[str, ...], room: int) -> str:
    return next((text for text in texts if cell_len(text) < room), texts[-1])


def _details(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """Which board, which identity, which phase or fault: longest first."""
    if event.state is SlotState.BUSY and event.phase:
        what = words.phases[event.phase]
    else:
        what = f"{event.code} {words.codes[event.code].what}" if event.code else ""
    board = f"…{event.uid[-UID_TAIL:].upper()}" if event.uid else ""
    parts = [part for part in (what, event.device_name, _place_in_set(event, words), board) if part]
    return tuple("  ".join(parts[:count]) for count in range(len(parts), 0, -1)) or ("",)


def _place_in_set(event: SlotEvent, words: Words) -> str:
    if event.set_name:
        whole = words.bench.whole_nvr if event.channel == 0 else words.bench.channel
        member = whole.format(number=event.channel, name=event.set_name)
        return f"{member}, {words.bench.set_missing.format(missing=event.set_missing)}"
    return words.bench.channels.format(count=event.channels) if event.channels else ""


def _fill(canvas: Canvas, look: Paint, percent: int) -> None:
    """A busy tile fills from the left: how far it is can be seen from across the hall."""
    swap = {
        styled(look.ink, look.paper): styled(NIGHT, look.ink),
        styled(look.ink, look.paper, bold=True): styled(NIGHT, look.ink, bold=True),
        styled(look.grain, look.paper): styled(FILLED_GRAIN, look.ink),
    }
    canvas.swap(canvas.width * percent // 100, swap)
