# SPDX-License-Identifier: GPL-3.0-or-later
"""The benches of a line on its wall board: a plate each where they have room, else a row each, in columns.

What a bench is like stands in its colour and its mark: not there, with a board to be put back, at work, idle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from station.report.line import BenchNumbers
from station.tui.canvas import Canvas, Place, styled
from station.tui.cut import filled, shortened
from station.tui.letters import fit_alike
from station.tui.palette import BLACK, GREY, NIGHT, PURPLE, SKY, WHITE
from station.tui.say import spoken
from station.words.figures import ago, bars_across, part
from station.words.language import Words

_PLATE = 24, 5  # cells and rows, at least: a name, the mark, block digits, what is below them
_PER_ROW = 5  # cells of width that block digits need for a row of height
_ROW = 38  # cells, at least
_NAME = 16  # cells: where there are more, a bar has them
_NUMBERS = 7, 6, 7, 7  # cells of a row's columns behind the name and the bar
_BETWEEN = "   "
_PAPER = "#10161E"


@dataclass(frozen=True, slots=True)
class _Look:
    ink: str
    paper: str
    mark: str


_AWAY = _Look(GREY, NIGHT, "–")
_PUT_BACK = _Look(BLACK, PURPLE, "?")
_AT_WORK = _Look(WHITE, _PAPER, "►")
_IDLE = _Look(SKY, _PAPER, "•")


def _look(bench: BenchNumbers) -> _Look:
    if bench.to_put_back:
        return _PUT_BACK
    if bench.seen.present is False:
        return _AWAY
    return _AT_WORK if bench.seen.passed else _IDLE


class BenchPlates(Widget):
    """By name. Where there are too many for the screen, those that need somebody come first."""

    DEFAULT_CSS = "BenchPlates { height: 1fr; margin-top: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._benches: tuple[BenchNumbers, ...] = ()

    def show(self, benches: tuple[BenchNumbers, ...]) -> None:
        self._benches = benches
        self.refresh()

    def render(self) -> Text:
        width, height = self.size
        canvas = Canvas(width, height, styled(None, NIGHT))
        words = spoken(self)
        beside = _beside(len(self._benches), width, height)
        if beside:
            _plates(canvas, self._benches, words, beside)
        else:
            _rows(canvas, self._benches, words)
        return canvas.text()


def _beside(count: int, width: int, height: int) -> int:
    """How many plates in a row, so that digits on them are largest; 0 where there is no room for all."""
    best = 0, 0
    for beside in range(1, (width + 1) // (_PLATE[0] + 1) + 1):
        high, wide = (height + 1) // -(-max(1, count) // beside) - 1, (width + 1) // beside - 1
        if high >= _PLATE[1]:
            best = max(best, (min(high, wide // _PER_ROW), -beside))
    return -best[1]


# -- plates ------------------------------------------------------------------------------------------------------------


def _plates(canvas: Canvas, benches: Sequence[BenchNumbers], words: Words, beside: int) -> None:
    rows = max(1, -(-len(benches) // beside))
    wide, high = (canvas.width - beside + 1) // beside, (canvas.height - rows + 1) // rows
    high = min(high, wide // 2)
    blocks = fit_alike(tuple(str(bench.seen.passed) for bench in benches), wide - 2, high - 2)
    for place, bench in enumerate(benches):
        row, column = divmod(place, beside)
        block = blocks[place] if blocks else (str(bench.seen.passed),)
        _plate(canvas, bench, words, ((column * (wide + 1), row * (high + 1)), (wide, high)), block)


def _plate(canvas: Canvas, bench: BenchNumbers, words: Words, place: Place, block: tuple[str, ...]) -> None:
    (x, y), (wide, high) = place
    look = _look(bench)
    plain, strong = styled(look.ink, look.paper), styled(look.ink, look.paper, bold=True)
    canvas.fill(place, plain)
    seen = _seen(bench, words)
    name = shortened(bench.seen.name, wide - cell_len(seen) - 5)
    canvas.put(x, y, filled(f" {look.mark} {name}", wide - cell_len(seen) - 2), strong)
    canvas.put(x + wide - cell_len(seen) - 1, y, seen, plain)
    for row, line in enumerate(block):
        canvas.put(x + 1, y + 1 + row, line, strong)
    canvas.put(x + 1, y + high - 1, filled(_below(bench, words, wide - 1), wide - 1), plain)


def _below(bench: BenchNumbers, words: Words, room: int) -> str:
    """What the digits are, the yield, the boards to be put back: where not all has room, the last stays."""
    _, per_hour, yield_, back, _ = words.bench.line_heads
    texts = [per_hour, f"{yield_} {part(bench.part_passed)}"]
    texts += [f"{back} {bench.to_put_back}"] if bench.to_put_back else []
    forms = (_BETWEEN.join(texts[first:]) for first in range(len(texts)))
    return next((form for form in forms if cell_len(form) <= room), texts[-1])


# -- rows --------------------------------------------------------------------------------------------------------------


def _rows(canvas: Canvas, benches: Sequence[BenchNumbers], words: Words) -> None:
    high, most_beside = canvas.height - 1, max(1, (canvas.width + 1) // (_ROW + 1))
    beside = min(most_beside, max(1, -(-len(benches) // max(1, high))))
    wide = (canvas.width - beside + 1) // beside
    shown, more = _shown(benches, beside * high)
    most = max((bench.seen.passed for bench in benches), default=0)
    for column in range(beside):
        canvas.put(column * (wide + 1), 0, _line(words.bench.line_heads, wide), styled(SKY, NIGHT))
    for place, bench in enumerate(shown):
        column, row = divmod(place, high)
        x, look = column * (wide + 1), _look(bench)
        canvas.put(x, row + 1, _line(_cells(bench, words, wide), wide), styled(look.ink, look.paper))
        bar = bars_across(bench.seen.passed, most, max(0, _room(wide) - _NAME))
        canvas.put(x + _NAME, row + 1, bar, styled(BLACK if look is _PUT_BACK else SKY, look.paper))
    if more:
        canvas.put((beside - 1) * (wide + 1), canvas.height - 1, filled(f" +{more}", wide), styled(SKY, NIGHT))


def _shown(benches: Sequence[BenchNumbers], room: int) -> tuple[Sequence[BenchNumbers], int]:
    """Those that have room, and how many have none."""
    if len(benches) <= room:
        return benches, 0
    first = sorted(benches, key=lambda bench: (not bench.to_put_back, bench.seen.present is not False))
    shown = first[: max(0, room - 1)]
    return shown, len(benches) - len(shown)


def _room(wide: int) -> int:
    """Of the name and the bar behind it."""
    return wide - sum(_NUMBERS) - 1


def _cells(bench: BenchNumbers, words: Words, wide: int) -> tuple[str, ...]:
    name = f"{_look(bench).mark} {shortened(bench.seen.name, min(_room(wide), _NAME - 1) - 3)}"
    back = str(bench.to_put_back or "")
    return name, str(bench.seen.passed), part(bench.part_passed), back, _seen(bench, words)


def _line(cells: Sequence[str], wide: int) -> str:
    """The name on the left, numbers on the right of their columns."""
    room = _room(wide)
    name = filled(f" {cells[0]}", min(room, _NAME - 1))
    return filled(name, room) + "".join(
        " " * (columns - cell_len(text)) + text for text, columns in zip(cells[1:], _NUMBERS, strict=True)
    )


def _seen(bench: BenchNumbers, words: Words) -> str:
    """When it was heard of last; nothing where there is no server to ask."""
    if bench.seen.quiet_s is not None:
        return ago(bench.seen.quiet_s, words)
    return words.bench.line_away if bench.seen.present is False else ""
