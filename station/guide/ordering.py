# SPDX-License-Identifier: GPL-3.0-or-later
"""An order, asked for step by step: what, how much, what it costs, the PIN again. Nothing is sent before the PIN."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Protocol

from station.codes import Code
from station.desk.orders import Offer, Order, OrderOf
from station.errors import NeedsPerson, StationError
from station.guide.asker import Asker, Filled, FormLine, Pick, tell_error
from station.guide.given_up import unless_given_up
from station.guide.sources import called
from station.intake.names import read_names
from station.model import Secret
from station.words.language import Words

_PRODUCT, _AMOUNT, _AGAIN, _FILE, _PIN = "product", "amount", "again", "file", "pin"


class OrderDesk(Protocol):
    """Who takes orders: the bench's desk, or the guide."""

    def offers(self) -> tuple[Offer, ...]: ...

    def ask_above(self) -> int: ...

    def check_order(self, order: Order) -> str: ...

    def place_order(self, name: str, pin: Secret, order: Order) -> tuple[str, ...]:
        """NeedsPerson for a wrong PIN, and nothing is sent."""


def ask_for_order(asker: Asker, desk: OrderDesk, *, product_key: str = "", supervisor: str = "") -> tuple[str, ...]:
    """The batches that were made; () when nothing was ordered. What goes wrong is told."""
    try:
        offers = desk.offers()
        if not offers:
            asker.tell(lambda words: words.guide.nothing_offered, bad=True)
            return ()
        offer = asker.choose(lambda words: words.guide.order, [_choice(offer) for offer in offers])
        checked = _ask_order(asker, desk, offer, product_key) if offer else None
        return _pay(asker, desk, *checked, supervisor) if checked else ()
    except StationError as error:
        tell_error(asker, error)
        return ()


def _choice(offer: Offer) -> Pick[Offer]:
    return Pick(value=offer, said=lambda words: f"{words.guide.order_of[offer.of]} – {called(offer.provider)(words)}")


def _ask_order(asker: Asker, desk: OrderDesk, offer: Offer, product_key: str) -> tuple[Order, str] | None:
    """What is wanted, and the product's name. What was typed is there again when it was wrong; what a person must
    settle first is raised."""
    before = {_PRODUCT: product_key}
    while filled := asker.fill(lambda words: words.guide.order_of[offer.of], _wanted(offer, before)):
        before = dict(filled.texts)
        try:
            order = _order(offer, filled)
            if order.amount < 1:
                asker.tell(lambda words: words.guide.no_number, bad=True)
                continue
            checking = unless_given_up(partial(desk.check_order, order))
            name = asker.wait(lambda words: words.guide.checking, checking)
            if name is not None:
                return order, name
        except NeedsPerson:
            raise
        except StationError as error:
            tell_error(asker, error)
    return None


def _wanted(offer: Offer, before: Mapping[str, str]) -> Sequence[FormLine]:
    product = FormLine(key=_PRODUCT, label=lambda words: words.guide.product_key, value=before[_PRODUCT])
    if offer.of is OrderOf.NAMES:
        return product, FormLine(key=_FILE, label=lambda words: words.guide.names_file, value=before.get(_FILE, ""))
    return product, FormLine(key=_AMOUNT, label=lambda words: words.guide.how_many[offer.of])


def _order(offer: Offer, filled: Filled) -> Order:
    """An amount of 0 for what is no number."""
    product_key = filled.texts[_PRODUCT]
    if offer.of is not OrderOf.NAMES:
        return Order(offer=offer, product_key=product_key, amount=_number(filled.texts[_AMOUNT]))
    names = tuple(read_names(Path(filled.texts[_FILE]).expanduser()))
    return Order(offer=offer, product_key=product_key, amount=len(names), names=names)


def _pay(asker: Asker, desk: OrderDesk, order: Order, product: str, supervisor: str) -> tuple[str, ...]:
    """A wrong PIN is asked for again; going back pays nothing."""

    def costs(words: Words) -> str:
        text = words.guide
        what = text.amount_of[order.offer.of].format(number=order.amount)
        cloud = called(order.offer.provider)(words)
        return text.costs.format(what=what, product=f"{product} ({order.product_key})", cloud=cloud)

    while filled := asker.fill(costs, _fields(order, desk.ask_above())):
        if _AGAIN in filled.texts and _number(filled.texts[_AGAIN]) != order.amount:
            asker.tell(lambda words: words.guide.another_number, bad=True)
            continue
        place = partial(desk.place_order, supervisor, filled.secrets[_PIN], order)
        try:
            return asker.wait(lambda words: words.guide.sending, _alone(place), firm=True)
        except StationError as error:
            if error.code not in (Code.E605, Code.E606):
                raise
            tell_error(asker, error)
    return ()


def _fields(order: Order, ask_above: int) -> Sequence[FormLine]:
    """A digit too many costs as much as is there."""
    again = FormLine(key=_AGAIN, label=lambda words: words.guide.number_again)
    pin = FormLine(key=_PIN, label=lambda words: words.guide.pin_to_order, secret=True, pin=True)
    return (again, pin) if order.amount > ask_above else (pin,)


def _alone(place: Callable[[], tuple[str, ...]]) -> Callable[[Event], tuple[str, ...]]:
    return lambda _: place()


def _number(text: str) -> int:
    """0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
