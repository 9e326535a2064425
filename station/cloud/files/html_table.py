# SPDX-License-Identifier: GPL-3.0-or-later
"""A web page's tables: what many consoles call an .xls. Texts are as a browser shows them."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

from station.cloud.files.sheets import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Merged, Sheet, cannot_read

_AGAIN = "export it again as CSV or XLSX"


def looks_like_html(text: str) -> bool:
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    return start.startswith("<") and not start.startswith("<?xml") and ("<table" in text.lower() or "<html" in start)


def read_html(text: str, path: Path) -> list[Sheet]:
    """Each table is a sheet. UsageError when one has no end, or lies in another."""
    parser = _Tables(path)
    parser.feed(text)
    parser.close()
    if parser.open_tables:
        raise cannot_read(path, ": its table has no end, so that it may be cut off", _AGAIN)
    alone = len(parser.sheets) == 1
    return [
        Sheet(name="" if alone else f"table {number}", lines=tuple(lines), merged=tuple(merged))
        for number, (lines, merged) in enumerate(parser.sheets, 1)
    ]


class _Tables(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[tuple[list[tuple[int, list[str]]], list[Merged]]] = []
        self.open_tables = 0
        self._path = path
        self._row: list[str] | None = None
        self._number = self._held = 0
        self._cell: list[str] | None = None
        self._across = self._down = 1
        self._taken: dict[int, int] = {}  # column → last row that a cell above reaches into

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "tr", "td", "th") and _is_hidden(dict(attrs)):
            raise cannot_read(self._path, " has hidden parts in its table", _AGAIN)
        if tag == "table":
            self.open_tables += 1
            if self.open_tables > 1:
                raise cannot_read(self._path, " has a table inside a table", _AGAIN)
            self.sheets.append(([], []))
            self._number, self._taken = 0, {}
        elif not self.open_tables:
            return
        elif tag == "tr":
            self._end_row()
            self._number += 1
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            if self._row is None:
                raise cannot_read(self._path, " has a cell outside a row", _AGAIN)
            spans = dict(attrs)
            self._cell, self._across, self._down = [], _span(spans.get("colspan")), _span(spans.get("rowspan"))
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table" and self.open_tables:
            self._end_row()
            self.open_tables -= 1

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        while self._taken.get(len(self._row), 0) >= self._number:
            self._row.append("")
        column = len(self._row)
        if column + self._across > MAX_COLUMNS:
            raise cannot_read(self._path, f", row {self._number} has more than {MAX_COLUMNS} columns", _AGAIN)
        self._row += ["".join(self._cell).strip(), *[""] * (self._across - 1)]
        if self._down > 1 or self._across > 1:
            last_row, last_column = self._number + self._down - 1, column + self._across - 1
            self.sheets[-1][1].append(
                Merged(first_row=self._number, last_row=last_row, first_column=column, last_column=last_column)
            )
            self._taken |= dict.fromkeys(range(column, last_column + 1), last_row)
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None and any(self._row):
            self._held += len(self._row)
            if self._held > MAX_CELLS or self._number > MAX_ROWS:
                raise cannot_read(self._path, " has too many rows or cells", "split it")
            self.sheets[-1][0].append((self._number, self._row))
        self._row = None


def _is_hidden(attributes: Mapping[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style


def _span(value: str | None) -> int:
    return max(1, int(value)) if value and value.isascii() and value.isdigit() and len(value) < 6 else 1
