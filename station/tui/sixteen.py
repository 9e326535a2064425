# SPDX-License-Identifier: GPL-3.0-or-later
"""The screens on a terminal of 16 colours: a VGA console, a serial line.

Left to the nearest colour, FAIL and BUSY are both brown there. So the palette's papers and inks have theirs of the 16,
and what is written stays readable: white or black where the nearest ink is not. As paper serve the first 8 only, a
Linux console shows no others; black is never bold, which is grey there. Its font lacks most of Unicode's strokes:
TERM=linux gets those that it has, each as wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from rich.color import Color as Ink
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from station.tui.palette import AMBER, BLACK, BLUE, FILLED_GRAIN, GREY, LOOKS, NIGHT, PURPLE, SKY, VERMILION, WHITE

_DARK, _RED, _GREEN, _BROWN = (Color.parse(f"#{name}") for name in ("000000", "AA0000", "00AA00", "AA5500"))
_NAVY, _MAGENTA, _CYAN, _GREY = (Color.parse(f"#{name}") for name in ("0000AA", "AA00AA", "00AAAA", "AAAAAA"))
_PAPERS = _DARK, _RED, _GREEN, _BROWN, _NAVY, _MAGENTA, _CYAN, _GREY
_COLOURS = (
    *_PAPERS,
    *(
        Color.parse(f"#{name}")
        for name in ("555555", "FF5555", "55FF55", "FFFF55", "5555FF", "FF55FF", "55FFFF", "FFFFFF")
    ),
)
"""Of a VGA card, in the terminal's order; what rich takes the 16 for, so that each of them stays itself."""
_AS_PAPER: Mapping[Color, Color] = MappingProxyType(
    {
        Color.parse(name): paper
        for name, paper in {VERMILION: _RED, AMBER: _BROWN, PURPLE: _MAGENTA, BLUE: _NAVY, SKY: _CYAN}.items()
    }
)
_AS_INK: Mapping[Color, Color] = MappingProxyType(
    {
        Color.parse(name): _COLOURS[at]
        for name, at in {AMBER: 11, VERMILION: 9, PURPLE: 13, BLUE: 12, SKY: 14, GREY: 7, WHITE: 15, BLACK: 0}.items()
    }
)
_GRAINS = frozenset(map(Color.parse, {look.grain for look in LOOKS.values()} | {FILLED_GRAIN})) - {Color.parse(NIGHT)}
_READABLE = 4.5
_CONSOLE_STROKES = str.maketrans(
    "╭╮╯╰┄┆┏┓┛┗━┃▚╳✓✗►•…–—‘’“”▁▂▃▅▆▇▊▎▔▕▏",
    "┌┐┘└·:▓▓▓▓▓▓▒X√x>*»--''\"\"__▄▄▄██│▀││",
)
"""What is cut does not end in what ends a sentence."""


class SixteenColours(LineFilter):
    """`console`: TERM is a Linux console, whose font has few strokes."""

    def __init__(self, *, console: bool) -> None:
        super().__init__()
        self._console = console

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - textual's signature
        return [
            Segment(text.translate(_CONSOLE_STROKES) if self._console else text, style and _painted(style), control)
            for text, style, control in segments
        ]


def wanted(system: str | None) -> bool:
    """Whether a terminal with rich's colour system of this name has 16 colours."""
    return system == ColorSystem.STANDARD.name.lower()


@lru_cache(4096)
def _painted(style: Style) -> Style:
    """The style in the 16."""
    paper = _paper(_of(style.bgcolor) or _DARK)
    asked = _of(style.color) or _GREY
    ink = _grain(asked, paper) if asked in _GRAINS else _ink(asked, paper)
    weight = Style(bold=False) if ink == _DARK else Style()
    return style + Style.from_color(ink.rich_color, paper.rich_color) + weight


def _of(colour: Ink | None) -> Color | None:
    return None if colour is None or colour.is_default else Color.from_rich_color(colour)


def _paper(asked: Color) -> Color:
    return _AS_PAPER.get(asked) or _nearest(asked, _PAPERS)


def _ink(asked: Color, paper: Color) -> Color:
    ink = _AS_INK.get(asked) or _nearest(asked, _COLOURS)
    if _contrast(ink, paper) >= _READABLE:
        return ink
    return max(_COLOURS[15], _COLOURS[0], key=lambda other: _contrast(other, paper))


def _grain(asked: Color, paper: Color) -> Color:
    """A texture stays behind the letters: black on a colour, a dark colour on black."""
    return _DARK if paper != _DARK else _nearest(asked, (_BROWN, _NAVY, _COLOURS[8]))


def _nearest(asked: Color, among: tuple[Color, ...]) -> Color:
    return min(among, key=lambda colour: sum((a - b) ** 2 for a, b in zip(asked.rgb, colour.rgb, strict=True)))


def _contrast(one: Color, other: Color) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    """Relative, as WCAG 2 reckons it."""
    red, green, blue = (
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
