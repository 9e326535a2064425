# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei IoTDA behind its gateway, and the IAM call that gives X-Auth-Token: which path is which operation."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from station.simulate.cloud import iotda_devices, iotda_products
from station.simulate.cloud.aksk import Guard
from station.simulate.cloud.exchange import Received, Response, refuse
from station.simulate.cloud.iotda_refusal import refuse_iotda
from station.simulate.cloud.state import World

TOKEN_LIFE_S = 24 * 3600
Operation = Callable[[World, Received, str], Response]

_PATH = re.compile(
    r"/v5/iot/(?P<project>[^/]+)(?P<kind>/products|/devices)(?:/(?P<id>[^/]+))?(?P<action>/action|/freeze|/unfreeze)?"
)
_OPERATIONS: dict[tuple[str, str, bool, str], Operation] = {
    # method, kind, with an id, which action
    ("POST", "/products", False, ""): iotda_products.create,
    ("GET", "/products", False, ""): iotda_products.list_products,
    ("GET", "/products", True, ""): iotda_products.show,
    ("POST", "/devices", False, ""): iotda_devices.register,
    ("GET", "/devices", False, ""): iotda_devices.list_devices,
    ("GET", "/devices", True, ""): iotda_devices.show,
    ("POST", "/devices", True, "/action"): iotda_devices.reset_secret,
    ("POST", "/devices", True, "/freeze"): iotda_devices.freeze,
    ("POST", "/devices", True, "/unfreeze"): iotda_devices.unfreeze,
    ("DELETE", "/devices", True, ""): iotda_devices.delete,
}


def serve(world: World, guard: Guard, call: Received) -> Response:
    """Raises Refusal."""
    with world.lock:
        if call.path == "/v3/auth/tokens":
            return _iam_token(world, call)
        found = _PATH.fullmatch(call.path)
        if found is None:
            refuse(404, {"error_code": "APIGW.0101", "error_msg": "The API does not exist"})
        guard.check(world, call)
        if found["project"] != world.keys.iotda_project:
            refuse_iotda(403, "IOTDA.000021", "Operation not allowed. The project has not subscribed to IoTDA.")
        operation = _OPERATIONS.get((call.method, found["kind"], bool(found["id"]), found["action"] or ""))
        if operation is None:
            refuse(405, {"error_code": "APIGW.0101", "error_msg": "The method is not allowed"})
        if call.method == "POST" and found["action"] in (None, "/action") and not isinstance(call.json, dict):
            refuse_iotda(400, "IOTDA.000008", "Invalid input. Bad request, the body is not a JSON object.")
        return operation(world, call, found["id"] or "")


def _iam_token(world: World, call: Received) -> Response:
    """A token for the account's user, password and project; earlier ones stay alive."""
    if call.method != "POST" or not _is_our_user(world, call.json):
        message = "The username or password is wrong."
        refuse(401, {"error": {"code": 401, "message": message, "title": "Unauthorized"}})
    token = uuid4().hex * 4
    ends = world.clock() + TOKEN_LIFE_S
    world.iam_tokens[token] = ends
    world.save()
    expires_at = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    return Response(
        status=201,
        document={"token": {"expires_at": expires_at, "methods": ["password"]}},
        headers={"X-Subject-Token": token},
    )


def _is_our_user(world: World, body: Any) -> bool:
    try:
        identity, scope = body["auth"]["identity"], body["auth"]["scope"]
        user, project = identity["password"]["user"], scope["project"]
        asked = (identity["methods"], user["domain"]["name"], user["name"], user["password"])
    except (KeyError, TypeError):
        return False
    keys = world.keys
    right = (["password"], keys.iam_domain, keys.iam_user, keys.iam_password)
    return asked == right and (project.get("id") == keys.iotda_project or project.get("name") == keys.iotda_region)
