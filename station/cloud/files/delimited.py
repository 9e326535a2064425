# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV in the encodings and with the separators that spreadsheets write. Of several ways to read one file, the one that
shows headings is taken; a file's last line without an end is told, since it may be cut off there.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from station.cloud.files.sheets import EXPORT_AGAIN, MAX_CELLS, MAX_ROWS, Sheet, cannot_read

_SEPARATORS = ",;\t|"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEP_LINE = re.compile(r'"?sep=(.)"?[ \t]*(\r\n|\r|\n)', re.IGNORECASE)

HasHeadings = Callable[[Sequence[str]], bool]


def decodings(content: bytes, path: Path) -> list[str]:
    """All texts that `content` may be, the likeliest first. UsageError when it is none, or is no text."""
    encodings: Sequence[str] = ("utf-8", "gb18030", "big5")
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "")
    if marked:
        encodings = (marked,)
    elif (wide := _without_mark(content)) is not None:
        encodings = (wide,)
    texts = [text for encoding in encodings if (text := _decoded(content, encoding)) is not None]
    if not texts:
        raise cannot_read(
            path, " is neither UTF-8 nor UTF-16, GB18030 or Big5 text", "save it as CSV in UTF-8, or as XLSX"
        )
    if "\0" in texts[0]:
        raise cannot_read(path, " holds NUL characters: it is damaged, or no text", EXPORT_AGAIN)
    return texts[:1] if encodings[0] != "utf-8" or _decoded(content, "utf-8") is not None else texts


def _without_mark(content: bytes) -> str | None:
    """UTF-16 has a NUL beside nearly each character of a certificate."""
    sample = content[:4096]
    if len(sample) < 4 or len(content) % 2:
        return None
    low, high = sample[1::2].count(0), sample[::2].count(0)
    half = len(sample) // 4
    return "utf-16-le" if low > half > high else "utf-16-be" if high > half > low else None


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def read_delimited(texts: Sequence[str], path: Path, has_headings: HasHeadings) -> Sheet:
    """The reading in which a line has headings; the likeliest one when none has. UsageError names the line."""
    trouble: Exception | None = None
    first: Sheet | None = None
    for text in texts:
        for separator in _separators(text):
            try:
                sheet = _read(text, separator, path)
            except csv.Error as error:
                if any(has_headings(line.split(separator)) for line in text[:20_000].splitlines()[:40]):
                    raise cannot_read(path, f": {error}", "correct that line") from error
                trouble = trouble or error
                continue
            if any(has_headings(cells) for _, cells in sheet.lines[:40]):
                return sheet
            first = first or sheet
    if first is None:
        raise cannot_read(path, f": {trouble}", "correct that line") from trouble
    return first


def _separators(text: str) -> list[str]:
    """As its first line says, or those that its beginning has, the most frequent first."""
    if said := _SEP_LINE.match(text):
        return [said[1]]
    beginning = "\n".join(text[:20_000].splitlines()[:40])
    return sorted(_SEPARATORS, key=beginning.count, reverse=True)


def _read(text: str, separator: str, path: Path) -> Sheet:
    said = _SEP_LINE.match(text)
    offset = 1 if said else 0
    body = (text[said.end() :] if said else text).removesuffix("\x1a")  # how DOS ended a file
    lines = list(_lines(body, separator, offset, path))
    return Sheet(lines=tuple(lines), whole=_ends(body, lines))


def _lines(text: str, separator: str, offset: int, path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    held, begun = 0, 1  # where the row in hand begins: an open quotation mark takes in all lines behind it
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                held += len(cells)
                if reader.line_num > MAX_ROWS or held > MAX_CELLS:
                    raise cannot_read(path, " has too many rows or cells", "split it")
                yield reader.line_num + offset, cells
            begun = reader.line_num + 1
    except csv.Error as error:
        where = f"row {begun + offset}"
        raise csv.Error(f"{where}, a quotation mark is open or in the wrong place ({error})") from error


def _ends(text: str, lines: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the last line is whole: it has an end, or as many cells as the others and a closing quote."""
    kept = text.rstrip(" \t")
    if not kept or kept[-1] in "\r\n":
        return True
    return kept.endswith('"') and len(lines) > 1 and len(lines[-1][1]) == len(lines[-2][1])
