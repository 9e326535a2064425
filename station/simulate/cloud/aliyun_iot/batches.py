# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of devices: names checked, devices registered, how far that is, the pages, and what became of each device.

Checking and registering are asynchronous. Nothing is idempotent but the registration of checked names: a batch is
registered once, and asked again it says that its task is running.
"""

from __future__ import annotations

import re
from typing import Any

from station.simulate.cloud.aliyun_iot.products import page_of, product_of
from station.simulate.cloud.aliyun_iot.request import Request, RpcRefused
from station.simulate.cloud.state import Batch, Product, World

MOST = 10_000
_PAGE = 50
_ASKED = 50
_NAME = re.compile(r"[A-Za-z0-9\-_@.:]{4,32}")
_STATUS = {0: "UNACTIVE", 1: "ONLINE", 3: "OFFLINE", 8: "DISABLE"}


def register(world: World, request: Request) -> dict[str, Any]:
    """BatchRegisterDevice: names made by the cloud."""
    product = product_of(world, request)
    count = request.number("Count")
    if not 1 <= count <= _most(request):
        raise RpcRefused("iot.device.DeviceCountExceeded", "Number of devices requested exceeds the maximum limit.")
    return {"Data": {"ApplyId": int(world.add_batch(product, amount=count).batch_id)}}


def check_names(world: World, request: Request) -> dict[str, Any]:
    """BatchCheckDeviceNames: no device is made yet."""
    product = product_of(world, request)
    names = request.listed("DeviceName")
    if not names:
        raise RpcRefused("iot.device.NoneDeviceNameElement", "The device name list cannot be empty.")
    if len(names) > _most(request):
        raise RpcRefused("iot.device.DeviceCountExceeded", "Number of devices requested exceeds the maximum limit.")
    bad = [name for name in names if not _NAME.fullmatch(name)]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if bad or twice:
        data = {
            "InvalidDeviceNameList": {"InvalidDeviceName": bad},
            "RepeatedDeviceNameList": {"RepeatedDeviceName": twice},
        }
        raise RpcRefused("iot.device.InvalidFormattedDeviceName", "The device name is invalid.", data)
    return {"Data": {"ApplyId": int(world.add_batch(product, amount=len(names), names=names).batch_id)}}


def register_named(world: World, request: Request) -> dict[str, Any]:
    """BatchRegisterDeviceWithApplyId."""
    product = product_of(world, request)
    batch = _batch_of(world, request, product)
    if batch.generated_at is not None:
        raise RpcRefused("iot.device.CreateDeviceTaskIsRunning", "The device creation task is still in progress.")
    if _taken(world, product, batch):
        raise RpcRefused("iot.device.IncorrentDeviceApplyInfo", "The device application information is not correct.")
    batch.generated_at = world.clock()
    world.save()
    return {"Data": {"ApplyId": int(batch.batch_id)}}


def status(world: World, request: Request) -> dict[str, Any]:
    """QueryBatchRegisterDeviceStatus. `quirk=rpc-create-failed:N`: the last N devices were not made."""
    product = product_of(world, request)
    batch = _batch_of(world, request, product)
    if batch.generated_at is None:
        taken = _taken(world, product, batch)
        checked = "CHECK" if request.call.plan.has("rpc-checking") else "CHECK_FAILED" if taken else "CHECK_SUCCESS"
        return {"Data": _progress(checked, taken, "The device name already exists.")}
    if _ready(world, batch) < batch.amount:
        return {"Data": _progress("CREATE", [], "")}
    lost = _lost(request)
    failed = [row.primary.device_name for row in list(batch.rows())[-lost:]] if lost else []
    return {"Data": _progress("CREATE_FAILED" if failed else "CREATE_SUCCESS", failed, "Failed to create the device.")}


def page(world: World, request: Request) -> dict[str, Any]:
    """QueryPageByApplyId: devices without product and status."""
    number, size = page_of(request, largest=_PAGE)
    batch = world.batches.get(request.text("ApplyId"))
    if batch is None or batch.is_nvr:
        raise RpcRefused("iot.device.DeviceApplyIsNotFound", "The ApplyId is not found.")
    ready = min(_ready(world, batch), batch.amount - _lost(request))
    shift = int(request.call.plan.argument("shift-page") or 0)
    if request.call.plan.has("repeat-page") and number > 1:
        shift -= size
    first = (number - 1) * size + shift
    rows = [_described(batch, index) for index in range(max(first, 0), min(max(first + size, 0), ready))]
    return {
        "PageCount": -(-ready // size),
        "Page": number,
        "PageSize": size,
        "Total": ready,
        "ApplyDeviceList": {"ApplyDeviceInfo": rows},
    }


def states(world: World, request: Request) -> dict[str, Any]:
    """BatchGetDeviceState. One unknown name refuses all."""
    product = product_of(world, request)
    names = request.listed("DeviceName")
    if not names or len(names) > _ASKED:
        raise RpcRefused("iot.system.IllegalRequest", "The request parameter is invalid.")
    known = world.rows_named(product.product_key, names)
    if len(known) < len(names):
        raise RpcRefused("iot.device.NotExistedDevice", "The specified device does not exist.")
    return {"DeviceStatusList": {"DeviceStatus": [_state(*known[name], name) for name in names]}}


def _state(batch: Batch, index: int, name: str) -> dict[str, Any]:
    row = batch.row(index).primary
    said = _STATUS[batch.statuses.get(str(index), 0)]
    return {"DeviceName": name, "DeviceId": row.device_id, "IotId": row.iot_id, "Status": said, "LastOnlineTime": ""}


def _described(batch: Batch, index: int) -> dict[str, Any]:
    row = batch.row(index).primary
    return {
        "DeviceId": row.device_id,
        "DeviceName": row.device_name,
        "DeviceSecret": row.device_secret,
        "IotId": row.iot_id,
    }


def _batch_of(world: World, request: Request, product: Product) -> Batch:
    batch = world.batches.get(request.text("ApplyId"))
    if batch is None or batch.is_nvr or batch.product_key != product.product_key:
        raise RpcRefused("iot.device.DeviceApplyIsNotFound", "The ApplyId is not found.")
    return batch


def _taken(world: World, product: Product, batch: Batch) -> list[str]:
    """Of its names, those that other batches' devices have."""
    others = [
        other
        for other in world.batches.values()
        if other is not batch and other.product_key == product.product_key and other.generated_at is not None
    ]
    used = {name for other in others for name in other.names}
    return [name for name in batch.names if name in used]


def _ready(world: World, batch: Batch) -> int:
    """How many devices exist by now."""
    if batch.generated_at is None:
        return 0
    if not world.ready_after_s:
        return batch.amount
    done = (world.clock() - batch.generated_at) / world.ready_after_s
    return batch.amount if done >= 1 else int(batch.amount * done)


def _most(request: Request) -> int:
    """`quirk=rpc-most:N`: one edition of the documents says 1,000."""
    return int(request.call.plan.argument("rpc-most") or MOST)


def _lost(request: Request) -> int:
    return int(request.call.plan.argument("rpc-create-failed") or 0)


def _progress(said: str, invalid: list[str], why: str) -> dict[str, Any]:
    details = [{"DeviceName": name, "ErrorMsg": why} for name in invalid]
    return {
        "Status": said,
        "ValidList": {"Name": []},
        "InvalidList": {"Name": invalid},
        "InvalidDetailList": {"InvalidDetailList": details},
    }
