# SPDX-License-Identifier: GPL-3.0-or-later
"""What Living Link's `data` means. Tolerates what the documents and examples disagree on, and guesses nothing:

a batch id is a text, a number or {batchId}; a total is `totalNum` or `total` or absent; no `items` means none; an NVR's
own certificate is an object or a list of one; an echoed pageNo is ignored; unknown keys are ignored.
A field that is missing is CloudGarbled with field, page and batch; in an item of a batch it makes that item odd, and
the rest of the page is taken.
"""

from __future__ import annotations

from collections.abc import Callable

from station.cloud.limits import LIMITS, faults, is_masked
from station.cloud.sifting import label, moment, public_name, sift
from station.cloud.strict_json import (
    Object,
    as_list,
    as_object,
    garbled,
    optional_number,
    optional_text,
    text,
)
from station.cloud.values import BatchId, Page, Product, ProductState, nvr_set, single
from station.model import (
    MAX_CHANNELS,
    STATUS_NOT_SAID,
    Certificate,
    Identity,
    Provider,
    Secret,
)

_STATES = {
    "0": ProductState.DEVELOPING,
    "1": ProductState.PUBLISHED,
    "DEVELOPMENT_STATUS": ProductState.DEVELOPING,
    "RELEASE_STATUS": ProductState.PUBLISHED,
}


def batch_id(data: object, where: str) -> BatchId:
    """From generate and upload."""
    if isinstance(data, dict):
        data = data.get("batchId", data.get("applyId"))
    if isinstance(data, int) and not isinstance(data, bool):
        data = str(data)
    if not isinstance(data, str) or not data or len(data) > 64 or not data.isascii() or not data.isprintable():
        raise garbled(where, "“batchId” is missing")
    return BatchId(data)


def page(data: object, number: int, where: str) -> Page:
    """/living/device/apply/query. `where` names batch and page."""
    table = as_object({} if data is None else data, where)

    def one(item: Object, place: str) -> Identity:
        return single(certificate(item, place))

    return _page(table, table.get("items"), one, number, where)


def nvr_page(data: object, number: int, where: str, *, product_key: str) -> Page:
    """/living/cloud/product/nvr/device/cert/query: sets of this product, each whole or odd."""
    table = as_object({} if data is None else data, where)

    def one(item: Object, place: str) -> Identity:
        found = _nvr(item, place)
        if found.primary.product_key != product_key:
            raise garbled(place, f"an NVR of another product than {product_key}")
        return found

    return _page(table, table.get("NvrDeviceCertList", table.get("nvrDeviceCertList")), one, number, where)


def _nvr(item: Object, where: str) -> Identity:
    own = item.get("nvrDeviceCertInfo")
    if isinstance(own, list):
        if len(own) != 1:
            raise garbled(where, f"“nvrDeviceCertInfo” lists {len(own)} certificates, not 1")
        own = own[0]
    if own is None:
        raise garbled(where, "“nvrDeviceCertInfo” is missing")
    nvr = certificate(as_object(own, where), where)
    members = item.get("subDeviceCertList")
    cameras = as_list([] if members is None else members, where)
    promised = optional_number(item, "ipcNum", where)
    if promised is None:
        raise garbled(where, "“ipcNum” is missing")
    if promised != len(cameras):
        raise garbled(where, f"“ipcNum” says {promised}, “subDeviceCertList” has {len(cameras)}")
    if len(cameras) > MAX_CHANNELS:
        raise garbled(where, f"{len(cameras)} channels, at most {MAX_CHANNELS}")
    channels = tuple(
        certificate(as_object(camera, where), f"{where}, channel {channel}")
        for channel, camera in enumerate(cameras, 1)
    )
    if len({member.name for member in (nvr, *channels)}) != 1 + len(channels):
        raise garbled(where, "a certificate is in the set twice")
    return nvr_set(nvr, channels)


def certificate(item: Object, where: str) -> Certificate:
    """Without a status, as an NVR's page has none, nothing was said of its use."""
    status = optional_number(item, "status", where)
    found = Certificate(
        provider=Provider.LIVING,
        product_key=text(item, "productKey", where),
        device_name=text(item, "deviceName", where),
        device_secret=Secret(text(item, "deviceSecret", where)),
        iot_id=optional_text(item, "iotId", where),
        device_id=optional_text(item, "deviceId", where),
        cloud_status=STATUS_NOT_SAID if status is None else status,
    )
    if wrong := faults(found):
        raise garbled(where, "; ".join(wrong))
    if is_masked(found.device_secret.reveal()):
        raise garbled(where, "“deviceSecret” is masked")
    return found


def _page(table: Object, listed: object, read: Callable[[Object, str], Identity], number: int, where: str) -> Page:
    """What can be believed, in order, and what cannot. CloudGarbled when there is no list to read."""
    items, odd = sift(listed, read, _named, where)
    return Page(number=number, items=items, total=_total(table, where), odd=odd)


def _named(item: object) -> str:
    own = item.get("nvrDeviceCertInfo", item) if isinstance(item, dict) else None
    own = own[0] if isinstance(own, list) and own else own
    return public_name(Provider.LIVING, own.get("productKey"), own.get("deviceName")) if isinstance(own, dict) else ""


def _total(table: Object, where: str) -> int | None:
    total = optional_number(table, "totalNum", where)
    return optional_number(table, "total", where) if total is None else total


def product(data: object, where: str) -> Product:
    """/cloud/thing/product/get."""
    table = as_object(data, where)
    key = text(table, "productKey", where)
    if wrong := LIMITS[Provider.LIVING].product_key.fault(key):
        raise garbled(where, wrong)
    secret = optional_text(table, "productSecret", where)
    if is_masked(secret):
        secret = ""
    if secret and (wrong := LIMITS[Provider.LIVING].product_secret.fault(secret)):
        raise garbled(where, wrong)
    raw_state = label(table, "status", where)
    return Product(
        product_key=key,
        name=label(table, "name", where),
        state=_STATES.get(raw_state, ProductState.UNKNOWN),
        raw_state=raw_state,
        node_type=label(table, "nodeType", where),
        network=label(table, "netType", where),
        data_format=label(table, "dataFormat", where),
        category=label(table, "categoryName", where) or label(table, "categoryId", where),
        region=label(table, "region", where),
        created=moment(table, "gmtCreate", where),
        product_secret=Secret(secret) if secret else None,
    )


def products(data: object, where: str) -> tuple[Product, ...]:
    """/cloud/thing/productList/get; no list means none."""
    listed = as_list([] if data is None else data, where)
    return tuple(product(item, f"{where}, item {index}") for index, item in enumerate(listed, 1))
