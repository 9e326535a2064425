# SPDX-License-Identifier: GPL-3.0-or-later
"""Living Link products: list, show, and the check every production request starts with."""

from __future__ import annotations

from typing import Any

from station.simulate.cloud.exchange import Received
from station.simulate.cloud.refused import Refused
from station.simulate.cloud.state import Product, World


def list_products(world: World, call: Received) -> Any:
    """A page of products, without any total."""
    start, size = page_of(call, largest=200)
    every = list(world.products.values())
    if start >= len(every) and call.plan.has("9.13-repeat-last"):
        start = max(0, (len(every) - 1) // size * size)
    rows = every[max(start, 0) : max(start + size, 0)]
    return [_described(product) for product in rows]


def show(world: World, call: Received) -> Any:
    return _described(product_of(world, call))


def product_of(world: World, call: Received) -> Product:
    """The product a request names."""
    product = world.products.get(str(call.params.get("productKey")))
    if product is None:
        raise Refused(2000, "param is invalid (check productKey)")
    return product


def page_of(call: Received, *, largest: int) -> tuple[int, int]:
    """(first row, rows) of the page a request asks for; faults `repeat-page` and `shift-page:N` move it."""
    number, size = _count(call, "pageNo"), _count(call, "pageSize")
    if size > largest:
        raise Refused(460, "invalid count or offset")
    limit = call.plan.argument("9.14-page-size")
    if limit is not None and size >= int(limit or largest):
        raise Refused(6101, "page size must be < 200")
    shift = int(call.plan.argument("shift-page") or 0)
    if call.plan.has("repeat-page") and number > 1:
        shift -= size
    return (number - 1) * size + shift, size


def _count(call: Received, name: str) -> int:
    value = call.params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refused(460, "invalid count or offset")
    return value


def _described(product: Product) -> dict[str, Any]:
    return {
        "gmtModified": product.created_ms,
        "productKey": product.product_key,
        "productId": product.product_id,
        "dataFormat": "ALINK_FORMAT",
        "netType": "NET_WIFI",
        "productSecret": product.product_secret,
        "nodeType": "GATEWAY" if product.channels else "DEVICE",
        "gmtCreate": product.created_ms,
        "name": product.name,
        "region": "cn-shanghai",
        "rbacTenantId": "755ED7C78101477EB7A1BC48BF0247",
        "categoryId": 285,
        "status": "RELEASE_STATUS" if product.published else "DEVELOPMENT_STATUS",
    }
