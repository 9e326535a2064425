# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA products: create with the server's own checks, list, show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from station.simulate.cloud import product_rules
from station.simulate.cloud.exchange import Received, Response
from station.simulate.cloud.iotda_paging import page, record_id
from station.simulate.cloud.iotda_refusal import refuse_input, refuse_iotda
from station.simulate.cloud.state import World

MAX_PRODUCTS = 1000
APP_NAME = "DefaultApp_station"


def create(world: World, call: Received, _id: str) -> Response:
    """201 and what was stored, which is what was sent, with product_id, app_id, app_name and create_time."""
    fault = next(product_rules.faults(call.json), None)
    if fault:
        refuse_input(fault)
    check_app(world, call.json.get("app_id"))
    record = record_id(world)
    product_id = call.json.get("product_id") or record
    if product_id in world.iotda_products:
        refuse_input(f"product_id: {product_id!r} exists already")
    if len(world.iotda_products) >= MAX_PRODUCTS:
        refuse_input("The number of products has reached the upper limit.")
    known = {name: value for name, value in call.json.items() if name in _KEPT and value is not None}
    product = known | {
        "app_id": world.keys.app_id,
        "app_name": APP_NAME,
        "product_id": product_id,
        "create_time": timestamp(world),
    }
    world.iotda_products[product_id] = {"record_id": record, "product": product}
    world.save()
    return Response(status=201, document=dict(product))


def list_products(world: World, call: Received, _id: str) -> Response:
    """Summaries: without the services."""
    query = dict(call.query)
    check_app(world, query.get("app_id"))
    rows = [
        (stored["record_id"], {name: value for name, value in stored["product"].items() if name in _SUMMARY})
        for stored in world.iotda_products.values()
        if query.get("product_name") in {None, stored["product"]["name"]}
    ]
    products, paging = page(call, rows)
    return Response(document={"products": products, "page": paging})


def show(world: World, _call: Received, product_id: str) -> Response:
    return Response(document=dict(product_of(world, product_id)))


def product_of(world: World, product_id: str) -> dict[str, Any]:
    stored = world.iotda_products.get(product_id)
    if stored is None:
        refuse_iotda(404, "IOTDA.000002", "The product does not exist.")
    product: dict[str, Any] = stored["product"]
    return product


def check_app(world: World, app_id: str | None) -> None:
    if app_id is not None and app_id != world.keys.app_id:
        refuse_iotda(403, "IOTDA.001000", "Operation not allowed. The application does not exist.")


def timestamp(world: World) -> str:
    return datetime.fromtimestamp(world.clock(), UTC).strftime("%Y%m%dT%H%M%SZ")


_SUMMARY = {
    *("app_id", "app_name", "product_id", "name", "device_type", "protocol_type", "data_format"),
    *("manufacturer_name", "industry", "description", "create_time"),
}
_KEPT = _SUMMARY | {"service_capabilities"}
