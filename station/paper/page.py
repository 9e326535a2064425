# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one page of HTML that needs nothing else: no network, no script, its style and pictures inside. All text
from outside is escaped, and the page forbids whatever it does not bring along.

Programs read it by `data-figure` and `data-table`; a cell's `data-value` is the number as it is.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from station.paper import svg
from station.paper.shown import shown
from station.paper.style import STYLE
from station.paper.tables import Cell, Kind, ReportFigure, ReportTable, Row, figures_of, stretch_key, tables_of
from station.printable import printable
from station.report.scope import Of
from station.report.sheet import MOST_EVENTS, ReportSheet
from station.words.figures import moment, zone
from station.words.language import Words
from station.words.report_words import ReportWords, report_words

MOST_ROWS = 5_000
"""Certificates that are listed one by one: more would be a page that no browser likes and nobody reads."""
_ROWS_A_PAGE = 250
_MOST_BARS = 16


def html_page(sheet: ReportSheet, certificates: ReportTable, words: Words, *, key: str) -> str:
    """`key`: the fingerprint of what signs it."""
    text = report_words(words.language)
    tables = {table.key: table for table in tables_of(sheet, words)}
    title = text.titles[sheet.scope.of].format(name=sheet.scope.name)
    style = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        [
            f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>",
            *_head(sheet, title, text),
            *_figures(figures_of(sheet, words)),
            *_pictures(sheet, tables, text),
            *_sections(sheet, tables, text),
            *_certificates(certificates, text),
            *_proof(sheet, text, key),
            "</body></html>",
        ]
    )


def _head(sheet: ReportSheet, title: str, text: ReportWords) -> Iterator[str]:
    yield f"<h1>{_text(title)}</h1>"
    if sheet.batch:
        yield f"<p>{_text(sheet.batch.product_key)}</p>"
    first, last = sheet.period.first_at, sheet.period.last_at
    if sheet.scope.of in (Of.BATCH, Of.LINE):
        when = text.period.format(since=moment(first), until=moment(last)) if first and last else ""
    else:
        when = text.period.format(since=moment(sheet.scope.since), until=moment(min(sheet.scope.until, sheet.made_at)))
    made = text.made.format(at=moment(sheet.made_at), bench=sheet.bench, zone=zone(sheet.made_at))
    yield f"<p>{_text(when)}</p><p>{_text(made)}</p>"


def _figures(figures: Iterable[ReportFigure]) -> Iterator[str]:
    yield "<dl>"
    for figure in figures:
        value = _text(shown(figure.value, figure.kind))
        yield f"<div><dt>{_text(figure.title)}</dt>"
        yield f'<dd data-figure="{figure.key}" data-value="{figure.value}">{value}</dd></div>'
    yield "</dl>"


def _pictures(sheet: ReportSheet, tables: dict[str, ReportTable], text: ReportWords) -> Iterator[str]:
    yield '<div class="two">'
    yield from _over_time(tables["stretches"].rows, stretch_key(sheet), text)
    pareto = [(f"{r[0]} {r[1]}", _number(r[2]), f"{r[2]} · {_number(r[3]):.0%}") for r in tables["failures"].rows]
    yield _bars(tables["failures"], pareto, text, kind="bad")
    judged = [r for r in tables["slots"].rows if r[5] is not None]
    slots = [(f"{r[0]} {r[1]}".strip(), _number(r[5]), f"{_number(r[5]):.1%} · {r[2]}+{r[3]}") for r in judged]
    yield _bars(tables["slots"], slots, text)
    phases = [(str(r[0]), _number(r[2]), f"{_number(r[2]):.1f} · {_number(r[3]):.1f} s") for r in tables["phases"].rows]
    yield _bars(tables["phases"], phases, text)
    yield _bars(tables["stock"], [(str(r[0]), _number(r[1]), f"{r[1]:,}") for r in tables["stock"].rows], text)
    yield "</div>"


def _over_time(rows: Sequence[Row], length: str, text: ReportWords) -> Iterator[str]:
    """What passed and failed, and the yield; `length`: of a stretch, in a word."""
    moments = [_label(row[0], length) for row in rows]
    passed, failed = ([int(_number(row[at])) for row in rows] for at in (1, 2))
    made = svg.columns(moments, passed, failed, text.stretches[length])
    parts = [None if row[3] is None else _number(row[3]) for row in rows]
    yield _section(text.stretches[length], made if rows else "", text)
    yield _section(text.yields[length], svg.curve(moments, parts, text.yields[length]) if rows else "", text)


