# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a file's certificates stand: which sheet, which line has the headings, which column is which field.

Columns are found by name, in any order. Where two could be meant, or none is, a person says which (`Choices`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from station.cloud.files.cells import meant, simplified
from station.cloud.files.sheets import EXPORT_AGAIN, Sheet, cannot_read, letters
from station.codes import Code
from station.errors import UsageError
from station.model import Provider
from station.printable import printable

_LIVING: Mapping[str, tuple[str, ...]] = {
    "ProductKey": ("productkey", "pk", "产品key"),
    "DeviceName": ("devicename", "dn", "设备名称", "设备名"),
    "DeviceSecret": ("devicesecret", "ds", "设备密钥"),
    "ProductSecret": ("productsecret", "ps", "产品密钥"),
    "IotId": ("iotid", "设备iotid"),
    "DeviceId": ("deviceid", "设备id"),
    "Status": ("status", "devicestatus", "状态", "设备状态"),
    "NVR": ("nvrdevicename", "nvr设备名称", "nvr名称", "nvrname", "nvr"),
    "Channel": ("channel", "channelno", "通道", "通道号"),
}
_IOTDA: Mapping[str, tuple[str, ...]] = {
    **{name: spellings for name, spellings in _LIVING.items() if name not in ("ProductSecret", "IotId", "DeviceId")},
    "ProductKey": ("productid", "产品id", "所属产品"),
    "DeviceName": ("deviceid", "设备id"),
    "DeviceSecret": ("secret", "devicesecret", "密钥", "设备密钥"),
    "NodeId": ("nodeid", "设备标识码"),
}
_IOTDA_NAMES = {"ProductKey": "ProductId", "DeviceName": "DeviceId", "DeviceSecret": "Secret"}
REQUIRED = ("ProductKey", "DeviceName", "DeviceSecret")
_FIRST_LINES = 40
_SHOWN = 30
_SEPARATORS = re.compile(r"[\s_\-\u200b-\u200f\ufeff]")
_PARTS = re.compile(r"[()（）\[\]【】/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person says of a file. `columns`: field → column letter, number or heading; `sheet`: its name;
    `statuses`: word → whether it means unused; `any_length`: its secrets differ in length, and are whole."""

    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    statuses: Mapping[str, bool] = field(default_factory=dict)
    any_length: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlace:
    """Where the certificates are. `heading`: its line's number, 0 when there is none."""

    sheet: Sheet
    heading: int
    columns: Mapping[str, int]
    notes: tuple[str, ...] = ()


def spellings(provider: Provider) -> Mapping[str, tuple[str, ...]]:
    """Each field with what its column may be called; case, blanks, - and _ do not count."""
    return _IOTDA if provider is Provider.IOTDA else _LIVING


def title(provider: Provider, name: str) -> str:
    """What that cloud calls a field."""
    return _IOTDA_NAMES.get(name, name) if provider is Provider.IOTDA else name


def has_headings(provider: Provider, choices: Choices, cells: Sequence[str]) -> bool:
    """Whether a line names the fields that a certificate needs."""
    found = _fields(provider, cells)
    return all(name in found or name in choices.columns for name in REQUIRED) and len(found) > 1


def find(sheets: Sequence[Sheet], provider: Provider, choices: Choices, path: Path) -> TablePlace:
    """UsageError E122 when there is no such place, or more than one."""
    _require_known_fields(provider, choices)
    if choices.sheet:
        sheets = [sheet for sheet in sheets if sheet.name == choices.sheet]
        if not sheets:
            raise cannot_read(path, f" has no sheet “{choices.sheet}”", "see how its sheets are called")
    wanted = [sheet for sheet in sheets if sheet.lines and (choices.sheet or not sheet.hidden)]
    found = [place for sheet in wanted if (place := _place(sheet, provider, choices, path)) is not None]
    if len(found) > 1:
        names = ", ".join(f"“{place.sheet.name}”" for place in found)
        raise cannot_read(path, f" has certificates on {len(found)} sheets: {names}", "say which with --sheet NAME")
    if not found:
        raise _none(sheets, provider, path)
    [place] = found
    left = [sheet.name for sheet in sheets if sheet.hidden and sheet.lines and sheet is not place.sheet]
    notes = tuple(f"the hidden sheet “{name}” was left alone" for name in left)
    return TablePlace(sheet=place.sheet, heading=place.heading, columns=place.columns, notes=notes)


def repeats(provider: Provider, cells: Sequence[str], place: TablePlace) -> bool:
    """Whether a line is the headings once more, as where exports were put one below the other."""
    columns = [(place.columns[name], name) for name in REQUIRED]
    return all(column < len(cells) and _field(provider, cells[column]) == name for column, name in columns)


def _place(sheet: Sheet, provider: Provider, choices: Choices, path: Path) -> TablePlace | None:
    for number, cells in sheet.lines[:_FIRST_LINES]:
        if has_headings(provider, choices, cells) or _says(cells, choices):
            found = _fields(provider, cells)
            mapped = {name: _column(cells, at, sheet, path) for name, at in choices.columns.items()}
            twice = {name: at for name, at in found.items() if len(at) > 1 and name not in mapped}
            if twice:
                raise _twice({title(provider, name): at for name, at in twice.items()}, sheet, number, path)
            free = {name: at[0] for name, at in found.items() if at[0] not in mapped.values()}
            return TablePlace(sheet=sheet, heading=number, columns=free | mapped)
    if all(name in choices.columns for name in REQUIRED):
        columns = {name: _column((), where, sheet, path) for name, where in choices.columns.items()}
        return TablePlace(sheet=sheet, heading=0, columns=columns)
    return None


def _fields(provider: Provider, cells: Sequence[str]) -> dict[str, list[int]]:
    """Field → the columns that are called so."""
    found: dict[str, list[int]] = {}
    for column, cell in enumerate(cells):
        if name := _field(provider, cell):
            found.setdefault(name, []).append(column)
    return found


def _field(provider: Provider, heading: str) -> str:
    """The field a heading names. Of “产品密钥(ProductKey)” the Latin half counts: it is the field's own name, the rest
    a translation, and those differ."""
    if len(heading) > 60:
        return ""
    text = simplified(heading)
    whole, *parts = [_SEPARATORS.sub("", part).lower() for part in (text, *_PARTS.split(text))]
    for group in ([whole], [p for p in parts if p.isascii()], [p for p in parts if not p.isascii()]):
        named = {name for name, known in spellings(provider).items() for part in group if part in known}
        if named:
            return named.pop() if len(named) == 1 else ""
    return ""


def _says(cells: Sequence[str], choices: Choices) -> bool:
    """Whether a line has all the headings that a person named."""
    named = [where for where in choices.columns.values() if _by_letter(where) is None]
    texts = [meant(cell)[0] for cell in cells]
    return bool(named) and all(where in texts for where in named)


def _column(cells: Sequence[str], where: str, sheet: Sheet, path: Path) -> int:
    texts = [meant(cell)[0] for cell in cells]
    column = texts.index(where) if where in texts else _by_letter(where)
    if column is None:
        raise cannot_read(path, f"{sheet} has no column “{where}”", "name it by its heading, or its letter: A, B …")
    return column


def _by_letter(where: str) -> int | None:
    if where.isascii() and where.isdigit() and 0 < int(where) <= 256:
        return int(where) - 1
    if re.fullmatch(r"[A-Z]{1,2}", where):
        value = 0
        for letter in where:
            value = value * 26 + ord(letter) - ord("A") + 1
        return value - 1
    return None


def _require_known_fields(provider: Provider, choices: Choices) -> None:
    unknown = [name for name in choices.columns if name not in spellings(provider)]
    if unknown:
        known = ", ".join(title(provider, name) for name in spellings(provider))
        raise UsageError(f"there is no field {', '.join(unknown)}", do=f"the fields are {known}", code=Code.E122)


def field_named(provider: Provider, text: str) -> str:
    """The field that a person means, in any of its spellings; `text` itself when there is none."""
    return _field(provider, text) or text


def _twice(twice: Mapping[str, list[int]], sheet: Sheet, number: int, path: Path) -> UsageError:
    told = "; ".join(f"{name} in {' and '.join(letters(at) for at in columns)}" for name, columns in twice.items())
    name, columns = next(iter(twice.items()))
    return cannot_read(
        path,
        f"{sheet}, row {number} has a field twice: {told}",
        f"delete the columns that are not meant, or say which: --map {name}={letters(columns[0])}",
    )


def _none(sheets: Sequence[Sheet], provider: Provider, path: Path) -> UsageError:
    """A line's texts are quoted only where it has headings: without them it holds a secret."""
    hidden = [sheet.name for sheet in sheets if sheet.hidden and sheet.lines]
    if not any(sheet.lines for sheet in sheets if not sheet.hidden):
        if hidden:
            return cannot_read(path, f" has hidden sheets only: {', '.join(hidden)}", "say which with --sheet NAME")
        return cannot_read(path, " is empty", EXPORT_AGAIN)
    best = max(
        (
            (sheet, number, cells, found)
            for sheet in sheets
            for number, cells in sheet.lines[:_FIRST_LINES]
            if (found := _fields(provider, cells))
        ),
        key=lambda line: len(line[3]),
        default=None,
    )
    titles = [title(provider, name) for name in REQUIRED]
    if best is None or len(best[3]) < 2:
        return cannot_read(
            path,
            f" has no headings in its first {_FIRST_LINES} rows",
            f"write them above the certificates: {', '.join(titles)}; or say: --map {titles[1]}=B",
        )
    sheet, number, cells, found = best
    missing = [title(provider, name) for name in REQUIRED if name not in found]
    there = ", ".join(printable(cell[:_SHOWN]) for cell in cells if cell)[:200]
    return cannot_read(
        path,
        f"{sheet}, row {number} has no column for {', '.join(missing)}",
        f"it has: {there}. Add it, or say which it is: --map {missing[0]}=B",
    )
