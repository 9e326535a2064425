# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a product takes an NVR whose set has lost a camera: its profile says so, and nobody else."""

from __future__ import annotations

from station.codes import Code
from station.errors import ConfigError
from station.model import CertName
from station.profiles.profile import Profile


def require_short_sets(profile: Profile, nvr: CertName) -> None:
    """ConfigError E112 where the profile takes whole sets only, or is not this NVR's."""
    if profile.short_sets and nvr.product_key in profile.products:
        return
    why = "takes whole sets only" if not profile.short_sets else f"is not for product {nvr.product_key}"
    raise ConfigError(
        f"profile {profile.name} {why}",
        means=f"{nvr} was not let out without its cameras",
        do="write short_sets = true into the profile of a product that works with fewer cameras, or end the set"
        f" (station set end {nvr.device_name} --reason …)",
        code=Code.E112,
    )
