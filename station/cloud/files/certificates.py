# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows to certificates. A row is one certificate; in a file with NVR columns, rows that name the same NVR are one set:
the row whose own name is the NVR's (or whose channel is 0) is the NVR, the others are its cameras by channel number,
else in the file's order. All bad rows come out at once, each with its row number; no value is quoted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from station.cloud.files import headings
from station.cloud.files.alike import FileRow, KnownLength, alike
from station.cloud.files.cells import hidden_inside, meant, shortened
from station.cloud.files.headings import Choices, TablePlace
from station.cloud.files.opening import read_sheets
from station.cloud.files.sheets import OddText, letters
from station.cloud.files.statuses import spelled, status_of
from station.cloud.files.totals import total_line
from station.cloud.limits import faults
from station.cloud.values import nvr_set, single
from station.model import MAX_CHANNELS, STATUS_NOT_SAID, Certificate, CertName, Identity, Provider, Secret

_MAY_BE_NUMBERS = ("Status", "Channel")
_MERGED_NEVER = ("DeviceName", "DeviceSecret", "IotId", "DeviceId", "NodeId", "Channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """`row` 0: the file as a whole."""

    row: int
    text: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContents:
    """Whole identities, and every row that is none. `unclear`: status words that a person is to explain, with how many
    rows have each; `columns`: field → its letter; `heading` 0: none."""

    identities: tuple[Identity, ...]
    bad: tuple[BadRow, ...]
    notes: tuple[str, ...] = ()
    unclear: Mapping[str, int]
    columns: Mapping[str, str]
    sheet: str = ""
    heading: int = 0


def read_certificates(
    path: Path, provider: Provider, choices: Choices | None = None, *, known_length: KnownLength = lambda _product: None
) -> FileContents:
    """UsageError E122 when the file cannot be read, or not without guessing; bad rows are in the result."""
    choices = choices or Choices()
    sheets, said = read_sheets(path, partial(headings.has_headings, provider, choices))
    place = headings.find(sheets, provider, choices, path)
    reader = _Reader(provider, place, choices)
    reader.read()
    reader.rows, odd = alike(reader.rows, known_length, provider=provider, any_length=choices.any_length)
    reader.spoiled |= {row.set_name for row, _ in odd}
    identities, broken_sets = _identities(reader.rows, reader.spoiled)
    return FileContents(
        identities=tuple(identities),
        bad=tuple(sorted([*reader.bad, *_told(odd), *broken_sets], key=lambda bad: bad.row)),
        notes=(*said, *place.notes, *reader.notes(), *_digits(reader.rows)),
        unclear=dict(reader.unclear),
        columns={headings.title(provider, name): letters(column) for name, column in place.columns.items()},
        sheet=place.sheet.name,
        heading=place.heading,
    )


class _Reader:
    """Reads the rows under the headings."""

    def __init__(self, provider: Provider, place: TablePlace, choices: Choices) -> None:
        self.rows: list[FileRow] = []
        self.bad: list[BadRow] = []
        self.spoiled: set[str] = set()
        self.unclear: Counter[str] = Counter()
        self._provider, self._place = provider, place
        self._said = {spelled(word): unused for word, unused in choices.statuses.items()}
        self._taken_off: dict[str, list[int]] = {}
        self._left_out: list[str] = []
        self._merged = {(row, column): first for row, column, first in place.sheet.merged_below()}
        self._shown: dict[tuple[int, int], str] = {}

    def read(self) -> None:
        sheet, first_at = self._place.sheet, dict[CertName, int]()
        for number, cells in sheet.lines:
            if number <= self._place.heading or self._is_no_row(number, cells):
                continue
            fields = self._fields(number, cells)
            row, wrong = self._row(number, fields)
            wrong += self._of_line(number, cells)
            if row and row.certificate.name in first_at:
                wrong.append(f"its name is on row {first_at[row.certificate.name]} already")
            if row is None or wrong:
                self._set_aside(number, wrong, fields)
                continue
            first_at[row.certificate.name] = number
            self.rows.append(row)

    def notes(self) -> list[str]:
        return self._left_out + [
            f"{what} were taken off {len(rows)} cells, first in row {rows[0]}" for what, rows in self._taken_off.items()
        ]

    def _is_no_row(self, number: int, cells: Sequence[str]) -> bool:
        """The headings once more, or a total. A total that says another number is a bad row: rows are missing."""
        if headings.repeats(self._provider, cells, self._place):
            self._left_out.append(f"row {number} has the headings once more")
            return True
        counted = total_line(cells, self._place.columns["DeviceSecret"])
        if counted is None:
            return False
        rows = len(self.rows) + len({bad.row for bad in self.bad})
        if counted and rows not in counted:
            text = f"the total says {', '.join(map(str, counted))}, there are {rows} rows: some may be missing"
            self.bad.append(BadRow(row=number, text=text))
        else:
            self._left_out.append(f"row {number} is a total")
        return True

    def _fields(self, number: int, cells: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, column in self._place.columns.items():
            text, taken = meant(cells[column]) if column < len(cells) else ("", "")
            first = self._merged.get((number, column))
            if not text and first is not None and name not in _MERGED_NEVER and first > self._place.heading:
                text = self._shown.get((first, column), "")
            if taken:
                self._taken_off.setdefault(taken, []).append(number)
            self._shown[number, column] = found[name] = text
        return found

    def _of_line(self, number: int, cells: Sequence[str]) -> list[str]:
        """What is wrong with a line as a whole."""
        sheet, wrong = self._place.sheet, []
        heading = next((cells for line, cells in sheet.lines if line == self._place.heading), None)
        if heading is not None and any(cell.strip() for cell in cells[len(heading) :]):
            wrong.append("it has more cells than the headings")
        if number in sheet.hidden_rows:
            wrong.append("it is hidden in the sheet: show it, or delete it")
        if not sheet.whole and number == sheet.last_row:
            wrong.append("the file's last line has no end, so that it may be cut off: export the file again")
        return wrong

    def _set_aside(self, number: int, wrong: Sequence[str], fields: Mapping[str, str]) -> None:
        self.bad += [BadRow(row=number, text=text) for text in wrong]
        self.spoiled.add(fields.get("NVR", ""))

    def _row(self, number: int, cells: Mapping[str, str]) -> tuple[FileRow | None, list[str]]:
        called = partial(headings.title, self._provider)
        odd = [f"{called(name)} {text}" for name, cell in cells.items() if (text := _oddity(name, cell))]
        missing = [f"{called(name)} is missing" for name in headings.REQUIRED if not cells[name]]
        if odd or missing:
            return None, odd + missing
        channel = cells.get("Channel", "")
        if channel and not (channel.isascii() and re.fullmatch(r"[0-9]{1,3}", channel)):
            return None, ["the channel is not a number from 0 to 255"]
        status = status_of(cells.get("Status", ""), self._said)
        if status is None:
            self.unclear[cells["Status"]] += 1
        certificate = self._certificate(cells, STATUS_NOT_SAID if status is None else status)
        row = FileRow(
            number=number,
            certificate=certificate,
            set_name=cells.get("NVR", ""),
            channel=int(channel) if channel else None,
        )
        return row, faults(certificate)

    def _certificate(self, cells: Mapping[str, str], status: int) -> Certificate:
        secret = cells.get("ProductSecret", "")
        return Certificate(
            provider=self._provider,
            product_key=cells["ProductKey"],
            device_name=cells["DeviceName"],
            device_secret=Secret(cells["DeviceSecret"]),
            product_secret=Secret(secret) if secret else None,
            iot_id=cells.get("IotId", ""),
            device_id=cells.get("DeviceId", ""),
            node_id=cells.get("NodeId", ""),
            cloud_status=status,
        )


def _digits(rows: Sequence[FileRow]) -> list[str]:
    """Names of digits may have lost their zeros before they came here; only a person can know."""
    names = [row.certificate.device_name for row in rows]
    if all(name.isdigit() for name in names) and len({len(name) for name in names}) > 1:
        return ["the names are digits of different lengths: if a spreadsheet dropped zeros, do not go on"]
    return []


def _told(odd: Iterable[tuple[FileRow, str]]) -> list[BadRow]:
    return [BadRow(row=row.number, text=why) for row, why in odd]


def _oddity(name: str, cell: str) -> str:
    """What is wrong with a cell, whatever its field's rules; "" when nothing is."""
    if isinstance(cell, OddText) and not (name in _MAY_BE_NUMBERS and cell.isascii() and cell.isdigit()):
        return f"is {cell.why}: enter it as text, or import a CSV from the console"
    if shortened(cell):
        return "is a number that a spreadsheet has shortened: export the file again"
    if unseen := hidden_inside(cell):
        return f"has a character inside that cannot be seen ({unseen})"
    return ""


def _identities(rows: Sequence[FileRow], spoiled: set[str]) -> tuple[list[Identity], list[BadRow]]:
    sets: dict[str, list[FileRow]] = {}
    found: list[Identity] = []
    for row in rows:
        if row.set_name:
            sets.setdefault(row.set_name, []).append(row)
        else:
            found.append(single(row.certificate))
    bad: list[BadRow] = []
    for name, members in sets.items():
        identity, wrong = (None, "another row of its NVR is bad") if name in spoiled else _set(name, members)
        if identity:
            found.append(identity)
        else:
            bad.append(BadRow(row=members[0].number, text=wrong))
    return found, bad


def _set(name: str, members: Sequence[FileRow]) -> tuple[Identity | None, str]:
    own = [row for row in members if row.channel == 0 or row.certificate.device_name == name]
    if len(own) != 1:
        return None, f"its NVR has {len(own)} rows for the NVR itself, not 1"
    cameras = [row for row in members if row is not own[0]]
    numbers = [row.channel for row in cameras]
    if all(number is None for number in numbers):
        ordered = cameras
    else:
        ordered = sorted(cameras, key=lambda row: row.channel or 0)
        if [row.channel for row in ordered] != list(range(1, len(cameras) + 1)):
            return None, f"the channels of its NVR are not 1 to {len(cameras)}"
    if len(ordered) > MAX_CHANNELS:
        return None, f"its NVR has {len(ordered)} channels, at most {MAX_CHANNELS}"
    return nvr_set(own[0].certificate, tuple(row.certificate for row in ordered)), ""
