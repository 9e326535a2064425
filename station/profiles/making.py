# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile of one's own, begun as a copy of a shipped one; never over one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError
from station.profiles.shipped import copy_of


def make_profile(folder: Path, name: str, *, like: str, products: Sequence[str]) -> Path:
    """Its file. ConfigError E111 for a name that is taken, or is none for a file; E110 where it cannot be written."""
    path = folder / f"{name}.toml"
    if name != path.stem or path.parent != folder:
        raise ConfigError(f"“{name}” cannot be a file name", do="use letters, digits, - and _", code=Code.E111)
    text = copy_of(like, name, products)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(f"{path} exists already", do="choose another name, or edit it", code=Code.E111) from None
    except OSError as error:
        advice = "make its folder writable, and free the disk"
        raise ConfigError(f"cannot write {path}: {error.strerror}", do=advice, code=Code.E110) from error
    return path
