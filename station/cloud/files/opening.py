# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of file is it? By its content, since names lie: a web page is called .xls, a CSV .xlsx."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from station.cloud.files.delimited import decodings, read_delimited
from station.cloud.files.html_table import looks_like_html, read_html
from station.cloud.files.json_items import read_json
from station.cloud.files.sheets import BROKEN_ZIP, EXPORT_AGAIN, MAX_BYTES, MAX_CELLS, Sheet, cannot_read
from station.cloud.files.xlsx import Workbook

_AS_XLSX = "open it in Excel or LibreOffice, save it as XLSX or as CSV in UTF-8, and import that"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

HasHeadings = Callable[[Sequence[str]], bool]


def read_sheets(path: Path, has_headings: HasHeadings) -> tuple[list[Sheet], list[str]]:
    """The file's sheets and what there is to say of it. UsageError E122 when it cannot be read whole."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise cannot_read(path, f" is larger than {MAX_BYTES // 2**20} MiB", "split it")
        content = path.read_bytes()
    except OSError as error:
        raise cannot_read(path, f" cannot be read: {error.strerror}", "check the path") from error
    sheets, notes = _sheets(content, path, has_headings, packed_in=False)
    if sum(sheet.merged_cells for sheet in sheets) > MAX_CELLS:
        raise cannot_read(path, " merges more cells than it has", "export it again as CSV")
    return sheets, notes


def _sheets(content: bytes, path: Path, has_headings: HasHeadings, *, packed_in: bool) -> tuple[list[Sheet], list[str]]:
    if content.startswith(b"PK\x03\x04"):
        return _packed(content, path, has_headings, packed_in=packed_in)
    if content.startswith(_OLE):
        raise cannot_read(path, " is an old .xls workbook, or one with a password", _AS_XLSX)
    if content.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        raise cannot_read(path, " is packed", "unpack it, and import what is in it")
    texts = decodings(content, path)
    start = texts[0].lstrip("\ufeff \t\r\n")
    if start.startswith(("[", "{")):
        sheet, notes = read_json(texts[0].lstrip("\ufeff"), path, has_headings)
        return [sheet], notes
    if start.startswith("<?xml"):
        raise cannot_read(path, " is an XML workbook", _AS_XLSX)
    if looks_like_html(start):
        return read_html(start, path), []
    return [read_delimited(texts, path, has_headings)], []


def _packed(content: bytes, path: Path, has_headings: HasHeadings, *, packed_in: bool) -> tuple[list[Sheet], list[str]]:
    """A workbook, or a zip with one file in it."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except BROKEN_ZIP as error:
        raise cannot_read(path, " is not a readable XLSX or zip file, or not all of it", EXPORT_AGAIN) from error
    with packed:
        names = packed.namelist()
        if "[Content_Types].xml" in names:
            if any(name.endswith(".bin") and "workbook" in name for name in names):
                raise cannot_read(path, " is an .xlsb workbook", _AS_XLSX)
            return Workbook(packed, path).sheets(), []
        if "mimetype" in names and "content.xml" in names:
            raise cannot_read(path, " is an OpenDocument file", _AS_XLSX)
        files = [entry for entry in packed.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
        if len(files) != 1 or packed_in:
            raise cannot_read(
                path, f" is a zip file with {len(files)} files in it", "unpack it, and import one of them"
            )
        return _sheets(_unpacked(packed, files[0], path), path, has_headings, packed_in=True)


def _unpacked(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    try:
        with packed.open(entry) as stream:
            content = stream.read(MAX_BYTES + 1)
    except RuntimeError as error:
        raise cannot_read(path, " is protected by a password", "unpack it, and import what is in it") from error
    except BROKEN_ZIP as error:
        raise cannot_read(path, " does not unpack", EXPORT_AGAIN) from error
    if len(content) > MAX_BYTES:
        raise cannot_read(path, f" unpacks to more than {MAX_BYTES // 2**20} MiB", "split it")
    return content


def _is_litter(name: str) -> bool:
    """What some systems add to every zip."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")
