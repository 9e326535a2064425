# SPDX-License-Identifier: GPL-3.0-or-later
"""What each provider's fields may look like: lengths in characters and alphabets, as the vendors document them.

Sources: Alibaba's device SDK buffers (productKey 20, deviceName 32, secrets 64) and its device name rules; Huawei's
register and create documents. Boards have limits of their own, which their targets check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from station.model import Certificate, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedField:
    """A field's name as that cloud spells it, with its rule."""

    name: str
    shortest: int
    longest: int
    alphabet: str  # inside a regular expression's brackets
    _fits: Callable[[str], object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Compiled once: a page of NVR sets has two thousand fields.
        pattern = re.compile(f"[{self.alphabet}]{{{self.shortest},{self.longest}}}")
        object.__setattr__(self, "_fits", pattern.fullmatch)

    def fault(self, value: str) -> str:
        """What is wrong with `value`, without quoting it; "" when nothing is."""
        if self._fits(value):
            return ""
        if not self.shortest <= len(value) <= self.longest:
            return f"“{self.name}” has {len(value)} characters, not {self.shortest} to {self.longest}"
        return f"“{self.name}” has a character outside {self.alphabet}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One provider's."""

    product_key: LimitedField
    device_name: LimitedField
    device_secret: LimitedField
    product_secret: LimitedField
    iot_id: LimitedField
    device_id: LimitedField
    node_id: LimitedField


_LIVING_NAME = "-A-Za-z0-9_@.:"
_IOTDA_ID = "-A-Za-z0-9_"

LIVING_DEVICE_NAME = LimitedField(name="deviceName", shortest=4, longest=32, alphabet=_LIVING_NAME)
ALIYUN_IOT_DEVICE_NAME = LimitedField(name="DeviceName", shortest=4, longest=32, alphabet=_LIVING_NAME)
IOTDA_NODE_ID = LimitedField(name="node_id", shortest=1, longest=64, alphabet=_IOTDA_ID)

LIMITS = {
    Provider.LIVING: Limits(
        product_key=LimitedField(name="productKey", shortest=1, longest=20, alphabet="A-Za-z0-9"),
        device_name=LIVING_DEVICE_NAME,
        device_secret=LimitedField(name="deviceSecret", shortest=1, longest=64, alphabet="A-Za-z0-9"),
        product_secret=LimitedField(name="productSecret", shortest=1, longest=64, alphabet="A-Za-z0-9"),
        iot_id=LimitedField(name="iotId", shortest=0, longest=128, alphabet="!-~"),
        device_id=LimitedField(name="deviceId", shortest=0, longest=64, alphabet="!-~"),
        node_id=LimitedField(name="nodeId", shortest=0, longest=0, alphabet="!-~"),
    ),
    Provider.IOTDA: Limits(
        product_key=LimitedField(name="product_id", shortest=1, longest=36, alphabet=_IOTDA_ID),
        device_name=LimitedField(name="device_id", shortest=1, longest=128, alphabet=_IOTDA_ID),
        device_secret=LimitedField(name="secret", shortest=8, longest=32, alphabet=_IOTDA_ID),
        product_secret=LimitedField(name="product_secret", shortest=0, longest=0, alphabet="!-~"),
        iot_id=LimitedField(name="iot_id", shortest=0, longest=0, alphabet="!-~"),
        device_id=LimitedField(name="device_id", shortest=0, longest=128, alphabet=_IOTDA_ID),
        node_id=LimitedField(name="node_id", shortest=0, longest=64, alphabet=_IOTDA_ID),
    ),
    Provider.ALIYUN_IOT: Limits(
        product_key=LimitedField(name="ProductKey", shortest=1, longest=20, alphabet="A-Za-z0-9"),
        device_name=ALIYUN_IOT_DEVICE_NAME,
        # Secrets that were imported there keep the alphabet of device names.
        device_secret=LimitedField(name="DeviceSecret", shortest=1, longest=64, alphabet=_LIVING_NAME),
        product_secret=LimitedField(name="ProductSecret", shortest=1, longest=64, alphabet="A-Za-z0-9"),
        iot_id=LimitedField(name="IotId", shortest=0, longest=128, alphabet="!-~"),
        device_id=LimitedField(name="DeviceId", shortest=0, longest=64, alphabet="!-~"),
        node_id=LimitedField(name="NodeId", shortest=0, longest=0, alphabet="!-~"),
    ),
}


_MASK_RUN = re.compile(r"(.)\1{7}")


def is_masked(secret: str) -> bool:
    """Whether a secret has been made unreadable, wholly or in its middle, as consoles and documents do: `*`, or eight
    times the same character, which a random secret has once in 10^11.
    """
    return "*" in secret or bool(_MASK_RUN.search(secret)) or len(set(secret)) == 1


def faults(certificate: Certificate) -> list[str]:
    """All that is wrong with a certificate; no value is quoted."""
    limits = LIMITS[certificate.provider]
    found = [
        limits.product_key.fault(certificate.product_key),
        limits.device_name.fault(certificate.device_name),
        limits.device_secret.fault(certificate.device_secret.reveal()),
        limits.iot_id.fault(certificate.iot_id),
        limits.device_id.fault(certificate.device_id),
        limits.node_id.fault(certificate.node_id),
    ]
    if certificate.product_secret:
        found.append(limits.product_secret.fault(certificate.product_secret.reveal()))
    return [fault for fault in found if fault]
