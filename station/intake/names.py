# SPDX-License-Identifier: GPL-3.0-or-later
"""Name lists: one name a line, UTF-8 with or without BOM; blank lines at the end are no names."""

from __future__ import annotations

from pathlib import Path

from station.errors import UsageError

_MOST_BYTES = 64 * 1024 * 1024


def read_names(path: Path) -> list[str]:
    """The lines as they stand, so that a line number in an error is the file's. UsageError when it is no text."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is larger than {_MOST_BYTES // 2**20} MiB", do="check the file")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", do="check the path") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", do="save it as plain text, one name a line") from error
    return text.rstrip().splitlines()
