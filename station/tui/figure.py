# SPDX-License-Identifier: GPL-3.0-or-later
"""A row of large numbers under their names, all in letters of one size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from station.tui.letters import fit_alike
from station.tui.palette import BLACK, BLUE, VERMILION, WHITE, WORRIES
from station.tui.say import spoken
from station.words.figures import Figure, Tone
from station.words.language import Words

PLAIN = "#10161E"
_QUIET = Style(color="#A9B2BF")
_TONES = {Tone.PLAIN: (WHITE, PLAIN), Tone.GOOD: (WHITE, BLUE), Tone.BAD: (BLACK, VERMILION)}
_ABOVE = 2  # rows: the name, and nothing or a second number that has no room beside it
_GAP = "   "
_DIGITS = 4

RowOf = Callable[[Words], Sequence[Figure]]


class BigFigure(Widget):
    """The figure at `place` of its row; what the row's figures are is said by `show`."""

    DEFAULT_CSS = f"BigFigure {{ height: 1fr; width: 1fr; padding: 0 1; background: {PLAIN}; }}"

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self._row: RowOf = lambda _words: ()

    def show(self, row: RowOf) -> None:
        self._row = row
        figure = row(spoken(self))[self._place]
        worried = (BLACK, WORRIES[figure.worry]) if figure.worry else _TONES[figure.tone]
        self.styles.color, self.styles.background = worried
        self.refresh()

    def render(self) -> Text:
        row = self._row(spoken(self))
        if not row:
            return Text()
        figure = row[self._place]
        blocks = self._blocks([one.number.removesuffix("%") for one in row])
        lines = blocks[self._place] if blocks else (figure.number,)
        title = f"{figure.titled} %" if blocks and figure.number.endswith("%") else figure.titled
        beside = cell_len(title) + len(_GAP) + cell_len(figure.aside) <= self.size.width
        aside = (figure.aside, "" if figure.worry or figure.tone else _QUIET)
        number = "\n".join(lines), Style(bold=True)
        head = (title, _GAP, aside, "\n\n") if beside else (title, "\n", aside, "\n")
        return Text.assemble(*head, number, end="", no_wrap=True)

    def _blocks(self, numbers: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """In thousands, rounded down, what else would have room in no letters."""
        room = self.size.width - 1, self.size.height - _ABOVE
        return fit_alike(tuple(numbers), *room) or fit_alike(tuple(map(_in_thousands, numbers)), *room)


def _in_thousands(number: str) -> str:
    return f"{number[:-3]}K" if number.isdecimal() and len(number) > _DIGITS else number
