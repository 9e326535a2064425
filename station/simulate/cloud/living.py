# SPDX-License-Identifier: GPL-3.0-or-later
"""Living Link behind its gateway: the envelope, the cloudToken, and which path is which operation.

A refused request is HTTP 200 with `code` other than 200, as the real service does it; only the gateway in front uses
HTTP statuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from station.simulate.cloud import batches, products, tokens
from station.simulate.cloud.exchange import Received, Response, refuse
from station.simulate.cloud.refused import Refused
from station.simulate.cloud.state import World
from station.simulate.cloud.xca import Gateway, api_not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`work(world, call)` returns the envelope's `data`; `versions` are the apiVer seen in documents and clients."""

    work: Callable[[World, Received], Any]
    versions: frozenset[str]
    needs_token: bool = True


def _token(world: World, call: Received) -> Any:
    if call.params.get("grantType") != "project" or call.params.get("res") != world.keys.project_id:
        raise Refused(403, "request forbidden")
    return tokens.new_token(world)


def _refresh(world: World, call: Received) -> Any:
    asked = call.json.get("request") or {}
    old = call.params.get("cloudToken") or asked.get("cloudToken")
    if not tokens.is_alive(world, old):
        raise Refused(401, "request auth error")
    return tokens.refresh(world, str(old))


def _ping(_world: World, call: Received) -> Any:
    return call.params.get("input")


def _operation(work: Callable[[World, Received], Any], *versions: str, needs_token: bool = True) -> Operation:
    return Operation(work=work, versions=frozenset(versions), needs_token=needs_token)


OPERATIONS = {
    "/cloud/token": _operation(_token, "1.0.0", "1.0.1", needs_token=False),
    "/cloud/token/refresh": _operation(_refresh, "1.0.0", "1.0.1", needs_token=False),
    "/kit/debug/ping": _operation(_ping, "1.0.0", needs_token=False),
    "/cloud/thing/productList/get": _operation(products.list_products, "1.1.0", "1.1.2"),
    "/cloud/thing/product/get": _operation(products.show, "1.1.0", "1.1.2"),
    "/cloud/amount/device/generate": _operation(batches.generate, "1.1.2"),
    "/cloud/device/name/upload": _operation(batches.upload_names, "1.1.2", "1.1.3"),
    "/cloud/name/device/generate": _operation(batches.generate_from_names, "1.1.2"),
    "/living/device/apply/query": _operation(batches.query, "1.0.1"),
    "/living/cloud/product/nvr/device/generate": _operation(batches.generate_nvr, "1.0.0"),
    "/living/cloud/product/nvr/device/cert/query": _operation(batches.query_nvr, "1.0.0"),
}


def serve(world: World, gateway: Gateway, call: Received) -> Response:
    """The answer to a genuine request; Refusal for one the gateway stops."""
    operation = OPERATIONS.get(call.path)
    if operation is None:
        api_not_found(call)
    with world.lock:
        gateway.check(call, world.clock())
        if not isinstance(call.json, dict):
            _malformed()
        try:
            _check_envelope(world, call, operation)
            data = operation.work(world, call)
        except Refused as refused:
            return envelope(call, refused.code, refused.message, None)
    return envelope(call, 200, "success", data)


def envelope(call: Received, code: int, message: str, data: Any) -> Response:
    document: dict[str, Any] = {"code": code, "data": data}
    if code != 200:
        document |= {"message": message, "localizedMsg": message}
    if isinstance(call.json, dict) and "id" in call.json:
        document["id"] = call.json["id"]
    return Response(document=document)


def _check_envelope(world: World, call: Received, operation: Operation) -> None:
    asked = call.json.get("request")
    if not isinstance(asked, dict) or not isinstance(call.json.get("params"), dict):
        raise Refused(460, "request parameter error")
    wanted = call.plan.argument("9.17-only-version")
    if asked.get("apiVer") not in ({wanted} if wanted else operation.versions):
        raise Refused(404, "service not found")
    if operation.needs_token and not tokens.is_alive(world, asked.get("cloudToken")):
        raise Refused(401, "request auth error")


def _malformed() -> NoReturn:
    refuse(400, X_Ca_Error_Message="Invalid Request Body", X_Ca_Error_Code="I400BD")
