# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud may be able to do, whoever runs it, and what it says when it cannot. A client has those it offers, by
their shape; nothing outside the cloud's own folder asks for more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from station.cloud.findings import Findings
from station.cloud.retry import Rest
from station.cloud.values import BatchId, CreatedProduct, Device, Page, Product
from station.codes import Code
from station.errors import CloudRefused
from station.model import Provider, Secret


class BatchNotReady(CloudRefused):
    """The batch is still being made, or unknown: the cloud's codes do not tell which."""

    code = Code.E404


class ParameterRefused(CloudRefused):
    """A parameter is wrong; also how a page past the last is refused."""


class DeviceExists(CloudRefused):
    """A device of this id is registered already, perhaps by ourselves."""


class NoSuchDevice(CloudRefused):
    """The cloud itself says that nothing is registered under this id."""


class Client(Protocol):
    """Connections to one account. Safe for several threads."""

    @property
    def provider(self) -> Provider: ...

    @property
    def account(self) -> str:
        """Whose it is and where, for people and to be compared: another account has another one. Nothing secret."""

    def while_throttled(self, rest: Rest) -> None:
        """From now on the cloud's flow control is waited out with `rest`."""

    def close(self) -> None: ...


class Reachable(Client, Protocol):
    """A question that costs and changes nothing."""

    def ping(self) -> None:
        """Address, keys and clock are right."""


class Products(Client, Protocol):
    """Products that were made in the cloud."""

    def products(self) -> Iterator[Product]: ...

    def product(self, product_key: str, /) -> Product:
        """CloudRefused when there is none."""


class ProductMaking(Client, Protocol):
    """Products made from here."""

    def check(self, spec: object, /) -> Findings: ...

    def create_product(self, spec: Mapping[str, object], *, request_id: str = "") -> CreatedProduct:
        """UsageError with all local faults, before anything is sent. NeedsPerson E604 when the answer is lost."""


class Batches(Products, Protocol):
    """Certificates made in numbers, in batches. Each call costs, is sent once, and raises NeedsPerson E604 when nobody
    knows what it did.
    """

    @property
    def most_names(self) -> int:
        """In one upload."""

    def name_faults(self, names: Sequence[str], /) -> list[str]:
        """Each name that breaks the rules or comes twice, with its line number."""

    def generate(self, product_key: str, amount: int, *, request_id: str) -> BatchId: ...

    def upload_names(self, product_key: str, names: Sequence[str], *, request_id: str) -> BatchId:
        """Its certificates do not exist until `generate_named`."""

    def generate_named(self, product_key: str, batch: BatchId, *, request_id: str) -> BatchId: ...


class SetBatches(Products, Protocol):
    """NVR sets made in numbers, as above."""

    def generate_nvr(self, product_key: str, amount: int, *, request_id: str) -> BatchId: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSizes:
    """Identities a page: as asked for by default, and the most that the cloud gives. Sets are larger; `sets` 0: this
    cloud has none.
    """

    usual: int
    most: int
    sets: int


class Certificates(Products, Protocol):
    """Certificates handed out with their secrets, page by page."""

    @property
    def page_sizes(self) -> PageSizes: ...

    @property
    def withhold_unsaid(self) -> bool:
        """What this factory does with certificates that come without a status."""

    def page(self, batch: BatchId, number: int, size: int, /, *, product_key: str = "") -> Page:
        """Page `number` (from 1) of an ordinary batch. BatchNotReady while the cloud still makes it. UsageError where
        the cloud's pages do not name their product and `product_key` does not either.
        """

    def nvr_page(self, batch: BatchId, product_key: str, number: int, size: int, /) -> Page:
        """Page `number` (from 1) of a batch of sets."""


class Registering(Products, Protocol):
    """Devices registered one by one, with secrets of the caller's making. All may be repeated."""

    @property
    def parallel(self) -> int:
        """How many calls may be under way together."""

    @property
    def calls_per_s(self) -> float:
        """The most calls in a second that the account allows; 0 = no limit."""

    def device_id(self, product_id: str, node_id: str, /) -> str:
        """What the cloud itself would call it."""

    def device(self, device_id: str, /) -> Device:
        """NoSuchDevice when nothing is registered under this id."""

    def register(
        self,
        *,
        product_id: str,
        node_id: str,
        device_id: str,
        secret: Secret,
        gateway_id: str = "",
        description: str = "",
    ) -> Device:
        """DeviceExists when the id is taken, perhaps by ourselves: `description` is what tells."""

    def reset_secret(self, device_id: str, secret: Secret, /) -> None: ...

    def freeze(self, device_id: str, /) -> None:
        """It may no longer connect, until `unfreeze`."""

    def unfreeze(self, device_id: str, /) -> None: ...

    def delete(self, device_id: str, /) -> None:
        """Gone for good, also when it was gone before."""
