# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheel, and every Python on this machine that it may be installed for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import hatchling.build

ROOT = Path(__file__).parents[2]
PIP = ("-m", "pip", "--disable-pip-version-check", "-q")
OLDEST = (3, 11)
_ASKED = "import ensurepip, sqlite3, ssl, sys; print(*sys.version_info[:2])"


def build_wheel(folder: Path) -> Path:
    """By the hook that pip calls (PEP 517), without pip: half a second, not three."""
    with chdir(ROOT):
        return folder / hatchling.build.build_wheel(str(folder))


def usual_places() -> list[Path]:
    """Where this one is, pyenv's, then PATH."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    path = [Path(one) for one in os.get_exec_path()]
    return [Path(sys.executable).parent, *sorted(pyenv.glob("versions/*/bin")), *path]


def interpreters(places: list[Path]) -> dict[tuple[int, int], Path]:
    """One of each version from the oldest that is allowed. One that does not start, as a shim of a version that is
    switched off, or cannot make an environment, is passed over.
    """
    found: dict[tuple[int, int], Path] = {}
    for program in (one for place in places for one in sorted(place.glob("python3.*"))):
        named = re.fullmatch(r"python3\.(\d+)", program.name)
        if named and (version := (3, int(named[1]))) >= OLDEST and version not in found:
            done = subprocess.run([program, "-c", _ASKED], capture_output=True, text=True, check=False)
            if done.stdout.split() == [str(number) for number in version]:
                found[version] = program
    return found
