# SPDX-License-Identifier: GPL-3.0-or-later
"""The clouds, a line each: what one can do, and how its account is opened. All else asks here, and names none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from station.cloud.aliyun_iot.account import is_configured as has_aliyun_iot
from station.cloud.aliyun_iot.account import open_aliyun_iot
from station.cloud.iotda.account import check_product, open_iotda
from station.cloud.iotda.account import is_configured as has_iotda
from station.cloud.living.account import is_configured, open_living
from station.codes import Code
from station.config.settings import Config
from station.errors import UsageError
from station.model import Provider

if TYPE_CHECKING:
    from station.cloud.capabilities import (
        Batches,
        Certificates,
        ProductMaking,
        Products,
        Reachable,
        Registering,
        SetBatches,
    )
    from station.cloud.findings import Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Products made from a file; `check` needs no account."""

    check: Callable[[object], Findings]
    open: Callable[[Config], ProductMaking]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """A connection that can be tried without harm, where there is an account."""

    has_account: Callable[[Config], bool]
    open: Callable[[Config], Reachable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The settings that a person is asked for, in this order; its secret comes beside them, as `secret_file` of its
    section. `may_lack`: those that may stay empty."""

    section: str
    asked: tuple[str, ...]
    may_lack: tuple[str, ...] = ()

    @property
    def secret_file(self) -> str:
        return f"{self.section}.secret_file"

    def is_complete(self, config: Config) -> bool:
        """Whether it can be tried; nothing is opened."""
        wanted = (f"{self.section}.{name}" for name in self.asked if name not in self.may_lack)
        secrets = (self.secret_file, f"{self.section}.secret_keyring", "cloud.env_file")
        return all(map(config.text, wanted)) and any(map(config.text, secrets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """`title`: as people call it. Each capability opens the account of the configuration; None: it cannot do that."""

    provider: Provider
    title: str
    account: Account
    products: Callable[[Config], Products]
    making: Making | None = None
    batches: Callable[[Config], Batches] | None = None
    sets: Callable[[Config], SetBatches] | None = None
    certificates: Callable[[Config], Certificates] | None = None
    registration: Callable[[Config], Registering] | None = None
    checking: Checking | None = None


CLOUDS = {
    cloud.provider: cloud
    for cloud in (
        Cloud(
            provider=Provider.LIVING,
            title="Living Link",
            account=Account(section="cloud.living", asked=("url", "app_key", "project_id")),
            products=open_living,
            batches=open_living,
            sets=open_living,
            certificates=open_living,
            checking=Checking(has_account=is_configured, open=open_living),
        ),
        Cloud(
            provider=Provider.IOTDA,
            title="IoTDA",
            account=Account(
                section="cloud.iotda",
                asked=("url", "region", "project_id", "instance_id", "access_key"),
                may_lack=("instance_id",),
            ),
            products=open_iotda,
            making=Making(check=check_product, open=open_iotda),
            registration=open_iotda,
            checking=Checking(has_account=has_iotda, open=open_iotda),
        ),
        Cloud(
            provider=Provider.ALIYUN_IOT,
            title="Alibaba Cloud IoT Platform",
            account=Account(
                section="cloud.aliyun_iot",
                asked=("region", "url", "instance_id", "access_key"),
                may_lack=("url", "instance_id"),
            ),
            products=open_aliyun_iot,
            batches=open_aliyun_iot,
            certificates=open_aliyun_iot,
            checking=Checking(has_account=has_aliyun_iot, open=open_aliyun_iot),
        ),
    )
}

Offer = TypeVar("Offer")


def get_cloud(config: Config, name: str = "") -> Cloud:
    """The one that is named, or else the configuration's."""
    return CLOUDS[Provider(name or config.text("cloud.provider"))]


def able(config: Config, name: str, offer: Callable[[Cloud], Offer | None], what: str) -> Offer:
    """What a cloud offers to do: the one that is named, else the configuration's where it can, else the only one that
    can. UsageError where that one cannot do `what`, or several could.
    """
    chosen = get_cloud(config, name)
    if (offered := offer(chosen)) is not None:
        return offered
    others = [cloud for cloud in CLOUDS.values() if offer(cloud) is not None]
    if not name and len(others) == 1 and (offered := offer(others[0])) is not None:
        return offered
    what = f"{chosen.title} does not {what}"
    raise UsageError(what, means="nothing was sent", do=name_one(cloud.provider for cloud in others), code=Code.E121)


def name_one(clouds: Iterable[Provider]) -> str:
    """What to do where one of them is to be named."""
    options = ", ".join(f"--cloud {cloud}" for cloud in clouds)
    return f"name the cloud: {options}"


def open_products(config: Config, name: str = "") -> Products:
    return get_cloud(config, name).products(config)


def require_making(config: Config, name: str = "") -> Making:
    """Never in another cloud than the one that is named or configured: what is made there stays. UsageError."""
    making = get_cloud(config, name).making
    if making is None:
        makers = [cloud for cloud in CLOUDS.values() if cloud.making]
        raise UsageError(
            f"products are created in {', '.join(cloud.title for cloud in makers)} only",
            do=name_one(cloud.provider for cloud in makers),
            code=Code.E121,
        )
    return making


def open_batches(config: Config, name: str = "") -> Batches:
    return able(config, name, lambda cloud: cloud.batches, "make batches")(config)


def open_sets(config: Config, name: str = "") -> SetBatches:
    return able(config, name, lambda cloud: cloud.sets, "make NVR sets")(config)


def open_certificates(config: Config, name: str = "") -> Certificates:
    return able(config, name, lambda cloud: cloud.certificates, "hand out certificates")(config)


def open_registration(config: Config, name: str = "") -> Registering:
    return able(config, name, lambda cloud: cloud.registration, "take devices with secrets of ours")(config)


def is_pulled(provider: Provider) -> bool:
    """Whether batches of this cloud are fetched, rather than registered."""
    return CLOUDS[provider].certificates is not None
