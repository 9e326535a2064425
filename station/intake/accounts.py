# SPDX-License-Identifier: GPL-3.0-or-later
"""From the configuration to a client of either cloud. ConfigError names the setting that is missing."""

from __future__ import annotations

from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.iam import IamUser
from station.cloud.iotda.signing import AccessKey
from station.cloud.living.client import LivingAccount, LivingLink
from station.config.settings import Config
from station.errors import ConfigError
from station.model import Provider
from station.secrets.files import account_secret


def living_link(config: Config) -> LivingLink:
    """The project of [cloud.living]; its token is shared by every process of this state directory."""
    account = LivingAccount(
        url=_needed(config, "cloud.living.url"),
        app_key=_needed(config, "cloud.living.app_key"),
        app_secret=account_secret(config, "cloud.living", "LIVING_APP_SECRET"),
        project_id=_needed(config, "cloud.living.project_id"),
        withhold_unsaid=config.text("cloud.living.no_status") == "withheld",
    )
    rate = config.number("cloud.living.calls_per_s")
    return LivingLink(account, token_folder=config.state_dir / "tokens", calls_per_s=rate)


def iotda(config: Config) -> Iotda:
    """The project of [cloud.iotda]."""
    account = IotdaAccount(
        url=_needed(config, "cloud.iotda.url"),
        project_id=_needed(config, "cloud.iotda.project_id"),
        auth=_iotda_auth(config),
        instance_id=config.text("cloud.iotda.instance_id"),
        app_id=config.text("cloud.iotda.app_id"),
    )
    return Iotda(account, calls_per_s=config.number("cloud.iotda.calls_per_s"))


def catalogue(config: Config, provider: str = "") -> LivingLink | Iotda:
    """The cloud whose products are meant: `provider`, or the one that the configuration names."""
    chosen = Provider(provider or config.text("cloud.provider"))
    return iotda(config) if chosen is Provider.IOTDA else living_link(config)


def _iotda_auth(config: Config) -> AccessKey | IamUser:
    name = _needed(config, "cloud.iotda.access_key")
    region = _needed(config, "cloud.iotda.region")
    secret = account_secret(config, "cloud.iotda", "IOTDA_SECRET")
    how = config.text("cloud.iotda.auth")
    if how == "token":
        return IamUser(
            url=config.text("cloud.iotda.iam_url") or f"https://iam.{region}.myhuaweicloud.com",
            domain=_needed(config, "cloud.iotda.iam_domain"),
            name=name,
            password=secret,
            region=region,
        )
    derived = {"auto": None, "plain": False, "derived": True}[how]
    return AccessKey(access=name, secret=secret, region=region, derived=derived)


def _needed(config: Config, key: str) -> str:
    value = config.text(key)
    if not value:
        raise ConfigError(
            f"{key} is not set", do="set it in station.toml; `station config show` lists all", code="E113"
        )
    return value
