# SPDX-License-Identifier: GPL-3.0-or-later
"""Traceability as CSV (RFC 4180, UTF-8 with BOM so that spreadsheets read Chinese) or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TextIO

from station.ledger.tracing import Trace
from station.printable import printable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(traces: Iterable[Trace], out: TextIO) -> int:
    """Number of rows. A cell that a spreadsheet would take for a formula gets a leading apostrophe; what nobody sees
    in a text is written as in JSON, since a terminal may read it."""
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([f.name for f in fields(Trace)])
    rows = 0
    for trace in traces:
        writer.writerow([_harmless(value) for value in _columns(trace).values()])
        rows += 1
    return rows


def write_json_lines(traces: Iterable[Trace], out: TextIO) -> int:
    """Number of lines."""
    lines = 0
    for trace in traces:
        out.write(printable(json.dumps({"schema": 1, **_columns(trace)}, ensure_ascii=False)) + "\n")
        lines += 1
    return lines


def _columns(trace: Trace) -> dict[str, object]:
    """`reason` says its code too, as it did before that had a column of its own."""
    return asdict(trace) | {"reason": trace.why}


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    return printable(f"'{value}" if value.startswith(_FORMULA) else value)
