# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of file becomes first: sheets of numbered lines of cells."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from station.codes import Code
from station.errors import UsageError

MAX_BYTES = 256 * 1024 * 1024
"""Of a file, and of all that is unpacked from one: a few kilobytes can claim terabytes."""
MAX_ROWS = 1_048_576
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)
"""What a damaged zip file makes its reader raise; RuntimeError is how it says that an entry is encrypted."""
MAX_COLUMNS = 256
MAX_CELLS = 16_000_000


class OddText(str):
    """A cell whose text may not be what its author meant, such as a number that a spreadsheet has rounded."""

    why: str

    def __new__(cls, text: str, why: str) -> OddText:
        made = super().__new__(cls, text)
        made.why = why
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Cells merged into one; from 1, both ends included, columns from 0."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`lines`: (row number as a spreadsheet shows it, cells), without empty ones. `name` "" where there is one only.
    `whole` False: its last line has no end, so that it may be cut off."""

    lines: tuple[tuple[int, list[str]], ...]
    name: str = ""
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[Merged, ...] = ()
    whole: bool = True

    def __str__(self) -> str:
        return f", sheet “{self.name}”" if self.name else ""

    @property
    def merged_cells(self) -> int:
        """How many cells `merged_below` gives: areas may lie over each other in a hostile file."""
        last = self.last_row
        return sum(max(0, min(area.last_row, last) - area.first_row) for area in self.merged)

    def merged_below(self) -> Iterator[tuple[int, int, int]]:
        """(row, column, first row) of each cell that shows what a cell above it holds."""
        for area in self.merged:
            if area.first_column == area.last_column:
                for row in range(area.first_row + 1, min(area.last_row, self.last_row) + 1):
                    yield row, area.first_column, area.first_row

    @property
    def last_row(self) -> int:
        return self.lines[-1][0] if self.lines else 0


EXPORT_AGAIN = "export it again; an empty one to be filled in: station import --template certificates.xlsx"


def cannot_read(path: Path, why: str, do: str) -> UsageError:
    return UsageError(f"{path}{why}", means="nothing was imported", do=do, code=Code.E122)


def letters(column: int) -> str:
    """A column as a spreadsheet names it: 0 = A, 26 = AA."""
    name = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name
