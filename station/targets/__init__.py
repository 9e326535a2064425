# SPDX-License-Identifier: GPL-3.0-or-later
"""How bytes reach a board. The only room that imports pyserial or esptool. One file and one line here per kind."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from station.errors import ConfigError
from station.targets.base import Target

_TARGETS = {
    "agent": "station.targets.agent.target:AgentTarget",
    "console": "station.targets.console.target:ConsoleTarget",
    "esp-nvs": "station.targets.esp.target:EspNvsTarget",
}
"""Imported when used: esptool alone costs 0.2 to 0.4 s."""
_SLOW_TO_BEGIN = {"esp-nvs": "station.targets.esp.target:warm_up"}


def target_names() -> tuple[str, ...]:
    return tuple(_TARGETS)


def get_target(name: str) -> Target:
    """ConfigError when there is no such kind of board."""
    if name not in _TARGETS:
        raise ConfigError(f"there is no target “{name}”", do=f"use one of: {', '.join(_TARGETS)}", code="E113")
    target: Target = _named(_TARGETS[name])()
    return target


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
