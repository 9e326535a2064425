# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates ordered from a screen: what each cloud can make, and the order, journalled as on the command line.

An order costs money and cannot be given back. One whose answer was lost is a doubt that only a person settles: nothing
more is ordered of that product meanwhile, so that nothing is paid twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from station.cloud.capabilities import Batches
from station.cloud.clouds import CLOUDS, Cloud, open_batches, open_products, open_sets
from station.codes import Code
from station.config.settings import Config
from station.errors import UsageError
from station.intake.generate import generate, generate_named, generate_nvr, generated, upload_names
from station.intake.journalled import require_settled
from station.ledger.store import Ledger
from station.model import Provider, Secret
from station.people.pins import check_pin


class OrderOf(StrEnum):
    """What may be ordered."""

    NUMBER = "number"  # names of the cloud's choice
    NAMES = "names"  # names of one's own
    SETS = "sets"  # NVRs with their cameras


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a cloud with an account here can make."""

    provider: Provider
    of: OrderOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`amount`: certificates, or NVRs. `names`: as many as the amount, where they are one's own."""

    offer: Offer
    product_key: str
    amount: int
    names: tuple[str, ...] = ()


class Orders:
    """`load` gives the configuration as it is now. Every method may be called from any thread."""

    def __init__(self, ledger: Ledger, load: Callable[[], Config]) -> None:
        self._ledger, self._load = ledger, load
        self._paying = threading.Lock()

    def close(self) -> None:
        """Waits for an order in hand: what became of it is to be on disk."""
        with self._paying:
            return

    def offers(self) -> tuple[Offer, ...]:
        """() where no cloud of this bench makes certificates by number or name."""
        config = self._load()
        complete = (cloud for cloud in CLOUDS.values() if cloud.account.is_complete(config))
        return tuple(offer for cloud in complete for offer in _offers(cloud))

    def ask_above(self) -> int:
        """A larger amount is typed twice."""
        return int(self._load().number("cloud.ask_above"))

    def check(self, order: Order) -> str:
        """The product's name, after the checks that cost nothing: is it there, are the names good, is nothing
        unsettled. StationError."""
        if order.amount < 1:
            raise UsageError("nothing is ordered", do="type how many", code=Code.E121)
        require_settled(self._ledger, order.product_key)
        config, provider = self._load(), order.offer.provider
        with closing(self._ledger.tokens.lend(open_products(config, provider))) as catalogue:
            name = catalogue.product(order.product_key).name
        if order.offer.of is OrderOf.NAMES:
            with closing(self._ledger.tokens.lend(open_batches(config, provider))) as cloud:
                upload_names(self._ledger, cloud, order.product_key, order.names, only_check=True)
        return name

    def place(self, order: Order, pin: Secret, *, name: str) -> tuple[str, ...]:
        """The batches that were made, with the PIN of the supervisor `name`, or of the only one when it is "". Names:
        the same list again orders only what is left of it. StationError as the intake has it."""
        with self._paying:
            return self._place(order, check_pin(self._ledger, pin, purpose="batch order", name=name))

    def _place(self, order: Order, by: str) -> tuple[str, ...]:
        config, provider = self._load(), order.offer.provider
        self._ledger.audit.note("batch ordered", product=order.product_key, of=order.offer.of, by=by)
        if order.offer.of is OrderOf.SETS:
            with closing(self._ledger.tokens.lend(open_sets(config, provider))) as sets:
                return (generate_nvr(self._ledger, sets, order.product_key, order.amount),)
        with closing(self._ledger.tokens.lend(open_batches(config, provider))) as cloud:
            if order.offer.of is OrderOf.NUMBER:
                return (generate(self._ledger, cloud, order.product_key, order.amount),)
            return tuple(self._named(cloud, order))

    def _named(self, cloud: Batches, order: Order) -> Iterator[str]:
        for part in upload_names(self._ledger, cloud, order.product_key, order.names):
            if not generated(self._ledger, part.batch_id, cloud.provider):
                generate_named(self._ledger, cloud, part.batch_id, order.product_key)
            yield part.batch_id


def _offers(cloud: Cloud) -> Iterator[Offer]:
    able = {OrderOf.NUMBER: cloud.batches, OrderOf.NAMES: cloud.batches, OrderOf.SETS: cloud.sets}
    for of, opener in able.items():
        if opener is not None:
            yield Offer(provider=cloud.provider, of=of)
