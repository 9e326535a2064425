# SPDX-License-Identifier: GPL-3.0-or-later
"""QueryProductList and QueryProduct. The list leaves out what only the single query tells: status and secret."""

from __future__ import annotations

from typing import Any

from station.simulate.cloud.aliyun_iot.request import Request, RpcRefused
from station.simulate.cloud.state import Product, World


def list_products(world: World, request: Request) -> dict[str, Any]:
    number, size = page_of(request, largest=200)
    every = list(reversed(world.products.values()))  # the newest first
    rows = every[(number - 1) * size : number * size]
    listed = {
        "CurrentPage": number,
        "PageCount": -(-len(every) // size),
        "PageSize": size,
        "Total": len(every),
        "List": {"ProductInfo": [_brief(world, product) for product in rows]},
    }
    return {"Data": listed}


def show(world: World, request: Request) -> dict[str, Any]:
    product = product_of(world, request)
    own = {
        "ProductSecret": product.product_secret,
        "ProductStatus": "RELEASE_STATUS" if product.published else "DEVELOPMENT_STATUS",
        "AliyunCommodityCode": "iothub_senior",
        "NetType": 3,
        "ProtocolType": "",
        "ValidateType": 1,
        "Owner": True,
        "Id2": False,
    }
    return {"Data": _brief(world, product) | own}


def product_of(world: World, request: Request) -> Product:
    key = request.text("ProductKey")
    if not key:
        raise RpcRefused("iot.prod.NullProductKey", "ProductKey cannot be empty.")
    product = world.products.get(key)
    if product is None:
        raise RpcRefused("iot.prod.NotExistedProduct", "The specified product does not exist.")
    return product


def page_of(request: Request, *, largest: int) -> tuple[int, int]:
    """(page from 1, rows a page)."""
    number, size = request.number("CurrentPage"), request.number("PageSize")
    if number < 1 or not 1 <= size <= largest:
        raise RpcRefused("iot.common.InvalidPageParams", "The specified page size or page number is invalid.")
    return number, size


def _brief(world: World, product: Product) -> dict[str, Any]:
    batches = [batch for batch in world.batches.values() if batch.product_key == product.product_key]
    return {
        "ProductKey": product.product_key,
        "ProductName": product.name,
        "NodeType": 1 if product.channels else 0,
        "DataFormat": 1,
        "AuthType": "secret",
        "Description": "",
        "DeviceCount": sum(batch.amount for batch in batches if batch.generated_at is not None),
        "GmtCreate": product.created_ms,
    }
