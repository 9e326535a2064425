# SPDX-License-Identifier: GPL-3.0-or-later
"""Production batches: generate, upload names, and the pages of certificates.

Generation is a request, and its certificates come later: with `ready_after_s` a query first finds no batch (6271), then
one that is not ready (6285), then no rows, then some, then all. Nothing is idempotent: asking twice makes two batches.
"""

from __future__ import annotations

import re
from typing import Any

from station.simulate.cloud.exchange import Received
from station.simulate.cloud.issue import IssuedCertificate
from station.simulate.cloud.products import page_of, product_of
from station.simulate.cloud.refused import Refused
from station.simulate.cloud.state import Batch, Product, World

_NAME = re.compile(r"[A-Za-z0-9\-_@.:]{4,32}")
MAX_NAMES = 1000
MAX_NVR = 10_000


def generate(world: World, call: Received) -> str:
    """Certificates with names made by the cloud."""
    product = _producible(world, call, nvr=False)
    return _new_batch(world, call, product, _amount(call))


def generate_nvr(world: World, call: Received) -> str:
    """NVR certificates, each with its cameras'."""
    product = _producible(world, call, nvr=True)
    amount = _amount(call)
    if amount > MAX_NVR:
        raise Refused(460, "batch device amount invalid")
    return _new_batch(world, call, product, amount)


def upload_names(world: World, call: Received) -> str:
    """A batch of names; its certificates do not exist until they are generated. `quirk=9.20-drops-name` loses one."""
    product = _producible(world, call, nvr=False)
    names = call.params.get("deviceNames")
    if not isinstance(names, list) or not names or len(names) > MAX_NAMES:
        raise Refused(460, "request parameter error")
    if not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
        raise Refused(6280, "devicename not meet specs")
    if len(set(names)) < len(names) or not _existing(world, product).isdisjoint(names):
        raise Refused(6251, "device has existed")
    if call.plan.has("9.20-drops-name"):
        names = names[:-1]
    return _new_batch(world, call, product, len(names), names)


def generate_from_names(world: World, call: Received) -> str:
    product = _producible(world, call, nvr=False)
    batch = world.batches.get(str(call.params.get("batchId")))
    if batch is None or batch.product_key != product.product_key:
        raise Refused(6271, "device apply not found")
    if batch.generated_at is not None:
        raise Refused(6283, "apply illegal")
    if not _existing(world, product).isdisjoint(batch.names):
        raise Refused(6251, "device has existed")
    batch.generated_at = world.clock()
    world.save()
    return batch.batch_id


def query(world: World, call: Received) -> dict[str, Any]:
    """A page of an ordinary batch. Without rows there is no `items`, as in the vendor's own example."""
    start, size = page_of(call, largest=200)
    batch = world.batches.get(str(call.params.get("applyId")))
    if batch is None or batch.is_nvr:
        raise Refused(6271, "device apply not found")
    ready = _rows_ready(world, batch)
    rows = range(max(start, 0), min(max(start + size, 0), ready))
    if not rows:
        return {"totalNum": ready}
    return {"totalNum": ready, "items": [_item(batch, index) for index in rows]}


def query_nvr(world: World, call: Received) -> dict[str, Any]:
    """A page of an NVR batch: sets, each with its cameras in the order of their channels."""
    start, size = page_of(call, largest=20)
    product = product_of(world, call)
    batch = world.batches.get(str(call.params.get("batchId")))
    if batch is None or not batch.is_nvr or batch.product_key != product.product_key:
        raise Refused(6271, "device apply not found")
    ready = _rows_ready(world, batch)
    rows = range(max(start, 0), min(max(start + size, 0), ready))
    return {
        "total": ready,
        "NvrDeviceCertList": [_set(batch, index, shares=call.plan.has("shared-camera")) for index in rows],
        "pageNo": call.params["pageNo"],
        "pageSize": size,
    }


def _producible(world: World, call: Received, *, nvr: bool) -> Product:
    product = product_of(world, call)
    if (product.channels > 0) != nvr:
        raise Refused(2000, "param is invalid (check productKey)")
    if not product.published:
        raise Refused(460, "product is not published")
    return product


def _new_batch(world: World, call: Received, product: Product, amount: int, names: list[str] | None = None) -> str:
    prefix = "000" if call.plan.has("9.1-zeros") else ""
    return world.add_batch(product, amount=amount, names=names, prefix=prefix).batch_id


def _amount(call: Received) -> int:
    amount = call.params.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        raise Refused(460, "batch device amount invalid")
    return amount


def _existing(world: World, product: Product) -> set[str]:
    """Names of this product that were generated from uploads; those the cloud makes never collide."""
    return {
        name
        for batch in world.batches.values()
        if batch.product_key == product.product_key and batch.generated_at is not None
        for name in batch.names
    }


def _rows_ready(world: World, batch: Batch) -> int:
    """How many rows exist by now; Refused while the cloud would not even know the batch."""
    if batch.generated_at is None:
        return 0
    if not world.ready_after_s:
        return batch.amount
    done = (world.clock() - batch.generated_at) / world.ready_after_s
    if done < 0.25:
        raise Refused(6271, "device apply not found")
    if done < 0.5:
        raise Refused(6285, "apply not ready")
    if done < 0.75:
        return 0
    return batch.amount if done >= 1 else batch.amount // 2


def _item(batch: Batch, index: int) -> dict[str, Any]:
    device = batch.row(index).primary
    status = batch.statuses.get(str(index), 0)
    return {**_device_info(device), "deviceId": device.device_id, "status": status}


def _set(batch: Batch, index: int, *, shares: bool) -> dict[str, Any]:
    """`shares`: `quirk=shared-camera` strikes."""
    nvr, cameras = batch.row(index)
    if shares and index == 1:
        cameras = (batch.row(0).channels[0], *cameras[1:])
    return {
        "subDeviceCertList": [_device_info(camera) for camera in cameras],
        "nvrDeviceCertInfo": _device_info(nvr),
        "ipcNum": len(cameras),
    }


def _device_info(device: IssuedCertificate) -> dict[str, Any]:
    return {
        "iotId": device.iot_id,
        "deviceSecret": device.device_secret,
        "productKey": device.product_key,
        "deviceName": device.device_name,
    }
