# SPDX-License-Identifier: GPL-3.0-or-later
"""Name lists: one name a line, UTF-8 with or without BOM; blank lines at the end are no names."""

from __future__ import annotations

from pathlib import Path

from station.errors import UsageError

_MOST_BYTES = 64 * 1024 * 1024
_HEADINGS = frozenset(("devicename", "deviceid", "nodeid", "设备名称", "设备名", "设备id"))
"""Of a column, without what stands between its words: ordered as a name it would cost, and be a board's."""
_BETWEEN_WORDS = str.maketrans("", "", ' _-"')


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
    names = text.rstrip().splitlines()
    if names and names[0].casefold().translate(_BETWEEN_WORDS).strip() in _HEADINGS:
        raise UsageError(f"line 1 of {path} is a heading: {names[0].strip()}", do="take line 1 out of the list")
    return names
