# SPDX-License-Identifier: GPL-3.0-or-later
"""The slots on the wall board: a plate each, with the state in words, in its colour and with its mark."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from station.desk.desk import SlotNow
from station.events import SlotState
from station.tui.canvas import Canvas, Place, styled
from station.tui.cut import filled, first_fitting, shortened
from station.tui.letters import fit, fit_alike
from station.tui.palette import LOOKS, NIGHT
from station.tui.say import spoken
from station.words.figures import clock
from station.words.instruction import uid_tail
from station.words.language import Words

_LEAST = 9  # cells: a slot's name, its mark and a code
_LEAST_ROWS, _BLOCK_FROM = 2, 4


class SlotPlates(Widget):
    """As many beside one another as have room; the larger the screen, the higher each."""

    DEFAULT_CSS = "SlotPlates { height: 2; margin-top: 1; display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self._slots: tuple[SlotNow, ...] = ()

    def show(self, slots: tuple[SlotNow, ...]) -> None:
        self._slots = slots
        self.display = bool(slots)
        self._measure()
        self.refresh()

    def on_resize(self) -> None:
        self._measure()

    def _measure(self) -> None:
        self.styles.height = self._rows * self._high + (self._rows - 1)

    @property
    def _beside(self) -> int:
        """How many in a row: all, or as even a part of them as has room."""
        most = max(1, (self.app.size.width + 1) // (_LEAST + 1))
        rows = -(-len(self._slots) // most)
        return -(-len(self._slots) // max(1, rows)) or 1

    @property
    def _rows(self) -> int:
        return max(1, -(-len(self._slots) // self._beside))

    @property
    def _high(self) -> int:
        return max(_LEAST_ROWS, (self.app.size.height - 8) // (7 * self._rows))

    def render(self) -> Text:
        width, beside, words = self.size.width, self._beside, spoken(self)
        canvas = Canvas(width, self.size.height, styled(None, NIGHT))
        wide = (width - beside + 1) // beside
        blocks = _blocks(self._slots, words, wide - 2, self._high - 2) if self._high >= _BLOCK_FROM else ()
        for place, slot in enumerate(self._slots):
            row, column = divmod(place, beside)
            at = column * (wide + 1), row * (self._high + 1)
            _paint(canvas, slot, words, (at, (wide, self._high)), blocks[place] if blocks else ())
        return canvas.text()


def _blocks(slots: Sequence[SlotNow], words: Words, width: int, height: int) -> tuple[tuple[str, ...], ...]:
    """The states in block letters of one size, each the longest form that has room at all; () where one has none."""
    forms = (words.states[slot.state] if slot.state else (words.office.none,) for slot in slots)
    chosen = tuple(next((form for form in some if form.strip("?") and fit(form, width, height)), "") for some in forms)
    return fit_alike(chosen, width, height)


def _paint(canvas: Canvas, slot: SlotNow, words: Words, place: Place, block: tuple[str, ...]) -> None:
    """Name, mark and code on top, the word below, and the time where it has room."""
    (x, y), (wide, high) = place
    look = LOOKS[slot.state or SlotState.EMPTY]
    plain, strong = styled(look.ink, look.paper), styled(look.ink, look.paper, bold=True)
    canvas.fill(place, plain)
    aside = _aside(slot) + " " * (wide > _LEAST)
    room = wide - cell_len(aside) - bool(aside)  # the mark goes before a letter of the code does
    canvas.put(x, y, _name(slot.slot, look.mark, room), strong)
    canvas.put(x + wide - cell_len(aside), y, aside, strong)
    forms = words.states[slot.state] if slot.state else (words.office.none,)
    word = next((form for form in forms if cell_len(form) < wide), forms[-1])
    for row, line in enumerate(block if any(map(str.strip, block)) else (word,)):
        canvas.put(x + 1, y + 1 + row, line, strong)
    when = clock(slot.at) if slot.at else ""
    if high > _LEAST_ROWS or cell_len(word) + len(when) + 2 < wide:
        canvas.put(x + wide - cell_len(when) - 1, y + high - 1, when, plain)


def _name(slot: str, mark: str, room: int) -> str:
    forms = (f" {slot} {mark}", f" {slot}", f" {shortened(slot, room - 1)}")
    return filled(first_fitting(forms, room), room)


def _aside(slot: SlotNow) -> str:
    """Why, or which board is looked for."""
    if slot.state is SlotState.IN_DOUBT and slot.uid:
        return uid_tail(slot.uid)
    return slot.code or ""
