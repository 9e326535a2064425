# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots side by side, arranged so that the words come out as large as the screen allows."""

from __future__ import annotations

from functools import cache

from rich.segment import Segment
from textual import events
from textual.containers import Container
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from station.events import SlotEvent, SlotState
from station.tui.letters import fit
from station.tui.say import spoken
from station.tui.tile import Row, Space, paint

_GUTTER = 1
_AROUND = 5  # rows of the bars around the slots, most of the time
_NEARLY = 0.6
_SAMPLES = "PASS", "FAIL", "READY"


@cache
def arrange(count: int, width: int, height: int) -> int:
    """How many columns: no gaps if the words come out nearly as large as they can, then the largest words."""
    sizes = {columns: _size(count, columns, width, height) for columns in range(1, count + 1)}
    nearly = max(sizes.values()) * _NEARLY

    def worth(columns: int) -> tuple[bool, int, int]:
        gaps = -count % columns
        return sizes[columns] >= nearly, -gaps, sizes[columns]

    return max(sizes, key=worth)


def _size(count: int, columns: int, width: int, height: int) -> int:
    """The cells of the sample words on tiles of that arrangement."""
    space = Space(width // columns - _GUTTER, height // -(-count // columns))
    _, wide, high = space.word("16")
    return sum(len(block) * len(block[0]) for word in _SAMPLES if (block := fit(word, wide, high)))


class SlotTile(Widget):
    """Shows the latest event of one slot; repaints only when it changed."""

    def __init__(self, slot: str) -> None:
        super().__init__()
        self._event = SlotEvent(slot=slot, at=0.0, state=SlotState.EMPTY)
        self._rows: list[Row] = []
        self._painted: Size | None = None  # what size `_rows` was painted at

    @property
    def event(self) -> SlotEvent:
        return self._event

    def show(self, event: SlotEvent) -> None:
        self._event = event
        self.reword()
        self.refresh()

    def reword(self) -> None:
        self._painted = None

    def render_line(self, y: int) -> Strip:
        if self._painted != self.size:
            self._rows = paint(self._event, spoken(self), *self.size)
            self._painted = self.size
        if y >= len(self._rows):
            return Strip.blank(self.size.width)
        return Strip([Segment(text, style) for text, style in self._rows[y]], self.size.width)


class SlotGrid(Container):
    """All slots of the station, in the station's order: a slot's place never changes."""

    DEFAULT_CSS = """
    SlotGrid { layout: grid; height: 1fr; grid-gutter: 0 1; }
    SlotGrid SlotTile { width: 1fr; height: 1fr; }
    """

    def __init__(self, slots: tuple[str, ...]) -> None:
        self._tiles = {slot: SlotTile(slot) for slot in slots}
        super().__init__(*self._tiles.values())

    def on_resize(self, event: events.Resize) -> None:
        # From the screen's size, not from what banners leave of it: a slot's place must not change with them.
        columns = arrange(len(self._tiles), self.app.size.width, self.app.size.height - _AROUND)
        self.styles.grid_size_columns = columns
        rows = -(-len(self._tiles) // columns)
        self.styles.grid_size_rows = rows
        # All of one height: a row more on some would give them other letters than their neighbours.
        self.styles.grid_rows = str(max(1, event.size.height // rows))
        self.styles.grid_gutter_horizontal = 0
        self.styles.grid_gutter_vertical = _GUTTER

    def show(self, event: SlotEvent) -> None:
        """An event of a slot this station does not have is not for this screen."""
        if tile := self._tiles.get(event.slot):
            tile.show(event)

    def events(self) -> tuple[SlotEvent, ...]:
        return tuple(tile.event for tile in self._tiles.values())
