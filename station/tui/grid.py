# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots side by side, arranged so that the words come out as large as the screen allows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from station.events import SlotEvent, SlotState
from station.model import Language
from station.tui.canvas import Row, styled
from station.tui.letters import fit
from station.tui.palette import NIGHT
from station.tui.rows import Beside, as_strip, cropped
from station.tui.say import spoken
from station.tui.space import Space
from station.tui.tile import paint
from station.words.language import Words

_GUTTER = 1
_ROOMY = 6  # rows of a tile, from which on one of them is left free below it
_NEARLY = 0.6
_GROUND = Color.parse(NIGHT)
_SAMPLES = "PASS", "FAIL", "READY", "合格", "烧录"


@cache
def arrange(count: int, width: int, height: int) -> int:
    """How many columns: so that no slot is below the screen; so that all that matters is in block letters, if it can
    be; no gaps if the words come out nearly as large as they can, then the largest words. The same in each language: a
    slot's place does not change with it.
    """
    sizes = {columns: _size(count, columns, width, height) for columns in range(1, count + 1)}
    nearly = max(sizes.values()) * _NEARLY

    def worth(columns: int) -> tuple[bool, bool, bool, int, int]:
        fits = columns * height >= count
        gaps, space = -count % columns, Space(*tile_size(count, columns, width, height))
        return fits, space.large or space.low, sizes[columns] >= nearly, -gaps, sizes[columns]

    return max(sizes, key=worth)


def _size(count: int, columns: int, width: int, height: int) -> int:
    """The cells of the sample words on tiles of that arrangement."""
    space = Space(*tile_size(count, columns, width, height))
    _, wide, _ = space.word("16")
    return sum(len(block) * len(block[0]) for word in _SAMPLES if (block := fit(word, wide, space.middle)))


def tile_size(count: int, columns: int, width: int, height: int) -> tuple[int, int]:
    """The same for all: a row more on some would give them other letters than their neighbours."""
    each = max(1, height // -(-count // columns))
    return (width + _GUTTER) // columns - _GUTTER, each - (each >= _ROOMY)


Drawn = list[Strip]
"""A tile's rows, as the terminal gets them, with the gutter beside it."""


class SlotGrid(Widget):
    """All slots of the station, in the station's order: a slot's place never changes.

    One widget for all tiles: Textual's own work for a widget costs more than painting its tile.
    """

    DEFAULT_CSS = "SlotGrid { height: 1fr; }"

    def __init__(self, slots: tuple[str, ...], *, is_open: bool = True) -> None:
        super().__init__()
        self._slots = slots
        state = SlotState.EMPTY if is_open else SlotState.WAITING  # until the bench says more
        self._events = {slot: SlotEvent(slot=slot, at=0.0, state=state) for slot in slots}
        self._early: dict[str, SlotEvent] = {}
        self._tiles: dict[tuple[str, Language], Drawn] = {}
        self._strips: dict[tuple[int, Language], Strip] = {}  # by row of this widget
        self._drawn_at = (0, 0, 0, 0)
        self._rows = 1

    def show(self, event: SlotEvent) -> None:
        """An event of a slot this station does not have is kept until it has it."""
        if event.slot not in self._events:
            self._early[event.slot] = event
        else:
            before, self._events[event.slot] = self._events[event.slot], event
            if not event.says_the_same(before):
                self._draw_anew(event.slot)

    def have(self, slots: tuple[str, ...]) -> None:
        """These slots; what is known of one that stays is kept."""
        if slots != self._slots:
            empty = {slot: SlotEvent(slot=slot, at=0.0, state=SlotState.EMPTY) for slot in slots}
            known = empty | self._early | self._events
            self._slots, self._events = slots, {slot: known[slot] for slot in slots}
            self._forget()
            self.refresh()

    def _draw_anew(self, slot: str) -> None:
        region = self._region(slot)
        for language in Language:
            self._tiles.pop((slot, language), None)
            for y in region.line_range:
                self._strips.pop((y, language), None)
        self.refresh(region)

    def _forget(self) -> None:
        self._tiles.clear()
        self._strips.clear()

    def place(self, slot: str) -> Region:
        """Of its tile, on the screen."""
        return self._region(slot).translate(self.region.offset)

    def events(self) -> tuple[SlotEvent, ...]:
        return tuple(self._events.values())

    def give(self, rows: int) -> None:
        """So many rows of the screen are for the slots, whatever banner comes: neither a slot's place nor the size of
        its word changes with it."""
        if rows != self._rows:
            self._rows = rows
            self.refresh()

    def _columns(self) -> int:
        return arrange(len(self._events), self.app.size.width, self._rows)

    def _tile_size(self) -> tuple[int, int]:
        return tile_size(len(self._events), self._columns(), self.app.size.width, self._rows)

    def _pitch(self) -> int:
        """Rows from a tile to the one below it."""
        return max(1, self._rows // -(-len(self._events) // self._columns()))

    def _region(self, slot: str) -> Region:
        wide, _ = self._tile_size()
        row, column = divmod(self._slots.index(slot), self._columns())
        # With its gutter, so that neighbours that change together are one run of cells to the terminal.
        return Region(column * (wide + _GUTTER), row * self._pitch(), wide + _GUTTER, self._pitch())

    def render_lines(self, crop: Region) -> list[Strip]:
        """By rows and tiles that are kept until they change, in each language: who changes that sees the same slots
        again. Not by way of Textual's style cache: for one tile that has changed that one makes and filters all cells
        beside it anew, and there is no border, tint or padding for it to add."""
        at = (*self._tile_size(), self._pitch(), self.size.width)
        if self._drawn_at != at:
            self._drawn_at = at
            self._forget()
        words = spoken(self)
        return cropped([self._strip(y, words) for y in crop.line_range], crop, self.size.width)

    def _strip(self, y: int, words: Words) -> Strip:
        strip = self._strips.get((y, words.language))
        if strip is None:
            strip = self._strips[y, words.language] = self._row(y, words)
        return strip

    def _row(self, y: int, words: Words) -> Strip:
        _, high, pitch, width = self._drawn_at
        columns, (row, line) = self._columns(), divmod(y, pitch)
        slots = self._slots[row * columns : (row + 1) * columns] if line < high else ()
        parts = [self._tile(slot, words)[line] for slot in slots]
        left = width - sum(part.cell_length for part in parts)
        if left > 0:
            parts += self._shown([[]], left)
        elif left:  # no gutter at the edge
            parts[-1] = parts[-1].crop(0, parts[-1].cell_length + left)
        return Beside(parts)

    def _tile(self, slot: str, words: Words) -> Drawn:
        drawn = self._tiles.get((slot, words.language))
        if drawn is None:
            wide, high, _, _ = self._drawn_at
            drawn = self._shown(paint(self._events[slot], words, wide, high), wide + _GUTTER)
            self._tiles[slot, words.language] = drawn
        return drawn

    def _shown(self, rows: Iterable[Row], wide: int) -> Drawn:
        ground, filters = styled(None, NIGHT), tuple(self.get_line_filters())
        return [as_strip(tuple(row), ground, wide, filters, _GROUND) for row in rows]
