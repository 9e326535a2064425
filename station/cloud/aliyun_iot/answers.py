# SPDX-License-Identifier: GPL-3.0-or-later
"""What the IoT Platform's answers mean. A list is the object of a list (`{"ProductInfo": […]}`), a list, or absent.

A page of certificates names no product and no status: the product is the one that was asked for, the status comes from
BatchGetDeviceState. Its IotId must be the page's, or the certificate is of another device than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from station.cloud.limits import LIMITS, faults, is_masked
from station.cloud.sifting import label, moment, public_name, sift
from station.cloud.strict_json import Object, as_list, as_object, garbled, optional_number, optional_text, text
from station.cloud.values import BatchId, Odd, Page, Product, ProductState, single
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, Certificate, Identity, Provider, Secret

_STATES = {"DEVELOPMENT_STATUS": ProductState.DEVELOPING, "RELEASE_STATUS": ProductState.PUBLISHED}
_NODES = {"0": "DEVICE", "1": "GATEWAY"}
_FORMATS = {"0": "CUSTOM_FORMAT", "1": "ALINK_FORMAT"}
_DEVICE_STATUS = {"UNACTIVE": STATUS_INACTIVE, "ONLINE": 1, "OFFLINE": 3, "DISABLE": 8}
"""In the numbers that Living Link's documents give to the same states."""
_USED_SOMEHOW = 1


class Stage(StrEnum):
    """How far the cloud is with a batch."""

    CHECK = "CHECK"
    CHECK_SUCCESS = "CHECK_SUCCESS"
    CHECK_FAILED = "CHECK_FAILED"
    CREATE = "CREATE"
    CREATE_SUCCESS = "CREATE_SUCCESS"
    CREATE_FAILED = "CREATE_FAILED"

    @property
    def was_asked_for(self) -> bool:
        """Whether the devices themselves are made, or being made."""
        return self in (Stage.CREATE, Stage.CREATE_SUCCESS, Stage.CREATE_FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """`invalid`: names that were not taken, each with what the cloud says of it."""

    stage: Stage
    invalid: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """`status` as a certificate has it."""

    status: int
    iot_id: str


def apply_id(data: object, where: str) -> BatchId:
    """From the operations that start a batch."""
    value = as_object(data, where).get("ApplyId")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 19:
        raise garbled(where, "“ApplyId” is missing")
    return BatchId(value)


def progress(data: object, where: str) -> BatchProgress:
    """QueryBatchRegisterDeviceStatus."""
    table = as_object(data, where)
    try:
        stage = Stage(text(table, "Status", where))
    except ValueError:
        raise garbled(where, "“Status” is not one of the documents") from None
    invalid = dict.fromkeys(_names(table.get("InvalidList"), where), "")
    for item in _listed(table.get("InvalidDetailList"), "InvalidDetailList", where):
        detail = as_object(item, where)
        if name := optional_text(detail, "DeviceName", where):
            invalid[name] = label(detail, "ErrorMsg", where)
    return BatchProgress(stage=stage, invalid=invalid)


def product(data: object, where: str) -> Product:
    """QueryProduct, and an item of QueryProductList."""
    table = as_object(data, where)
    key = text(table, "ProductKey", where)
    secret = optional_text(table, "ProductSecret", where)
    limits = LIMITS[Provider.ALIYUN_IOT]
    if wrong := limits.product_key.fault(key) or (secret and limits.product_secret.fault(secret)):
        raise garbled(where, wrong)
    raw_state = label(table, "ProductStatus", where)
    node, data_format = label(table, "NodeType", where), label(table, "DataFormat", where)
    return Product(
        product_key=key,
        name=label(table, "ProductName", where),
        state=_STATES.get(raw_state, ProductState.UNKNOWN),
        raw_state=raw_state,
        node_type=_NODES.get(node, node),
        network=label(table, "NetType", where),
        data_format=_FORMATS.get(data_format, data_format),
        category=label(table, "CategoryName", where) or label(table, "CategoryKey", where),
        created=moment(table, "GmtCreate", where),
        product_secret=Secret(secret) if secret and not is_masked(secret) else None,
    )


def products(data: object, where: str) -> tuple[tuple[Product, ...], int | None]:
    """QueryProductList: a page, and how many there are."""
    table = as_object({} if data is None else data, where)
    listed = _listed(table.get("List"), "ProductInfo", where)
    found = tuple(product(item, f"{where}, item {index}") for index, item in enumerate(listed, 1))
    return found, optional_number(table, "Total", where)


def page(table: Object, number: int, where: str, *, product_key: str) -> Page:
    """QueryPageByApplyId; statuses are not said yet."""

    def one(item: Object, place: str) -> Identity:
        return single(_certificate(item, place, product_key))

    listed = _listed(table.get("ApplyDeviceList"), "ApplyDeviceInfo", where)
    items, odd = sift(listed, one, lambda item: _named(item, product_key), where)
    return Page(number=number, items=items, total=optional_number(table, "Total", where), odd=odd)


def states(table: Object, where: str) -> dict[str, DeviceState]:
    """BatchGetDeviceState, by deviceName. A status that no document has is one of a device in use."""
    found = {}
    for item in _listed(table.get("DeviceStatusList"), "DeviceStatus", where):
        one = as_object(item, where)
        said = text(one, "Status", where)
        found[text(one, "DeviceName", where)] = DeviceState(
            status=_DEVICE_STATUS.get(said, _USED_SOMEHOW), iot_id=optional_text(one, "IotId", where)
        )
    return found


def failed(progress: BatchProgress, product_key: str, where: str) -> tuple[Odd, ...]:
    """Devices that the cloud did not make."""
    return tuple(
        Odd(
            key=public_name(Provider.ALIYUN_IOT, product_key, name) or f"unnamed-{index}",
            place=where,
            why="the cloud did not make it" + (f": {said}" if said else ""),
            raw="",
        )
        for index, (name, said) in enumerate(progress.invalid.items(), 1)
    )


def _certificate(item: Object, where: str, product_key: str) -> Certificate:
    found = Certificate(
        provider=Provider.ALIYUN_IOT,
        product_key=product_key,
        device_name=text(item, "DeviceName", where),
        device_secret=Secret(text(item, "DeviceSecret", where)),
        iot_id=optional_text(item, "IotId", where),
        device_id=optional_text(item, "DeviceId", where),
        cloud_status=STATUS_NOT_SAID,
    )
    if wrong := faults(found):
        raise garbled(where, "; ".join(wrong))
    if is_masked(found.device_secret.reveal()):
        raise garbled(where, "“DeviceSecret” is masked")
    if (its := item.get("ProductKey")) is not None and its != product_key:
        raise garbled(where, f"it is of another product than {product_key}")
    return found


def _named(item: object, product_key: str) -> str:
    return public_name(Provider.ALIYUN_IOT, product_key, item.get("DeviceName")) if isinstance(item, dict) else ""


def _listed(value: object, name: str, where: str) -> list[object]:
    inner = value.get(name) if isinstance(value, dict) else value
    return as_list([] if inner is None else inner, where)


def _names(value: object, where: str) -> list[str]:
    return [name for name in _listed(value, "Name", where) if isinstance(name, str)]
