# SPDX-License-Identifier: GPL-3.0-or-later
"""A slot's tile, painted cell by cell: border, texture, lamp, block word, details, one instruction.

Pure: an event, a size and a language in, rows of styled text out. External text is cut to cells and never parsed.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from station.events import SlotEvent, SlotState
from station.tui import english
from station.tui.instruction import UID_TAIL, instruction
from station.tui.language import Words
from station.tui.letters import fit
from station.tui.palette import LAMPS, LOOKS, NIGHT, Look

Row = list[tuple[str, Style]]
_FRAMED_HEIGHT = 6  # below this the border has no rows of its own
_DETAIL_HEIGHT = 8
_SLOT_WIDTH = 6
_FILLED_GRAIN = "#B87D00"


class Canvas:
    """Cells of (character, style); a wide character owns its cell and leaves the next one empty."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width, self.height = width, height
        self._cells = [[(" ", style)] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: Style) -> None:
        """Writes from (x, y) to the right; what does not fit is cut."""
        for letter in text:
            wide = cell_len(letter)
            if not wide:
                continue
            if not (0 <= y < self.height and 0 <= x and x + wide <= self.width):
                return
            self._cells[y][x] = letter, style
            if wide == 2:
                self._cells[y][x + 1] = "", style
            x += wide

    def repaint(self, width: int, ink: str, paper: str, style: Style) -> None:
        """Gives `style` to the cells of the first `width` columns that are `ink` on `paper`."""
        old = Style(color=ink, bgcolor=paper)
        for cells in self._cells:
            for x in range(width):
                letter, now = cells[x]
                if now.color == old.color and now.bgcolor == old.bgcolor and not now.reverse:
                    cells[x] = letter, style + Style(bold=now.bold)

    def rows(self) -> list[Row]:
        """Runs of one style joined."""
        rows: list[Row] = []
        for cells in self._cells:
            row: Row = []
            for letter, style in cells:
                if row and row[-1][1] == style:
                    row[-1] = row[-1][0] + letter, style
                else:
                    row.append((letter, style))
            rows.append(row)
        return rows


def paint(event: SlotEvent, words: Words, width: int, height: int) -> list[Row]:
    """The tile of `event.slot`, `width` x `height` cells."""
    look = LOOKS[event.state]
    canvas = Canvas(width, height, Style(bgcolor=look.paper))
    _texture(canvas, look)
    framed = height >= _FRAMED_HEIGHT
    lamp = 1 if width < 24 else 3
    _frame(canvas, look, framed=framed)
    _lamp(canvas, look, lamp, framed=framed)
    left, right = lamp + (1 if framed else 0), width - 1
    _body(canvas, event, words, look, left, right, framed=framed)
    if event.state is SlotState.BUSY:
        _fill(canvas, look, event.percent)
    return canvas.rows()


def _texture(canvas: Canvas, look: Look) -> None:
    grain = Style(color=look.grain, bgcolor=look.paper)
    if look.texture == "?":
        for y in range(canvas.height):
            canvas.put(0, y, ("   ?"[y % 2 * 2 :] + "   ?" * canvas.width)[: canvas.width], grain)
    elif look.texture != " ":
        for y in range(canvas.height):
            canvas.put(0, y, look.texture * canvas.width, grain)


def _frame(canvas: Canvas, look: Look, *, framed: bool) -> None:
    edge = Style(color=look.edge, bgcolor=look.paper, bold=True)
    right, bottom = canvas.width - 1, canvas.height - 1
    for y in range(canvas.height):
        canvas.put(0, y, look.border.down, edge)
        canvas.put(right, y, look.border.down, edge)
    if framed:
        corners = look.border.corners
        canvas.put(0, 0, corners[0] + look.border.across * (right - 1) + corners[1], edge)
        canvas.put(0, bottom, corners[3] + look.border.across * (right - 1) + corners[2], edge)