def _number(cell: Cell) -> float:
    """Of a column of numbers."""
    return float(cell or 0)


def _bars(table: ReportTable, rows: Sequence[tuple[str, float, str]], text: ReportWords, *, kind: str = "good") -> str:
    return _section(table.title, svg.bars(rows[:_MOST_BARS], table.title, kind=kind) if rows else "", text)


def _label(begin: object, length: str) -> str:
    at = moment(float(str(begin)))
    return at[5:13].replace(" ", "\u00a0") + "h" if length == "hour" else at[5:10]


def _section(title: str, inside: str, text: ReportWords) -> str:
    return f"<section><h2>{_text(title)}</h2>{inside or f'<p>{_text(text.nothing)}</p>'}</section>"


def _sections(sheet: ReportSheet, tables: dict[str, ReportTable], text: ReportWords) -> Iterator[str]:
    for table in tables.values():
        yield f"<h2>{_text(table.title)}</h2>"
        if table.key == "events" and sheet.more_events:
            yield f"<p>{_text(text.more_events.format(most=MOST_EVENTS))}</p>"
        if table.rows:
            yield from _table(table, table.rows, with_values=True)
        else:
            yield f"<p>{_text(text.nothing)}</p>"


def _certificates(table: ReportTable, text: ReportWords) -> Iterator[str]:
    rows = _chosen(table)
    yield f"<h2>{_text(table.title)}</h2>"
    if len(rows) < len(table.rows):
        yield f"<p>{_text(text.counted_rows.format(of=len(table.rows), shown=len(rows)))}</p>"
    starts = range(0, len(rows), _ROWS_A_PAGE)
    if len(starts) > 1:
        yield "<nav>" + "".join(f'<a href="#rows-{at + 1}">{at + 1}</a>' for at in starts) + "</nav>"
    for at in starts:
        page = rows[at : at + _ROWS_A_PAGE]
        said = text.rows.format(first=at + 1, last=at + len(page), of=len(rows))
        yield f'<div class="page" id="rows-{at + 1}"><h3>{_text(said)}</h3>'
        yield from _table(table, page, with_values=False)
        yield "</div>"


def _chosen(table: ReportTable) -> tuple[Row, ...]:
    """All, or so many: what has a reason comes first."""
    if len(table.rows) <= MOST_ROWS:
        return table.rows
    why = next(at for at, column in enumerate(table.columns) if column.key == "why")
    return tuple(sorted(table.rows, key=lambda row: not row[why])[:MOST_ROWS])


def _table(table: ReportTable, rows: Iterable[Row], *, with_values: bool) -> Iterator[str]:
    number = ['"n"' if column.kind not in (Kind.TEXT, Kind.MOMENT) else "" for column in table.columns]
    heads = "".join(
        f"<th{f' class={n}' if n else ''}>{_text(column.title)}"
        for column, n in zip(table.columns, number, strict=True)
    )
    yield f'<table data-table="{table.key}"><thead><tr>{heads}</thead><tbody>'
    for row in rows:
        cells = []
        for value, column, n in zip(row, table.columns, number, strict=True):
            raw = f' data-value="{_text(str(value))}"' if with_values and value is not None else ""
            cells.append(f"<td{f' class={n}' if n else ''}{raw}>{_text(shown(value, column.kind))}")
        yield "<tr>" + "".join(cells)
    yield "</tbody></table>"


def _proof(sheet: ReportSheet, text: ReportWords, key: str) -> Iterator[str]:
    checked = sheet.checked
    yield f"<h2>{_text(text.tables['proof'])}</h2>"
    if checked.wrong:
        said = text.broken.format(what=checked.wrong)
        yield f'<p class="wrong" data-figure="checked" data-value="broken">{_text(said)}</p>'
    else:
        whole = checked.lines == checked.of
        said = (text.checked_all if whole else text.checked_newest).format(lines=checked.lines, of=checked.of)
        yield f'<p data-figure="checked" data-value="intact">{_text(said)}</p>'
    yield f'<p class="mono" data-figure="audit_head" data-value="{sheet.head}">{sheet.head}</p>'
    yield f"<p>{_text(text.signature.format(bench=sheet.bench, key=key))}</p><p>{_text(text.how_to_verify)}</p>"


def _text(text: str) -> str:
    return escape(printable(text))
