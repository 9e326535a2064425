# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles that come with the station: one TOML file for each vendor console and each other kind of board, to be copied
and given a productKey.

A shipped profile names no product, so it flashes nothing as it is.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.resources import files

from station.errors import ConfigError
from station.profiles import profile
from station.profiles.profile import Profile

_SUFFIX = ".toml"
_KEYS = {
    "agent": "station.targets.agent.target",
    "console": "station.targets.console.spec",
    "esp-nvs": "station.targets.esp.options",
}
"""The module that documents each target's table: the reference people read is the one beside the code."""


def shipped() -> tuple[str, ...]:
    """Their names, sorted."""
    names = (file.name for file in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def text_of(name: str) -> str:
    """A shipped profile's TOML with its comments. ConfigError when there is none of that name."""
    if name not in shipped():
        raise ConfigError(f"no profile “{name}” is shipped", do=f"use one of: {', '.join(shipped())}", code="E111")
    return files(__package__).joinpath(name + _SUFFIX).read_text("utf-8")


def boards_of(name: str) -> str:
    """Which boards a shipped profile is for: what its first comment says before the colon."""
    return text_of(name).partition(":")[0].removeprefix("# ")


def table_of(name: str) -> Mapping[str, object]:
    """The same, parsed, for `profile.parse_profile`."""
    return tomllib.loads(text_of(name))


def keys_of(target: str) -> str:
    """Every key of a profile for this target, as TOML with its meaning. ConfigError when there is no such target."""
    if target not in _KEYS:
        raise ConfigError(f"there is no target “{target}”", do=f"use one of: {', '.join(_KEYS)}", code="E113")
    common = inspect.getdoc(profile) or ""
    own = inspect.getdoc(import_module(_KEYS[target])) or ""
    table = re.search(rf"^ *\[{target}\].*", own, re.MULTILINE | re.DOTALL)
    lines = common.partition("\n\n")[2].partition("[agent]")[0] + "\n" + (table[0] if table else "")
    return "".join(line.removeprefix("    ") + "\n" for line in lines.splitlines())


def copy_of(source: str, name: str, products: Sequence[str]) -> str:
    """A shipped profile's text under a new name and for these products, comments kept."""
    import tomlkit  # noqa: PLC0415 - listing profiles does without

    document = tomlkit.parse(text_of(source))
    document["name"] = name
    document["products"] = list(products)
    return tomlkit.dumps(document)


def contradictions(wanted: Profile) -> list[str]:
    """Where a profile that can be read still cannot work: its common keys against its target's table."""
    faults = [] if wanted.products else ['it names no product: products = ["productKey"]']
    if wanted.target == "console":
        from station.targets.console.table import parse_console  # noqa: PLC0415
        from station.targets.console.target import profile_faults  # noqa: PLC0415 - one target's modules

        faults += profile_faults(wanted, parse_console(wanted.options))
    return faults
