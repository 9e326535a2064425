# SPDX-License-Identifier: GPL-3.0-or-later
"""How bytes reach a board. The only room that imports pyserial or esptool. One file and one line here per kind."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from station.codes import Code
from station.errors import ConfigError
from station.profiles.profile import UnknownTarget
from station.targets.base import Target

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "station.targets"
"""Entry points of this group are targets of installed packages: the name is that of profiles, the object a class as in
`base.Target`, its module's docstring explains its table. `station.testing` has the tests that each must pass."""
_TARGETS = {
    "agent": "station.targets.agent.target:AgentTarget",
    "console": "station.targets.console.target:ConsoleTarget",
    "esp-nvs": "station.targets.esp.target:EspNvsTarget",
}
"""Imported when used: esptool alone costs 0.2 to 0.4 s."""
_SLOW_TO_BEGIN = {"esp-nvs": "station.targets.esp.target:warm_up"}


def target_names() -> tuple[str, ...]:
    """Ours, then those of installed packages."""
    return (*_TARGETS, *_of_packages())


def is_ours(name: str) -> bool:
    """No installed package's: it starts no programs."""
    return name in _TARGETS


def get_target(name: str) -> Target:
    """ConfigError when there is no such kind of board, or its package cannot be loaded."""
    target: Target = target_class(name)()
    return target


def target_class(name: str) -> Any:
    """Not imported before it is asked for."""
    if name in _TARGETS:
        return _named(_TARGETS[name])
    found = _of_packages().get(name)
    if found is None:
        raise UnknownTarget(name, target_names())
    try:
        kind = found.load()
        missing = [method for method in ("check_options", "open") if not callable(getattr(kind, method, None))]
    except Exception as error:  # another's code, which may raise anything at import
        raise _unusable(found, f"{type(error).__name__} at import") from error
    if missing:
        raise _unusable(found, f"{found.value} has no {' and no '.join(missing)}")
    return kind


@cache
def _of_packages() -> Mapping[str, EntryPoint]:
    """By name. None may take the place of ours."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - 20 ms, and most profiles name a target of ours

    return {found.name: found for found in entry_points(group=GROUP) if found.name not in _TARGETS}


def _unusable(found: EntryPoint, why: str) -> ConfigError:
    package = found.dist.name if found.dist else "a package"
    return ConfigError(
        f"the target “{found.name}” of {package} cannot be used: {why}",
        do="see station/targets/base.py for what a target must have, and install the package anew",
        code=Code.E113,
    )


def check_options(target: str, table: Mapping[str, object]) -> None:
    """The target's own check of a profile's table; ConfigError for an unknown target too."""
    get_target(target).check_options(table)


def warm_up(name: str) -> None:
    """Import in the background what the first board of this kind would otherwise wait for."""
    if place := _SLOW_TO_BEGIN.get(name):
        threading.Thread(target=lambda: _named(place)(), name="warm-up", daemon=True).start()  # noqa: PLW0108 - imports


def _named(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
