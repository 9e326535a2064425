# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that are shipped with the code: inside the installed package, or beside it in the source tree."""

from __future__ import annotations

from pathlib import Path

from station.errors import StationFault


def beside(name: str) -> Path:
    """The folder `name`. StationFault where it is not."""
    package = Path(__file__).resolve().parent
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise StationFault(f"{name} is not installed", do="install the package again")
