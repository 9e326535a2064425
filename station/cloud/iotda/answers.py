# SPDX-License-Identifier: GPL-3.0-or-later
"""What IoTDA's answers mean. Unknown fields are ignored, as the vendor asks of clients."""

from __future__ import annotations

import re

from station.cloud.limits import LIMITS, is_masked
from station.cloud.strict_json import Object, as_object, garbled, optional_text, printable, text
from station.cloud.values import Device, Product
from station.model import Provider, Secret

_LIMITS = LIMITS[Provider.IOTDA]


def product(item: Object, where: str) -> Product:
    """A product from a list or from its creation."""
    key = text(item, "product_id", where)
    if wrong := _LIMITS.product_key.fault(key):
        raise garbled(where, wrong)
    return Product(
        product_key=key,
        name=printable(optional_text(item, "name", where)),
        network=printable(optional_text(item, "protocol_type", where)),
        data_format=printable(optional_text(item, "data_format", where)),
        category=printable(optional_text(item, "device_type", where)),
        created=_moment(optional_text(item, "create_time", where)),
    )


def _moment(stamp: str) -> str:
    """20261122T054900Z as everybody else writes it."""
    parts = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", stamp)
    return "{}-{}-{}T{}:{}:{}+00:00".format(*parts.groups()) if parts else printable(stamp)


def device(item: Object, where: str) -> Device:
    """A device; its secret only where the cloud shows it (creation, reset), and not a masked one."""
    device_id = text(item, "device_id", where)
    secret = optional_text(item, "secret", where)
    if item.get("auth_info") is not None:
        secret = optional_text(as_object(item["auth_info"], where), "secret", where)
    found = Device(
        device_id=device_id,
        node_id=optional_text(item, "node_id", where),
        product_id=optional_text(item, "product_id", where),
        gateway_id=optional_text(item, "gateway_id", where),
        status=printable(optional_text(item, "status", where), 40),
        description=optional_text(item, "description", where),
        secret=Secret(secret) if secret and not _hides(secret) else None,
    )
    checks = (
        _LIMITS.device_name.fault(device_id),
        _LIMITS.node_id.fault(found.node_id),
        _LIMITS.product_key.fault(found.product_id) if found.product_id else "",
        _LIMITS.device_name.fault(found.gateway_id) if found.gateway_id else "",
    )
    if wrong := [fault for fault in checks if fault]:
        raise garbled(where, "; ".join(wrong))
    return found


def _hides(secret: str) -> bool:
    """Whether this stands for a secret instead of being one."""
    return bool(_LIMITS.device_secret.fault(secret)) or is_masked(secret)


def marker_of(answer: Object, where: str) -> str:
    """Where the next page begins."""
    marker = text(as_object(answer.get("page") or {}, where), "marker", where)
    if len(marker) > 64 or not marker.isalnum() or not marker.isascii():
        raise garbled(where, "“marker” is no page marker")
    return marker
