# SPDX-License-Identifier: GPL-3.0-or-later
"""Traceability and stays as CSV (RFC 4180, UTF-8 with BOM so that spreadsheets read Chinese) or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TextIO

from station.ledger.stays import Stay
from station.ledger.tracing import Trace
from station.printable import printable

Exported = Trace | Stay
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(exported: Iterable[Exported], out: TextIO, of: type[Exported] = Trace) -> int:
    """Number of rows. A cell that a spreadsheet would take for a formula gets a leading apostrophe; what nobody sees
    in a text is written as in JSON, since a terminal may read it."""
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([f.name for f in fields(of)])
    rows = 0
    for one in exported:
        writer.writerow([harmless(value) for value in _columns(one).values()])
        rows += 1
    return rows


def write_json_lines(exported: Iterable[Exported], out: TextIO) -> int:
    """Number of lines."""
    lines = 0
    for one in exported:
        out.write(printable(json.dumps({"schema": 1, **_columns(one)}, ensure_ascii=False)) + "\n")
        lines += 1
    return lines


def _columns(one: Exported) -> dict[str, object]:
    """A trace's `reason` says its code too, as it did before that had a column of its own."""
    return asdict(one) | ({"reason": one.why} if isinstance(one, Trace) else {})


def harmless(value: object) -> object:
    """As a spreadsheet and a terminal may read it."""
    if not isinstance(value, str):
        return value
    return printable(f"'{value}" if value.startswith(_FORMULA) else value)
