# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile that a run is for. Apart from the ledger, which most commands open without one."""

from __future__ import annotations

from station.codes import Code
from station.config.settings import Config
from station.errors import ConfigError
from station.profiles.finding import find_profile
from station.profiles.profile import Profile
from station.targets import check_options


def configured_profile(config: Config, given: str | None = None) -> Profile:
    """The named profile, or the bench's default one."""
    wanted = given or config.text("bench.profile")
    if not wanted:
        raise ConfigError("no profile was chosen", do="use --profile, or set [bench] profile", code=Code.E111)
    return find_profile(wanted, config.profiles_dir, check_options)
