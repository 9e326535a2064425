# SPDX-License-Identifier: GPL-3.0-or-later
"""From [cloud.living] to a client. ConfigError names the setting that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cloud.needed import needed
from station.config.settings import Config
from station.secrets.files import account_secret

if TYPE_CHECKING:
    from station.cloud.living.client import LivingLink


def open_living(config: Config) -> LivingLink:
    """Its token is shared by every process of this state directory."""
    from station.cloud.living.client import LivingAccount, LivingLink  # noqa: PLC0415 - HTTP, for who asks a cloud

    account = LivingAccount(
        url=needed(config, "cloud.living.url"),
        app_key=needed(config, "cloud.living.app_key"),
        app_secret=account_secret(config, "cloud.living", "LIVING_APP_SECRET"),
        project_id=needed(config, "cloud.living.project_id"),
        withhold_unsaid=config.text("cloud.living.no_status") == "withheld",
    )
    rate = config.number("cloud.living.calls_per_s")
    return LivingLink(account, token_folder=config.state_dir / "tokens", calls_per_s=rate)


def is_configured(config: Config) -> bool:
    return bool(config.text("cloud.living.app_key"))
