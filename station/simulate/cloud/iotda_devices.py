# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA devices: register, list, show, reset the secret, delete. A secret is told when it is set, and never again."""

from __future__ import annotations

import secrets
from typing import Any

from station.simulate.cloud.exchange import Received, Response
from station.simulate.cloud.iotda_paging import page, record_id
from station.simulate.cloud.iotda_products import APP_NAME, check_app, product_of, timestamp
from station.simulate.cloud.iotda_refusal import refuse_input, refuse_iotda
from station.simulate.cloud.product_rules import DEVICE, ident
from station.simulate.cloud.state import Device, World


def register(world: World, call: Received, _id: str) -> Response:
    """201 with the device and its secret: the one sent, or one made here."""
    body = call.json
    fault = next(DEVICE("body", body), None)
    if fault:
        refuse_input(fault)
    check_app(world, body.get("app_id"))
    product_of(world, body["product_id"])
    device_id = body.get("device_id") or f"{body['product_id']}_{body['node_id']}"
    if device_id in world.devices or _has_node(world, body["product_id"], body["node_id"]):
        refuse_iotda(400, "IOTDA.014031", "Invalid input. The device already exists.")
    auth = body.get("auth_info") or {}
    device = Device(
        record_id=record_id(world),
        device_id=device_id,
        node_id=body["node_id"],
        product_id=body["product_id"],
        secret="" if auth.get("auth_type") == "CERTIFICATES" else auth.get("secret") or secrets.token_hex(16),
        gateway_id=_gateway(world, body.get("gateway_id")) or device_id,
        app_id=world.keys.app_id,
        create_time=timestamp(world),
        device_name=body.get("device_name") or "",
        description=body.get("description") or "",
    )
    world.devices[device_id] = device
    world.nodes[device.product_id, device.node_id] = device_id
    world.save()
    return Response(status=201, document=_described(world, device) | {"auth_info": _auth(device, tell=True)})


def list_devices(world: World, call: Received, _id: str) -> Response:
    """Filtered by product_id, gateway_id, node_id, device_name; without secrets."""
    query = dict(call.query)
    check_app(world, query.get("app_id"))
    filters = {name: query[name] for name in ("product_id", "gateway_id", "node_id", "device_name") if name in query}
    rows = [
        (device.record_id, _described(world, device))
        for device in world.devices.values()
        if all(getattr(device, name) == value for name, value in filters.items())
    ]
    devices, paging = page(call, rows)
    return Response(document={"devices": devices, "page": paging})


def show(world: World, call: Received, device_id: str) -> Response:
    device = _device(world, device_id)
    tell = call.plan.has("secret-shown")
    return Response(document=_described(world, device) | {"auth_info": _auth(device, tell=tell)})


def reset_secret(world: World, call: Received, device_id: str) -> Response:
    """The old secret is dead at once, and with it a board that holds it."""
    device = _device(world, device_id)
    if dict(call.query).get("action_id") != "resetSecret":
        refuse_input("action_id: must be resetSecret")
    secret = call.json.get("secret")
    fault = next(ident(32, 8)("secret", secret), None) if secret is not None else None
    if fault:
        refuse_input(fault)
    device.secret = secret or secrets.token_hex(16)
    world.save()
    secret_type = call.json.get("secret_type") or "PRIMARY"
    return Response(document={"device_id": device_id, "secret": device.secret, "secret_type": secret_type})


def freeze(world: World, _call: Received, device_id: str) -> Response:
    """204. It cannot connect any more; a second time changes nothing."""
    _device(world, device_id).status = "FROZEN"
    world.save()
    return Response(status=204)


def unfreeze(world: World, _call: Received, device_id: str) -> Response:
    """204. A device that never connected is INACTIVE again, any other OFFLINE until it connects."""
    device = _device(world, device_id)
    if device.status == "FROZEN":
        device.status = "OFFLINE" if device.was_online else "INACTIVE"
    world.save()
    return Response(status=204)


def delete(world: World, _call: Received, device_id: str) -> Response:
    """A gateway goes last: its sub-devices have to be deleted before."""
    _device(world, device_id)
    if any(other.gateway_id == device_id != other.device_id for other in world.devices.values()):
        refuse_input("The device still has sub-devices.")
    del world.devices[device_id]
    world.save()
    return Response(status=204)


def _device(world: World, device_id: str) -> Device:
    device = world.devices.get(device_id)
    if device is None:
        refuse_iotda(404, "IOTDA.014000", "The device does not exist.")
    return device


def _has_node(world: World, product_id: str, node_id: str) -> bool:
    """node_id is unique in a product, whatever device_id was asked for."""
    return world.nodes.get((product_id, node_id)) in world.devices


def _gateway(world: World, gateway_id: str | None) -> str | None:
    """The parent, which exists and is itself at most one level below a gateway."""
    if gateway_id is None:
        return None
    parent = _device(world, gateway_id)
    if parent.gateway_id != parent.device_id and world.devices[parent.gateway_id].gateway_id != parent.gateway_id:
        refuse_input("gateway_id: at most two levels of sub-devices")
    return gateway_id


def _described(world: World, device: Device) -> dict[str, Any]:
    return {
        "app_id": device.app_id,
        "app_name": APP_NAME,
        "device_id": device.device_id,
        "node_id": device.node_id,
        "gateway_id": device.gateway_id,
        "device_name": device.device_name,
        "description": device.description,
        "node_type": "GATEWAY" if device.gateway_id == device.device_id else "ENDPOINT",
        "product_id": device.product_id,
        "product_name": product_of(world, device.product_id)["name"],
        "status": device.status,
        "create_time": device.create_time,
    }


def _auth(device: Device, *, tell: bool) -> dict[str, Any]:
    auth: dict[str, Any] = {"auth_type": "SECRET" if device.secret else "CERTIFICATES", "secure_access": True}
    return auth | ({"secret": device.secret} if tell and device.secret else {}) | {"timeout": 0}
