# SPDX-License-Identifier: GPL-3.0-or-later
"""The room's own values: what a cloud says besides certificates."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from station.model import Certificate, Identity, IdentityKind, Secret

BatchId = NewType("BatchId", str)
"""A production batch as the cloud names it (batchId = applyId). A text: leading zeros and large numbers are kept."""


class ProductState(StrEnum):
    """Normalised; certificates are made in numbers only for a published product."""

    DEVELOPING = "developing"
    PUBLISHED = "published"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product of either cloud. `raw_state` is what the cloud wrote."""

    product_key: str
    name: str
    state: ProductState = ProductState.UNKNOWN
    raw_state: str = ""
    node_type: str = ""
    network: str = ""
    data_format: str = ""
    category: str = ""
    region: str = ""
    created: str = ""  # ISO 8601, UTC
    product_secret: Secret | None = None

    @property
    def is_nvr(self) -> bool:
        """The cloud has no field for it; the category's name tells. A flag overrides."""
        return "nvr" in self.category.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedProduct:
    """What IoTDA stored. `answer`: its answer as JSON, without the services."""

    product: Product
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """An item of a page that cannot be believed, and is set aside. `key` tells it from the others of its batch:
    productKey/deviceName where it has one. `raw`: as it came, without secrets, cut short.
    """

    key: str
    place: str
    why: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a batch: whole identities, and what could not be believed. The same identity twice is there once;
    a name twice with different content is there twice, for the ledger to judge as it would on two pages. `total` of
    the batch, None when the cloud gives none.
    """

    number: int
    items: tuple[Identity, ...]
    total: int | None
    odd: tuple[Odd, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.odd


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A registered IoTDA device. The cloud gives the secret only when it is made or reset."""

    device_id: str
    node_id: str
    product_id: str = ""
    gateway_id: str = ""  # itself when it is connected directly
    status: str = ""
    description: str = ""  # of registering it: tells whose it is
    secret: Secret | None = field(default=None)


def single(certificate: Certificate) -> Identity:
    return Identity(primary=certificate)


def nvr_set(nvr: Certificate, channels: tuple[Certificate, ...]) -> Identity:
    """A set; channels in the cloud's order."""
    return Identity(primary=nvr, channels=channels, kind=IdentityKind.SET)
