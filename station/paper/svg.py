# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a report, drawn by hand: a few kilobytes each, sharp in print, coloured by the page's style alone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from station.printable import printable

_WIDE, _HIGH = 640.0, 170.0
_LEFT, _BELOW = 46.0, 24.0
_MOST_LABELS = 8
_ROW = 24.0
_NAME_CELLS = 26


def columns(labels: Sequence[str], passed: Sequence[int], failed: Sequence[int], title: str) -> str:
    """Stacked columns, what passed below what failed; every label is a moment, of which some are written."""
    most = max([1, *(a + b for a, b in zip(passed, failed, strict=True))])
    step = (_WIDE - _LEFT) / max(1, len(labels))
    parts = [_grid(str(most), str(most // 2) if most > 1 else "")]
    for at, (label, good, bad) in enumerate(zip(labels, passed, failed, strict=True)):
        left, wide = _LEFT + at * step + step * 0.1, step * 0.8
        high, above = _HIGH * good / most, _HIGH * bad / most
        tip = f"<title>{_text(label)}: {good} + {bad}</title>"
        parts.append(
            f'<g>{tip}<rect class="good" x="{left:.1f}" y="{_HIGH - high:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'
        )
        parts.append(
            f'<rect class="bad" x="{left:.1f}" y="{_HIGH - high - above:.1f}"'
            f' width="{wide:.1f}" height="{above:.1f}"/></g>'
        )
    return _svg([*parts, *_labels(labels, step)], _HIGH + _BELOW, title)


def curve(labels: Sequence[str], parts: Sequence[float | None], title: str) -> str:
    """0..1 over moments; where one has none the line is broken."""
    step = (_WIDE - _LEFT) / max(1, len(labels))
    drawn = [_grid("100%", "50%")]
    path, pen = "", "M"
    for at, part in enumerate(parts):
        if part is None:
            pen = "M"
            continue
        x, y = _LEFT + (at + 0.5) * step, _HIGH * (1 - part)
        path += f"{pen}{x:.1f} {y:.1f}"
        pen = "L"
        drawn.append(
            f'<circle class="good" cx="{x:.1f}" cy="{y:.1f}" r="2.5">'
            f"<title>{_text(labels[at])}: {part:.1%}</title></circle>"
        )
    drawn.append(f'<path class="line" d="{path}"/>' if path else "")
    return _svg([*drawn, *_labels(labels, step)], _HIGH + _BELOW, title)


def bars(rows: Sequence[tuple[str, float, str]], title: str, *, kind: str = "good") -> str:
    """Lying bars from the same zero: what it is, how much, and that in words."""
    most = max((value for _, value, _ in rows), default=0.0) or 1.0
    room = _WIDE - 330.0
    drawn = []
    for at, (name, value, words) in enumerate(rows):
        y = at * _ROW
        short = name if len(name) <= _NAME_CELLS else f"{name[: _NAME_CELLS - 1]}…"
        wide = max(1.0, room * value / most)
        drawn.append(f'<text class="name" x="205" y="{y + 16:.0f}">{_text(short)}</text>')
        drawn.append(
            f'<rect class="{kind}" x="212" y="{y + 4:.0f}" width="{wide:.1f}" height="{_ROW - 8:.0f}">'
            f"<title>{_text(name)}: {_text(words)}</title></rect>"
        )
        drawn.append(f'<text x="{218 + wide:.1f}" y="{y + 16:.0f}">{_text(words)}</text>')
    return _svg(drawn, max(_ROW, len(rows) * _ROW), title)


def _grid(top: str, middle: str) -> str:
    lines = ((0.0, top), (_HIGH / 2, middle), (_HIGH, "0"))
    return "".join(
        f'<line class="grid" x1="{_LEFT:.0f}" x2="{_WIDE:.0f}" y1="{y:.0f}" y2="{y:.0f}"/>'
        f'<text class="name" x="{_LEFT - 6:.0f}" y="{y + 4:.0f}">{words}</text>'
        for y, words in lines
        if words
    )


def _labels(labels: Sequence[str], step: float) -> list[str]:
    """As many as have room."""
    each = -(-len(labels) // _MOST_LABELS) or 1
    return [
        f'<text class="when" x="{_LEFT + (at + 0.5) * step:.1f}" y="{_HIGH + 16:.0f}">{_text(labels[at])}</text>'
        for at in range(0, len(labels), each)
    ]


def _svg(parts: Sequence[str], high: float, title: str) -> str:
    return (
        f'<svg role="img" aria-label="{_text(title)}" viewBox="0 -12 {_WIDE + 30:.0f} {high + 14:.0f}">'
        + "".join(parts)
        + "</svg>"
    )


def _text(text: str) -> str:
    return escape(printable(text))
