# SPDX-License-Identifier: GPL-3.0-or-later
"""The products of the cloud, beside what the ledger holds of each. Without a cloud, those of the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from station.cloud.capabilities import Products as Catalogue
from station.cloud.values import Product
from station.desk.desk import ProductRow, ProductStock
from station.errors import StationError
from station.ledger.view import View
from station.model import State

OpenCatalogue = Callable[[], Catalogue]


def list_products(ledger: View, open_catalogue: OpenCatalogue) -> ProductStock:
    """In the cloud's order, those it does not know last."""
    try:
        return ProductStock(rows=_rows(ledger, _ask(open_catalogue)))
    except StationError as trouble:
        return ProductStock(rows=_rows(ledger, ()), trouble=trouble)


def _ask(open_catalogue: OpenCatalogue) -> tuple[Product, ...]:
    cloud = open_catalogue()
    try:
        return tuple(cloud.products())
    finally:
        cloud.close()


def _rows(ledger: View, known: Iterable[Product]) -> tuple[ProductRow, ...]:
    stock: dict[str, Counter[State]] = {}
    for tally in ledger.stock.tallies():
        stock.setdefault(tally.product_key, Counter())[tally.state] += tally.identities
    rows = [
        ProductRow(
            product_key=product.product_key,
            name=product.name,
            state=product.state,
            kind=product.node_type or product.category,
            stock=stock.pop(product.product_key, {}),
        )
        for product in known
    ]
    return tuple(rows) + tuple(ProductRow(product_key=key, stock=held) for key, held in stock.items())
