# SPDX-License-Identifier: GPL-3.0-or-later
"""XLSX, read strictly (ECMA-376 part 1, §18.3). Only what is in the cells counts: a recorded dimension is ignored, rows
and cells out of order are refused, and what is no text (number, date, formula, error) is marked as such.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.parsers import expat

from station.cloud.files.sheets import (
    BROKEN_ZIP,
    MAX_BYTES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Merged,
    OddText,
    Sheet,
    cannot_read,
)

_PIECE = 1 << 16
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_LITERAL = re.compile(r'"([^"]*)"')
_NUMBER = "a number in the sheet, so that zeros in front or digits at the end may be lost"
_AS_CSV = "save it as CSV in UTF-8, and import that"

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Attributes = Mapping[str, str]


class Broken(Exception):
    """Why this workbook cannot be read."""


class Workbook:
    """An open XLSX; at most MAX_BYTES are unpacked of it, whatever it claims."""

    def __init__(self, packed: zipfile.ZipFile, path: Path) -> None:
        self._packed, self._path, self._left = packed, path, MAX_BYTES

    def sheets(self) -> list[Sheet]:
        """UsageError when it cannot be read whole."""
        try:
            return self._sheets()
        except (*BROKEN_ZIP, expat.ExpatError, LookupError, OverflowError) as error:
            raise cannot_read(self._path, " is not a readable XLSX file, or not all of it", _AS_CSV) from error
        except RuntimeError as error:
            raise cannot_read(self._path, " is protected by a password", "save it without one") from error
        except Broken as error:
            raise cannot_read(self._path, str(error), _AS_CSV) from error

    def _sheets(self) -> list[Sheet]:
        main = next(iter(self._related("", "/officeDocument").values()), "xl/workbook.xml")
        if main not in self._packed.namelist():
            raise Broken(" holds no XLSX workbook")
        texts = [self._texts(part) for part in self._related(main, "/sharedStrings").values()]
        parts = self._related(main, "/worksheet")
        named: list[tuple[str, str, bool]] = []

        def start(name: str, attributes: Attributes) -> None:
            if name == "sheet" and (part := parts.get(attributes.get("id", ""))):
                named.append((attributes.get("name", ""), part, attributes.get("state", "visible") != "visible"))

        self._parse(main, start=start)
        return [
            self._sheet(name, part, texts[0] if texts else [], hidden=hidden, alone=len(named) == 1)
            for name, part, hidden in named
        ]

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """Id → part, of the relations of this kind that `part` has."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, str] = {}

        def start(element: str, attributes: Attributes) -> None:
            if element == "Relationship" and attributes.get("Type", "").endswith(kind):
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
                found[attributes.get("Id", "")] = target

        if relations in self._packed.namelist():
            self._parse(relations, start=start)
        return found

    def _texts(self, part: str) -> list[str]:
        reader = _SharedTexts()
        self._parse(part, start=reader.start, end=reader.end, text=reader.text)
        return reader.found

    def _sheet(self, name: str, part: str, texts: list[str], *, hidden: bool, alone: bool) -> Sheet:
        reader = _Cells(name, texts)
        self._parse(part, start=reader.start, end=reader.end, text=reader.text)
        return Sheet(
            name="" if alone else name,
            hidden=hidden,
            lines=tuple(reader.lines),
            hidden_rows=frozenset(reader.hidden_rows),
            merged=tuple(reader.merged),
        )

    def _parse(
        self,
        part: str,
        *,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = lambda name, attributes: start(_local(name), _local_keys(attributes))
        if end is not None:
            parser.EndElementHandler = lambda name: end(_local(name))
        parser.CharacterDataHandler = text
        with self._packed.open(part) as stream:
            while piece := stream.read(_PIECE):
                self._left -= len(piece)
                if self._left < 0:
                    raise Broken(f" unpacks to more than {MAX_BYTES // 2**20} MiB")
                parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - expat takes it by position only


def _no_doctype(*_declared: object) -> None:
    raise Broken(" declares a document type, which no spreadsheet does")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _local_keys(attributes: Attributes) -> Attributes:
    return {_local(key): value for key, value in attributes.items()}


class _SharedTexts:
    """Texts that cells name by number. Phonetic hints (rPh) are no part of a text."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._text: list[str] = []
        self._reading = self._hint = False

    def start(self, name: str, _attributes: Attributes) -> None:
        if name == "si":
            self._text = []
        self._hint = self._hint or name == "rPh"
        self._reading = name == "t" and not self._hint

    def text(self, text: str) -> None:
        if self._reading:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._reading = False
        if name == "rPh":
            self._hint = False
        if name == "si":
            self.found.append(_unescaped("".join(self._text)))


class _Cells:
    """One sheet's cells, in the order they stand there; Broken when a row or a cell comes twice or out of turn."""

    def __init__(self, name: str, texts: list[str]) -> None:
        self.lines: list[tuple[int, list[str]]] = []
        self.hidden_rows: list[int] = []
        self.merged: list[Merged] = []
        self._name, self._texts = name, texts
        self._row = self._held = 0
        self._row_hidden = False
        self._cells: list[str] = []
        self._column = -1
        self._type = ""
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._hint = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._start_row(attributes)
        elif name == "c":
            self._start_cell(attributes)
        elif name == "rPh":
            self._hint = True
        elif name == "f":
            self._into = self._formula = []
        elif name in ("v", "t") and not self._hint:
            self._into = self._value
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)

    def end(self, name: str) -> None:
        if name in ("v", "t", "f"):
            self._into = None
        elif name == "rPh":
            self._hint = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and any(self._cells):
            self._held += len(self._cells)
            if self._held > MAX_CELLS:
                raise Broken(f", sheet “{self._name}” has more than {MAX_CELLS} cells")
            self.lines.append((self._row, self._cells))
            if self._row_hidden:
                self.hidden_rows.append(self._row)

    def _start_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._row + 1))
        if not self._row < number <= MAX_ROWS:
            raise Broken(f", sheet “{self._name}”: row {number} comes after row {self._row}")
        self._row, self._cells, self._column = number, [], -1
        self._row_hidden = attributes.get("hidden", "0") in ("1", "true")

    def _start_cell(self, attributes: Attributes) -> None:
        column = self._column + 1
        if "r" in attributes:
            row, column = _place(attributes["r"])
            if row != self._row or column <= self._column:
                raise Broken(f", sheet “{self._name}”, row {self._row}: cells are twice there or out of order")
        self._column, self._type = column, attributes.get("t", "n")
        self._value, self._formula = [], None

    def _end_cell(self) -> None:
        value = self._read()
        if not value:
            return
        if self._column >= MAX_COLUMNS:
            raise Broken(f", sheet “{self._name}”, row {self._row} has more than {MAX_COLUMNS} columns")
        self._cells.extend([""] * (self._column - len(self._cells)))
        self._cells.append(value)

    def _read(self) -> str:
        value = "".join(self._value)
        if self._formula is not None:
            literal = _LITERAL.fullmatch("".join(self._formula).strip())
            return (
                literal[1] if literal else OddText(value, "a formula in the sheet, so that its value may be an old one")
            )
        if self._type == "s":
            return self._texts[int(value)] if value else ""
        if self._type in ("inlineStr", "str") or not value:
            return _unescaped(value)
        if self._type == "n":
            return OddText(_digits(value), _NUMBER)
        return OddText(value, "an error or a date in the sheet, not a text")

    def _merge(self, area: str) -> None:
        first, _, last = area.partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        self.merged.append(Merged(first_row=top, last_row=bottom, first_column=left, last_column=right))


def _place(reference: str) -> tuple[int, int]:
    """(row, column from 0) of "B12"."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        raise Broken(" has a cell without a place")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1


def _unescaped(text: str) -> str:
    """ST_Xstring, §22.9.2.19: `_x0009_` is a tab, `_x005F_` the underscore of a text that looks like one."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _digits(value: str) -> str:
    """A whole number without its decimal point or exponent, else as it stands."""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else value
