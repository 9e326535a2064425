# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as files that belong together: all of them or none, readable by their owner alone, never over another's."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from station.errors import StationFault


def save(folder: Path, name: str, at: float, contents: Mapping[str, str], *, means: str = "") -> tuple[Path, ...]:
    """`contents` by suffix, as `name-TIME.suffix`, in their order; a second one in a second gets a number.

    StationFault when they cannot be written; `means` is what follows from that.
    """
    stem = time.strftime(f"{name}-%Y%m%d-%H%M%S", time.localtime(at))
    written: list[Path] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in count(1):
            numbered = f"{stem}-{number}" if number > 1 else stem
            paths = [folder / f"{numbered}{suffix}" for suffix in contents]
            if not any(map(os.path.lexists, paths)):
                break
        for path, content in zip(paths, contents.values(), strict=True):
            _write(path, content)
            written.append(path)
    except OSError as error:
        remove(written)
        raise StationFault(
            f"the {name} was not saved in {folder}: {error.strerror}",
            means=means,
            do="make the folder writable, or free the disk, and try again",
        ) from error
    except BaseException:
        remove(written)
        raise
    return tuple(paths)


def remove(paths: Sequence[Path]) -> None:
    """What cannot be removed stays."""
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _write(path: Path, content: str) -> None:
    """The whole file or none; never one that is there already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:
            remove((path,))
            raise
