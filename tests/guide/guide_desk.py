# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk that takes orders and nothing else."""

from __future__ import annotations

from station.desk.orders import Offer, Order, Orders
from station.model import Secret


class OrdersOnly:
    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def offers(self) -> tuple[Offer, ...]:
        return self._orders.offers()

    def ask_above(self) -> int:
        return self._orders.ask_above()

    def check_order(self, order: Order) -> str:
        return self._orders.check(order)

    def place_order(self, name: str, pin: Secret, order: Order) -> tuple[str, ...]:
        return self._orders.place(order, pin, name=name)
