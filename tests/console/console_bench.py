# SPDX-License-Identifier: GPL-3.0-or-later
"""What the console tests share: shipped profiles made quick, an identity that fits them, labels and uids."""

from __future__ import annotations

from typing import Any

from station.model import Certificate, Identity, Secret
from station.profiles import shipped
from station.profiles.profile import Profile, parse_profile
from station.targets import check_options

LABEL = "A1B2C3D4"
UIDS = {"nordic-cmng": "352656100367872"}


def a_profile(name: str, *, common: dict[str, object] | None = None, **console: object) -> Profile:
    """A shipped profile with some keys changed; simulated boards start in no time, so nobody waits for 10 s."""
    table = dict(shipped.table_of(name)) | (common or {})
    options: dict[str, Any] = dict(table["console"])  # type: ignore[call-overload]
    options["restart"] = options["restart"] | {"boot_s": 1.5 if "boot" in options["restart"] else 0.15}
    table["console"] = options | {"timeout_s": 0.5} | console
    return parse_profile(table, check_options, source=name)


def an_identity(profile: Profile, **fields: str) -> Identity:
    values = {"product_key": "a1B2c3D4e5F", "device_name": "cam-0001", "secret": "0123456789abcdef0123456789abcdef"}
    values |= {"product_secret": "OKps.1234567890"} | fields
    return Identity(
        primary=Certificate(
            product_key=values["product_key"],
            device_name=values["device_name"],
            device_secret=Secret(values["secret"]),
            product_secret=Secret(values["product_secret"]) if profile.product_secret else None,
        )
    )