def _lamp(canvas: Canvas, look: Look, width: int, *, framed: bool) -> None:
    """A column of four lamps; which one burns is told by its place."""
    x, top = (1, 1) if framed else (0, 0)
    high = canvas.height - 2 * top
    off = Style(color=look.edge, bgcolor=NIGHT)
    on = Style(color=NIGHT, bgcolor="#FFFFFF", bold=True)
    for y in range(high):
        lamp = y * LAMPS // high
        canvas.put(x, top + y, " " * width, on if lamp == look.lamp else off)
    if look.lamp >= 0:
        rows = [y for y in range(high) if y * LAMPS // high == look.lamp]
        canvas.put(x + width // 2, top + rows[len(rows) // 2], look.mark, on)


def _body(canvas: Canvas, event: SlotEvent, words: Words, look: Look, left: int, right: int, *, framed: bool) -> None:
    top = 1 if framed else 0
    bottom = canvas.height - top  # one past the last row
    plain = Style(color=look.ink, bgcolor=look.paper)
    bold = plain + Style(bold=True)
    room = right - left - 2
    last = bottom - 1
    chosen = _first_fitting(instruction(event, words), right - left)
    asks = Style(bold=event.state is not SlotState.EMPTY, reverse=event.state is not SlotState.EMPTY)
    canvas.put(left, last, set_cell_size(f" {chosen}", right - left), plain + asks)
    detailed = canvas.height >= _DETAIL_HEIGHT
    high = last - top - (2 if detailed else 1 if framed else 0)
    if detailed:
        about = _details(event, words)
        canvas.put(left, last - 1, set_cell_size(f" {_first_fitting(about, room)}", right - left), plain)
    slot = set_cell_size(event.slot, min(cell_len(event.slot), _SLOT_WIDTH))
    block, shown = _word(event.state, words, room if framed else right - left - cell_len(slot), high)
    full = words.states[event.state][0]
    if framed:
        percent = f" {event.percent} % " if event.state is SlotState.BUSY else ""
        canvas.put(left, top, f" {slot} " if shown == full else f" {slot} {full} ", bold)
        canvas.put(right - cell_len(percent), top, percent, bold)
    else:
        canvas.put(left, top, slot, bold)
        left += cell_len(slot)
    _place(canvas, block or (f" {shown} ",), left, right, top + framed, high, bold)


def _place(canvas: Canvas, block: tuple[str, ...], left: int, right: int, top: int, high: int, style: Style) -> None:
    """The word in the middle, on a patch of plain paper so that the texture does not touch the letters."""
    wide = cell_len(block[0])
    x = left + max(0, (right - left - wide) // 2)
    y = top + max(0, (high - len(block)) // 2)
    before, after = " " * (x > left), " " * (x + wide < right)
    for row, text in enumerate(block):
        canvas.put(x - len(before), y + row, f"{before}{text}{after}", style)


def _word(state: SlotState, words: Words, width: int, height: int) -> tuple[tuple[str, ...], str]:
    """The state's word in block letters, the longest form that fits, in English where this language's does not.

    Returns the rows (none when nothing fits) and the word they show.
    """
    for form in (*words.states[state], *english.WORDS.states[state]):
        if block := fit(form, width, height):
            return block, form
    return (), words.states[state][0]


def _first_fitting(texts: tuple[str, ...], room: int) -> str:
    return next((text for text in texts if cell_len(text) < room), texts[-1])


def _details(event: SlotEvent, words: Words) -> tuple[str, ...]:
    """Which board, which identity, which phase or fault: longest first."""
    if event.state is SlotState.BUSY and event.phase:
        what = words.phases[event.phase]
    else:
        known = words.code(event.code) if event.code else None
        what = known.what if known else event.what
    board = f"…{event.uid[-UID_TAIL:].upper()}" if event.uid else ""
    parts = [part for part in (what, event.device_name, _place_in_set(event, words), board) if part]
    return tuple("  ".join(parts[:count]) for count in range(len(parts), 0, -1)) or ("",)


def _place_in_set(event: SlotEvent, words: Words) -> str:
    if event.set_name:
        whole = words.bench.whole_nvr if event.channel == 0 else words.bench.channel
        member = whole.format(number=event.channel, name=event.set_name)
        return f"{member}, {words.bench.set_missing.format(missing=event.set_missing)}"
    return words.bench.channels.format(count=event.channels) if event.channels else ""


def _fill(canvas: Canvas, look: Look, percent: int) -> None:
    """A busy tile fills from the left: how far it is can be seen from across the hall."""
    swap = {
        look.ink: Style(color=NIGHT, bgcolor=look.ink),
        look.grain: Style(color=_FILLED_GRAIN, bgcolor=look.ink),
    }
    for style, changed in swap.items():
        canvas.repaint(canvas.width * percent // 100, style, look.paper, changed)
