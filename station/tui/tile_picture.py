# SPDX-License-Identifier: GPL-3.0-or-later
"""A painted tile as SVG: each cell in its place whatever the font, block letters as areas, so that paper shows what the
screen shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from rich.cells import cell_len
from rich.style import Style

from station.tui.canvas import Row

_WIDE, _HIGH = 8, 16
_BASELINE = 12
_AREAS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "█": ((0, 0, 1, 1),),
    "▀": ((0, 0, 1, 0.5),),
    "▄": ((0, 0.5, 1, 0.5),),
    "▚": ((0, 0, 0.5, 0.5), (0.5, 0.5, 0.5, 0.5)),
    "░": ((0, 0, 0.25, 0.125), (0.5, 0.25, 0.25, 0.125), (0, 0.5, 0.25, 0.125), (0.5, 0.75, 0.25, 0.125)),
}
"""Of a cell: left, top, width, height."""


def tile_picture(rows: Sequence[Row], title: str) -> str:
    width, height = sum(cell_len(text) for text, _ in rows[0]) * _WIDE, len(rows) * _HIGH
    papers = Counter(_colours(style)[1] for row in rows for text, style in row for _ in text)
    ground = f'<rect width="{width}" height="{height}" fill="{papers.most_common(1)[0][0]}"/>'
    parts = [part for y, row in enumerate(rows) for part in _row(row, y * _HIGH)]
    head = f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" shape-rendering="crispEdges">'
    return f"{head}{ground}{''.join(parts)}</svg>"


def _row(row: Row, top: int) -> Iterator[str]:
    x = 0
    for text, style in row:
        wide = cell_len(text) * _WIDE
        ink, paper = _colours(style)
        yield f'<rect x="{x}" y="{top}" width="{wide}" height="{_HIGH}" fill="{paper}"/>'
        yield from _letters(text, x, top, ink, bold=bool(style.bold))
        x += wide


def _letters(text: str, x: int, top: int, ink: str, *, bold: bool) -> Iterator[str]:
    drawn, written, places = "", "", []
    for letter in text:
        if letter in _AREAS:
            for left, above, wide, high in _AREAS[letter]:
                drawn += f"M{x + left * _WIDE:g} {top + above * _HIGH:g}h{wide * _WIDE:g}v{high * _HIGH:g}"
                drawn += f"h-{wide * _WIDE:g}z"
        elif letter != " ":
            written += letter
            places.append(str(x))
        x += cell_len(letter) * _WIDE
    if drawn:
        yield f'<path d="{drawn}" fill="{ink}"/>'
    if written:
        weight = ' font-weight="700"' if bold else ""
        yield f'<text x="{" ".join(places)}" y="{top + _BASELINE}" fill="{ink}"{weight}>{escape(written)}</text>'


def _colours(style: Style) -> tuple[str, str]:
    """Ink and paper."""
    ink, paper = (
        colour.get_truecolor().hex if colour is not None else default
        for colour, default in ((style.color, "#ffffff"), (style.bgcolor, "#000000"))
    )
    return (paper, ink) if style.reverse else (ink, paper)
