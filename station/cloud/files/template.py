# SPDX-License-Identifier: GPL-3.0-or-later
"""An empty XLSX with the headings that an import looks for. Its columns are text, so that no spreadsheet rounds a name
or drops a zero.
"""

from __future__ import annotations

from pathlib import Path

from station.cloud.files.headings import spellings, title
from station.cloud.files.sheets import cannot_read
from station.model import Provider

_ROWS = 2000
_WIDTH = 36


def write_template(path: Path, provider: Provider) -> None:
    """UsageError when the file is there already, or cannot be made."""
    from openpyxl import Workbook  # noqa: PLC0415 - 0.2 s, and only for this
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook(write_only=False)
    sheet = book.active
    assert sheet is not None
    for column, name in enumerate(spellings(provider), 1):
        heading = sheet.cell(1, column, title(provider, name))
        heading.font = Font(bold=True)
        sheet.column_dimensions[heading.column_letter].width = _WIDTH
        for row in range(1, _ROWS + 2):
            sheet.cell(row, column).number_format = "@"
    try:
        with path.open("xb") as file:
            book.save(file)
    except OSError as error:
        raise cannot_read(path, f" cannot be written: {error.strerror}", "choose another file") from error
