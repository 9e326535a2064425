# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile by its name or its file."""

from __future__ import annotations

from pathlib import Path

from station.codes import Code
from station.errors import ConfigError
from station.meant import perhaps
from station.profiles.profile import CheckOptions, Profile, load_profile
from station.profiles.shipped import shipped_names

_MAKE_ONE = "see `station profile list`, then: station profile new NAME --like SHIPPED --product PRODUCTKEY"


def find_profile(wanted: str, folder: Path, check_options: CheckOptions) -> Profile:
    """A profile by file, or by name in `folder`. ConfigError E111 says which names there are."""
    path = Path(wanted).expanduser()
    if path.suffix == ".toml" and path.is_file():
        return load_profile(path, check_options)
    named = folder / f"{wanted}.toml"
    if "/" in wanted or not named.is_file():
        known = sorted(p.stem for p in folder.glob("*.toml"))
        do = f"choose one of: {', '.join(known)}; they are in {folder}" if known else _MAKE_ONE
        if wanted in shipped_names():
            do = f"it is one to copy: station profile new NAME --like {wanted} --product PRODUCTKEY"
        raise ConfigError(f"there is no profile “{wanted}”{perhaps(wanted, known)}", do=do, code=Code.E111)
    return load_profile(named, check_options)
