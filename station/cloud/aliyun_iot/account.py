# SPDX-License-Identifier: GPL-3.0-or-later
"""From [cloud.aliyun_iot] to a client. ConfigError names the setting that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cloud.needed import needed
from station.config.settings import Config
from station.secrets.files import account_secret

if TYPE_CHECKING:
    from station.cloud.aliyun_iot.client import AliyunIot

_SECTION = "cloud.aliyun_iot"


def open_aliyun_iot(config: Config) -> AliyunIot:
    from station.cloud.aliyun_iot.client import AliyunIot  # noqa: PLC0415 - HTTP, for who asks a cloud
    from station.cloud.aliyun_iot.rpc import AliyunAccount  # noqa: PLC0415

    region = needed(config, f"{_SECTION}.region")
    account = AliyunAccount(
        url=config.text(f"{_SECTION}.url") or f"https://iot.{region}.aliyuncs.com",
        region=region,
        access_key=needed(config, f"{_SECTION}.access_key"),
        access_secret=account_secret(config, _SECTION, "ALIYUN_IOT_SECRET"),
        instance_id=config.text(f"{_SECTION}.instance_id"),
        withhold_unsaid=config.text(f"{_SECTION}.no_status") == "withheld",
        ask_states=config.flag(f"{_SECTION}.ask_states"),
    )
    return AliyunIot(account, calls_per_s=config.number(f"{_SECTION}.calls_per_s"))


def is_configured(config: Config) -> bool:
    return bool(config.text(f"{_SECTION}.access_key"))
