# SPDX-License-Identifier: GPL-3.0-or-later
"""A file as rows of texts under named columns: CSV (UTF-8, UTF-8 with BOM, GBK), XLSX, or a JSON list of objects.

Cells are texts as written: a deviceName of digits keeps its zeros where the file does. What an XLSX keeps as a number
is refused for names and secrets by their rules, or read without a decimal point when it is whole.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from station.errors import UsageError

MAX_BYTES = 256 * 1024 * 1024
_MAX_UNPACKED_BYTES = 1024 * 1024 * 1024  # a few kilobytes of XLSX can claim terabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`rows`: (row number as a spreadsheet shows it, cells in the order of `columns`). For JSON, the item's index."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path) -> Table:
    """UsageError when the file is none of the three, or has no heading."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES // 2**20} MiB", do="split it")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", do="check the path") from error
    if content.startswith(b"PK\x03\x04"):
        return _headed(_spreadsheet(content, path), path)
    text = _decoded(content, path)
    if text.lstrip()[:1] in ("[", "{"):
        return _json_table(text, path)
    return _headed(_csv(text, path), path)


def _decoded(content: bytes, path: Path) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gbk"):  # Excel on a Chinese Windows writes GBK
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is neither UTF-8 nor GBK text", do="save it as CSV in UTF-8, or as XLSX")


def _csv(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}", do="correct that line") from error


def _spreadsheet(content: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - 0.2 s, and CSV does without

    try:
        _require_honest_size(content, path)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell(value) for value in cells]
    except UsageError:
        raise
    except Exception as error:  # a hostile workbook makes openpyxl raise nearly anything
        raise UsageError(f"{path} is not a readable XLSX file", do="save it as CSV in UTF-8") from error


def _require_honest_size(content: bytes, path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _MAX_UNPACKED_BYTES:
            raise UsageError(f"{path} unpacks to more than 1 GiB", do="save it as CSV")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()


def _headed(lines: Iterable[tuple[int, list[str]]], path: Path) -> Table:
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise UsageError(f"{path} is empty", do="export it again")
    (_, heading), *rest = filled
    width = len(heading)
    too_wide = [number for number, cells in rest if any(cells[width:])]
    if too_wide:
        raise UsageError(f"{path}, row {too_wide[0]} has more cells than the heading", do="correct that row")
    rows = tuple((number, tuple((cells + [""] * width)[:width])) for number, cells in rest)
    return Table(columns=tuple(heading), rows=rows)


def _json_table(text: str, path: Path) -> Table:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON", do="export it again") from error
    items = content
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        items = lists[0] if len(lists) == 1 else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise UsageError(f"{path} holds no list of objects", do="export it again")
    columns = tuple(dict.fromkeys(str(key) for item in items for key in item))
    rows = tuple((number, tuple(_cell(item.get(key)) for key in columns)) for number, item in enumerate(items, 1))
    return Table(columns=columns, rows=rows)
