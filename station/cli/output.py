# SPDX-License-Identifier: GPL-3.0-or-later
"""How commands print: one JSON object with a schema number, aligned columns, or a line. Whatever they are given, a
terminal gets only what is printable."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import click

from station.printable import printable

SCHEMA = 1


def print_json(content: Mapping[str, object]) -> None:
    """One line, flushed: a reader may be waiting for it."""
    click.echo(printable(json.dumps({"schema": SCHEMA, **content}, ensure_ascii=False, default=str)))


def print_line(text: str) -> None:
    click.echo(printable(text))


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Left-aligned columns, two cells apart; a Chinese character is two cells wide."""
    lines = [tuple(map(str, header)), *(tuple("" if v is None else printable(str(v)) for v in row) for row in rows)]
    widths = [max(_cells(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = (text + " " * (width - _cells(text)) for text, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def shortened(names: Sequence[str], most: int = 10) -> str:
    """A list in words: what is left out is counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return printable(", ".join(names[:most])) + more


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
