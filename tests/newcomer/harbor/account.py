# SPDX-License-Identifier: GPL-3.0-or-later
"""From [cloud.harbor] to a client. ConfigError names the setting that is missing."""

from __future__ import annotations

from station.cloud.harbor.client import Harbor

from station.cloud.needed import needed
from station.config.settings import Config
from station.secrets.files import account_secret


def open_harbor(config: Config) -> Harbor:
    return Harbor(needed(config, "cloud.harbor.url"), account_secret(config, "cloud.harbor", "HARBOR_TOKEN"))
