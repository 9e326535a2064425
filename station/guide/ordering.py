# SPDX-License-Identifier: GPL-3.0-or-later
"""An order, asked for step by step: what, how much, what it costs, the PIN again. Nothing is sent before the PIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Protocol

from station.codes import Code
from station.desk.orders import Offer, Order, OrderOf
from station.errors import StationError
from station.guide.asker import Asker, FormLine, Pick, tell_error
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
        order = _ask_order(asker, offer, product_key) if offer else None
        if order is None:
            return ()
        product = asker.wait(lambda words: words.guide.checking, lambda _: desk.check_order(order))
        return _pay(asker, desk, order, product, supervisor)
    except StationError as error:
        tell_error(asker, error)
        return ()


def _choice(offer: Offer) -> Pick[Offer]:
    return Pick(value=offer, said=lambda words: f"{words.guide.order_of[offer.of]} – {called(offer.provider)(words)}")


def _ask_order(asker: Asker, offer: Offer, product_key: str) -> Order | None:
    by_names = offer.of is OrderOf.NAMES
    file = FormLine(key=_FILE, label=lambda words: words.guide.names_file)
    amount = FormLine(key=_AMOUNT, label=lambda words: words.guide.how_many[offer.of])
    while True:
        product = FormLine(key=_PRODUCT, label=lambda words: words.guide.product_key, value=product_key)
        filled = asker.fill(lambda words: words.guide.order_of[offer.of], (product, file if by_names else amount))
        if filled is None:
            return None
        product_key = filled.texts[_PRODUCT]
        if by_names:
            names = tuple(read_names(Path(filled.texts[_FILE]).expanduser()))
            return Order(offer=offer, product_key=product_key, amount=len(names), names=names)
        if (number := _number(filled.texts[_AMOUNT])) > 0:
            return Order(offer=offer, product_key=product_key, amount=number)
        asker.tell(lambda words: words.guide.no_number, bad=True)


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
    pin = FormLine(key=_PIN, label=lambda words: words.guide.pin_to_order, secret=True)
    return (again, pin) if order.amount > ask_above else (pin,)


def _alone(place: Callable[[], tuple[str, ...]]) -> Callable[[Event], tuple[str, ...]]:
    return lambda _: place()


def _number(text: str) -> int:
    """0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
