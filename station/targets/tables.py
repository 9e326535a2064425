# SPDX-License-Identifier: GPL-3.0-or-later
"""What a profile may say to each target: the keys with their meaning, and where its parts contradict each other."""

from __future__ import annotations

import inspect
import re
from importlib import import_module

from station.profiles import profile, sticker
from station.profiles.profile import Profile
from station.targets import target_class

_KEYS = {
    "agent": "station.targets.agent.target",
    "console": "station.targets.console.spec",
    "esp-nvs": "station.targets.esp.options",
}
"""The module that documents each target's table: the reference people read is the one beside the code."""


def keys_of(target: str) -> str:
    """Every key of a profile for this target, as TOML with its meaning. ConfigError when there is no such target."""
    common = inspect.getdoc(profile) or ""
    own = inspect.getdoc(import_module(_KEYS.get(target) or target_class(target).__module__)) or ""
    table = re.search(rf"^ *\[{target}\].*", own, re.MULTILINE | re.DOTALL)
    its_own = "\n".join(line.removeprefix("    ") for line in (table[0] if table else "").splitlines())
    parts = common.partition("\n\n")[2].partition("[agent]")[0], _printed(), its_own
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def _printed() -> str:
    """Commented out: a profile has a `label` or a [label]."""
    said = (inspect.getdoc(sticker) or "").partition("\n\n")[2]
    return "\n".join(
        f"# {line}".rstrip() for line in ["instead of `label`, where labels are printed:", *said.splitlines()]
    )


def contradictions(wanted: Profile) -> list[str]:
    """Where a profile that can be read still cannot work: its common keys against its target's table."""
    faults = [] if wanted.products else ['it names no product: products = ["productKey"]']
    if wanted.target == "console":
        from station.targets.console.table import parse_console  # noqa: PLC0415
        from station.targets.console.target import profile_faults  # noqa: PLC0415 - one target's modules

        faults += profile_faults(wanted, parse_console(wanted.options))
    return faults
