# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Action is which operation, behind the gateway and for the right instance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from station.simulate.cloud.aliyun_iot import batches, products
from station.simulate.cloud.aliyun_iot.gateway import RpcGateway, no_such_action
from station.simulate.cloud.aliyun_iot.request import Request, RpcRefused, done, refused
from station.simulate.cloud.exchange import Received, Response
from station.simulate.cloud.state import World

Operation = Callable[[World, Request], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "QueryProductList": products.list_products,
    "QueryProduct": products.show,
    "BatchCheckDeviceNames": batches.check_names,
    "BatchRegisterDevice": batches.register,
    "BatchRegisterDeviceWithApplyId": batches.register_named,
    "QueryBatchRegisterDeviceStatus": batches.status,
    "QueryPageByApplyId": batches.page,
    "BatchGetDeviceState": batches.states,
}


def serve(world: World, gateway: RpcGateway, call: Received) -> Response:
    """Raises Refusal for what the gateway stops."""
    request = Request(call)
    operation = OPERATIONS.get(request.text("Action"))
    if operation is None:
        no_such_action(request)
    with world.lock:
        gateway.check(request, world.clock())
        try:
            _check_instance(world, request)
            return done(request, **operation(world, request))
        except RpcRefused as why:
            return refused(request, why)


def _check_instance(world: World, request: Request) -> None:
    """`quirk=instance-required`: the account's instance has an id, so that a call without it fails."""
    named = request.text("IotInstanceId")
    if named and named != world.keys.aliyun_instance_id:
        raise RpcRefused("iot.Sre.IotInstanceNotFound", "The specified instance does not exist.")
    if not named and request.call.plan.has("instance-required"):
        raise RpcRefused("iot.system.InstanceNotFound", "The specified instance does not exist.")
