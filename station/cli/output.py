# SPDX-License-Identifier: GPL-3.0-or-later
"""How commands print: one JSON object with a schema number, aligned columns, or lines; data to stdout, talk to stderr.

Whatever they are given, a terminal gets only what is printable. There is no other way out: elsewhere in here
`click.echo` and `print` are refused by ruff.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import click

from station.cli.dry import is_dry_run
from station.cli.pager import begin_paging, terminal_width
from station.cli.table import laid_out
from station.printable import printable

SCHEMA = 1


def print_json(content: Mapping[str, object]) -> None:
    """One line, flushed: a reader may be waiting for it. In a dry run it says so."""
    import json

    dry = {"dry_run": True} if is_dry_run() else {}
    click.echo(printable(json.dumps({"schema": SCHEMA, **content, **dry}, ensure_ascii=False, default=str)))


def print_line(text: object = "") -> None:
    """Data: one line."""
    begin_paging()
    click.echo(printable(str(text)))


def print_told(text: str, *, indent: str = "") -> None:
    """Data for people: one line, in the language of the bench where the tables have it."""
    click.echo(indent + printable(spoken(text)))


def print_lines(text: str) -> None:
    """Data: a whole text, with its line ends and tabs."""
    begin_paging()
    click.echo(_within_lines(text.removesuffix("\n")))


def say(text: object = "") -> None:
    """Talk: one line, in the language of the bench where the tables have it."""
    click.echo(printable(spoken(str(text))), err=True)


def say_lines(text: str) -> None:
    """Talk: a text of several lines."""
    click.echo(_within_lines(text), err=True)


def say_over(text: str) -> None:
    """Talk on a terminal: in the place of the line before, which `say` ends."""
    click.echo(f"\r{printable(text)}", nl=False, err=True)


def second(at: str) -> str:
    """The ledger's time, to the second; Z: it is UTC."""
    return f"{at[:19]}Z" if at else ""


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """As `table` lays it out, its headings in the language of the bench; on a terminal within its width."""
    lines = [tuple(map(spoken, header)), *(tuple("" if v is None else printable(str(v)) for v in row) for row in rows)]
    begin_paging()
    for line in laid_out(lines, terminal_width()):
        click.echo(line)


def shortened(names: Sequence[str], most: int = 10) -> str:
    """A list in words: what is left out is counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def spoken(text: str) -> str:
    """As details and cells are said; whatever fails, the text itself is told."""
    with suppress(Exception):
        from station.words.cells import cell
        from station.words.details import said

        words = click.get_current_context().find_root().obj.words
        return cell(said(text, words), words)
    return text


def _within_lines(text: str) -> str:
    return "\t".join(printable(part, lines=True) for part in text.split("\t"))
