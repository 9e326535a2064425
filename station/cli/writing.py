# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a command was told to write: there whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from station.errors import StationFault


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Where to write; it takes the place of `path` at the end of the block. StationFault where it cannot."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise StationFault(
            f"{path} was not written: {error.strerror}", do="make the folder writable, or free the disk"
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
