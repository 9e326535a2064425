# SPDX-License-Identifier: GPL-3.0-or-later
"""From [cloud.iotda] to a client. ConfigError names the setting that is missing."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from station.cloud.needed import needed
from station.config.settings import Config
from station.secrets.files import account_secret

if TYPE_CHECKING:
    from station.cloud.findings import Findings
    from station.cloud.iotda.client import Iotda
    from station.cloud.iotda.iam import IamUser
    from station.cloud.iotda.signing import AccessKey

_MOST_PARALLEL = 32  # connections that are kept


def is_configured(config: Config) -> bool:
    return bool(config.text("cloud.iotda.access_key"))


def open_iotda(config: Config) -> Iotda:
    from station.cloud.iotda.client import Iotda, IotdaAccount  # noqa: PLC0415 - HTTP, for who asks a cloud

    account = IotdaAccount(
        url=needed(config, "cloud.iotda.url"),
        project_id=needed(config, "cloud.iotda.project_id"),
        auth=_auth(config),
        instance_id=config.text("cloud.iotda.instance_id"),
        app_id=config.text("cloud.iotda.app_id"),
    )
    calls_per_s = config.number("cloud.iotda.calls_per_s")
    return Iotda(account, calls_per_s=calls_per_s, parallel=_parallel(config, calls_per_s))


def check_product(spec: object) -> Findings:
    """As `product_spec` has it."""
    from station.cloud.iotda import product_spec  # noqa: PLC0415 - its expressions are compiled for who makes a product

    return product_spec.check_product(spec)


def _parallel(config: Config, calls_per_s: float) -> int:
    """As configured, else enough for answers that take a third of a second."""
    asked = int(config.number("cloud.iotda.parallel"))
    return min(_MOST_PARALLEL, asked or ceil(calls_per_s / 3) or _MOST_PARALLEL)


def _auth(config: Config) -> AccessKey | IamUser:
    from station.cloud.iotda.iam import IamUser  # noqa: PLC0415 - as above
    from station.cloud.iotda.signing import AccessKey  # noqa: PLC0415

    name = needed(config, "cloud.iotda.access_key")
    region = needed(config, "cloud.iotda.region")
    secret = account_secret(config, "cloud.iotda", "IOTDA_SECRET")
    how = config.text("cloud.iotda.auth")
    if how == "token":
        return IamUser(
            url=config.text("cloud.iotda.iam_url") or f"https://iam.{region}.myhuaweicloud.com",
            domain=needed(config, "cloud.iotda.iam_domain"),
            name=name,
            password=secret,
            region=region,
            project_id=config.text("cloud.iotda.project_id"),
        )
    derived = {"auto": None, "plain": False, "derived": True}[how]
    return AccessKey(access=name, secret=secret, region=region, derived=derived)
