# SPDX-License-Identifier: GPL-3.0-or-later
"""The live slots in a row or two above a supervisor's room: number, lamp's mark, word and texture of each, as on its
tile. A slot at work is painted when it begins and when it ends, not for every percent: keys do not wait for it.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from station.events import SlotEvent, SlotState
from station.printable import printable
from station.tui.canvas import Row, styled
from station.tui.cut import shortened
from station.tui.palette import LOOKS, NIGHT
from station.tui.say import spoken
from station.words.instruction import uid_tail
from station.words.language import Words

_LEAST, _MOST = 7, 24  # cells of a slot
_DENSE = 5  # of a slot where they would take more than _FEW rows
_FEW = 2
_GAP = 1


def arrange(count: int, width: int) -> tuple[int, int, int]:
    """Cells of a slot, slots in a row, rows: none is left out, however many there are."""
    rows = next((rows for least in (_LEAST, _DENSE) if (rows := _rows(count, width, least)) <= _FEW), 0)
    rows = rows or _rows(count, width, _DENSE)
    a_row = max(1, -(-count // max(1, rows)))
    return max(1, min(_MOST, (width + _GAP) // a_row - _GAP)), a_row, rows


def _rows(count: int, width: int, least: int) -> int:
    return -(-count // max(1, (width + _GAP) // (least + _GAP)))


def cell(event: SlotEvent, words: Words, width: int) -> Row:
    """The longest form that fits, and the state's texture behind it."""
    look = LOOKS[event.state]
    quiet = event.state is SlotState.EMPTY
    cut = f"{shortened(event.slot, width - 1)}{look.mark}"
    text = next((form for form in _forms(event, words, look.mark) if cell_len(form) <= width), cut)
    left = width - cell_len(text)
    grain = (look.texture * left)[:left]
    return [(text, styled(look.ink, look.paper, bold=not quiet)), (grain, styled(look.grain, look.paper))]


def _forms(event: SlotEvent, words: Words, mark: str) -> tuple[str, ...]:
    """Number and mark always; the word, and which board or why, where there is room."""
    slot = printable(event.slot)
    head = f" {slot} {mark}"
    aside = uid_tail(event.uid) if event.state is SlotState.IN_DOUBT else event.code or ""
    names = [word for word in words.states[event.state] if word.strip("?")]
    full = [f"{head} {name} {aside} " for name in names if aside]
    worded = [form for name in names for form in (f"{head} {name} ", f"{head} {name}", f"{head} {name}".strip())]
    return (*full, *worded, f"{head} ", head, f"{slot}{mark}")


class SlotStrip(Widget):
    """All slots of the station, in the station's order."""

    DEFAULT_CSS = "SlotStrip { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._events: tuple[SlotEvent, ...] = ()
        self._cells: dict[str, list[Segment]] = {}
        self._drawn_at = 0

    def show(self, events: tuple[SlotEvent, ...]) -> None:
        before = {event.slot: _seen(event) for event in self._events}
        self._events = events
        if [event.slot for event in events] != list(before):
            self._cells.clear()
            self.refresh(layout=True)
            return
        changed = [event.slot for event in events if _seen(event) != before[event.slot]]
        for slot in changed:
            self._cells.pop(slot, None)
        if changed:
            self.refresh()

    def reword(self) -> None:
        self._cells.clear()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        return arrange(len(self._events), width)[2]

    def render_line(self, y: int) -> Strip:
        wide, a_row, _ = arrange(len(self._events), self.size.width)
        if wide != self._drawn_at:
            self._cells.clear()
            self._drawn_at = wide
        ground = styled(None, NIGHT)
        segments: list[Segment] = []
        for event in self._events[y * a_row : (y + 1) * a_row]:
            segments += [*self._drawn(event, wide), Segment(" " * _GAP, ground)]
        return Strip(segments).adjust_cell_length(self.size.width, ground)

    def _drawn(self, event: SlotEvent, wide: int) -> list[Segment]:
        if event.slot not in self._cells:
            self._cells[event.slot] = [Segment(text, style) for text, style in cell(event, spoken(self), wide)]
        return self._cells[event.slot]


def _seen(event: SlotEvent) -> tuple[object, ...]:
    """What of an event is on the strip."""
    return event.state, event.code, event.uid
