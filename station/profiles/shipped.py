# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles that come with the station: one TOML file for each vendor console and each other kind of board, to be copied
and given a productKey.

A shipped profile names no product, so it flashes nothing as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from station.codes import Code
from station.errors import ConfigError
from station.meant import perhaps

_SUFFIX = ".toml"


def shipped_names() -> tuple[str, ...]:
    """Their names, sorted."""
    names = (file.name for file in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def text_of(name: str) -> str:
    """A shipped profile's TOML with its comments. ConfigError when there is none of that name."""
    known = shipped_names()
    if name not in known:
        what = f"no profile “{name}” is shipped{perhaps(name, known)}"
        raise ConfigError(what, do=f"use one of: {', '.join(known)}", code=Code.E111)
    return files(__package__).joinpath(name + _SUFFIX).read_text("utf-8")


def boards_of(name: str) -> str:
    """Which boards a shipped profile is for: what its first comment says before the colon."""
    return text_of(name).partition(":")[0].removeprefix("# ")


def table_of(name: str) -> Mapping[str, object]:
    """The same, parsed, for `profile.parse_profile`."""
    return tomllib.loads(text_of(name))


def copy_of(source: str, name: str, products: Sequence[str]) -> str:
    """A shipped profile's text under a new name and for these products, comments kept."""
    import tomlkit  # noqa: PLC0415 - listing profiles does without

    document = tomlkit.parse(text_of(source))
    document["name"] = name
    document["products"] = list(products)
    return tomlkit.dumps(document)
