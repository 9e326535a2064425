# SPDX-License-Identifier: GPL-3.0-or-later
"""How bytes reach a board. The only room that imports pyserial or esptool. One file and one line here per kind."""

from __future__ import annotations

from importlib import import_module

from station.errors import ConfigError
from station.targets.base import Target

_TARGETS = {
    "agent": "station.targets.agent:AgentTarget",
    "console": "station.targets.console:ConsoleTarget",
    "esp-nvs": "station.targets.esp_nvs:EspNvsTarget",
}
"""Imported when used: esptool alone costs 0.2 to 0.4 s."""


def target_names() -> tuple[str, ...]:
    return tuple(_TARGETS)


def get_target(name: str) -> Target:
    """ConfigError when there is no such kind of board."""
    if name not in _TARGETS:
        raise ConfigError(f"there is no target “{name}”", do=f"use one of: {', '.join(_TARGETS)}", code="E113")
    module, _, attribute = _TARGETS[name].partition(":")
    target: Target = getattr(import_module(module), attribute)()
    return target
