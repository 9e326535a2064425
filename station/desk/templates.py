# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware templates, for people without the source tree: what is there, and a copy to build from."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from station.beside import beside
from station.codes import Code
from station.errors import ConfigError, StationFault
from station.meant import perhaps

_TEMPLATES = "firmware_templates"
_ALWAYS = ("LICENSE", "README.md")


def names() -> list[str]:
    """Folders that can be copied."""
    return sorted(path.name for path in beside(_TEMPLATES).iterdir() if path.is_dir())


def copy(wanted: Sequence[str], to: Path) -> list[Path]:
    """These folders, or all where none is named, with their licence and README, into the folder `to`, which is made;
    nothing is overwritten. Returns what was made. ConfigError E116 for a name there is none of, or a place that is
    taken; StationFault E300 where nothing can be written.
    """
    known = names()
    if unknown := [name for name in wanted if name not in known]:
        meant = perhaps(unknown[0], known)
        raise ConfigError(
            f"there is no template “{unknown[0]}”{meant}", do=f"one of: {', '.join(known)}", code=Code.E116
        )
    chosen = list(dict.fromkeys(wanted)) or known
    if taken := [to / name for name in chosen if (to / name).exists()]:
        raise ConfigError(f"{taken[0]} exists", means="nothing was copied", do="name another folder", code=Code.E116)
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name in chosen:
            shutil.copytree(beside(_TEMPLATES) / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
        for name in _ALWAYS:
            if not (to / name).exists():
                shutil.copy(beside(_TEMPLATES) / name, to / name)
    except OSError as error:
        raise StationFault(f"cannot write to {to}: {error.strerror}", do="name another folder") from error
    return [to / name for name in chosen]
