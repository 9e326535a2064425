# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that an account cannot do without."""

from __future__ import annotations

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError


def needed(config: Config, key: str) -> str:
    """ConfigError names the setting that is missing."""
    value = config.text(key)
    if not value:
        raise ConfigError(
            f"{key} is not set", do="set it in station.toml; `station config show` lists all", code=Code.E113
        )
    return value
