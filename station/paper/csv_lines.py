# SPDX-License-Identifier: GPL-3.0-or-later
"""A report for programs: CSV, one number a line. Text stays text: no cell begins a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from station.paper.tables import Cell, Kind, ReportFigure, ReportTable
from station.report.export import harmless


def write_csv(figures: Iterable[ReportFigure], tables: Iterable[ReportTable], out: TextIO) -> None:
    """`table,row,column,value`: keys are the same in every language, times are ISO 8601, UTC."""
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(("table", "row", "column", "value"))
    writer.writerows(("figures", figure.key, "value", figure.value) for figure in figures)
    for table in tables:
        for number, row in enumerate(table.rows, 1):
            for value, column in zip(row, table.columns, strict=True):
                writer.writerow((table.key, number, column.key, _cell(value, column.kind)))


def _cell(value: Cell, kind: Kind) -> object:
    if kind is Kind.MOMENT and value is not None:
        return datetime.fromtimestamp(float(value), UTC).isoformat(timespec="seconds")
    return harmless(value)
