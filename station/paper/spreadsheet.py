# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as a spreadsheet: XLSX, a table a sheet. Text stays text: no cell begins a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from station.paper.tables import Cell, Column, Kind, ReportFigure, ReportTable, Row
from station.printable import printable

_MOST_ROWS = 1_000_000
"""A sheet has 1,048,576."""


def write_xlsx(figures: Sequence[ReportFigure], heading: str, tables: Iterable[ReportTable], path: Path) -> None:
    """`heading`: of the sheet with the figures. OSError where it cannot be written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(heading))
    for figure in figures:
        sheet.append([figure.title, _cell(sheet, figure.value, figure.kind)])
    for table in tables:
        for part, rows in enumerate(_parts(table.rows)):
            name = f"{table.title} {part + 1}" if part else table.title
            _fill(book.create_sheet(_sheet_name(name)), table.columns, rows)
    book.save(path)


def _fill(sheet: WriteOnlyWorksheet, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    sheet.freeze_panes = "A2"
    sheet.append([column.title for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, value, column.kind) for value, column in zip(row, columns, strict=True)])


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for at in range(0, max(1, len(rows)), _MOST_ROWS):
        yield rows[at : at + _MOST_ROWS]


def _cell(sheet: WriteOnlyWorksheet, value: Cell, kind: Kind) -> object:
    if value is None:
        return None
    if kind is Kind.MOMENT:
        here = datetime.fromtimestamp(int(float(value)))  # noqa: DTZ006 - as this PC's clock has it
        return _as(sheet, here, "yyyy-mm-dd hh:mm:ss")
    if kind is Kind.PART:
        return _as(sheet, value, "0.0%")
    if isinstance(value, str):
        return _as(sheet, printable(value), "@") if value.startswith("=") else printable(value)
    return value


def _as(sheet: WriteOnlyWorksheet, value: str | float | datetime, number_format: str) -> object:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # else it is taken for a formula
    cell.number_format = number_format
    return cell


def _sheet_name(title: str) -> str:
    """Names of sheets have 31 characters at most, and not all characters."""
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in title)[:31]
