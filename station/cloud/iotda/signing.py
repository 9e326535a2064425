# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's AK/SK request signatures: plain (SDK-HMAC-SHA256) and derived (V11-HMAC-SHA256).

Source: signer.py and hkdf.py of Huawei's SDK, whose output the tests' vectors are. The derived form signs with a key
made by HKDF for one day, region and service; the service's name there is `iotdm`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from station.cloud.http import Call, encode
from station.model import Secret

_DERIVED_SERVICE = "iotdm"
_PLAIN_HOST = re.compile(r"[\w-]+(\.[\w-]+)?\.(my)?(huaweicloud|hwclouds)\.(com|cn)")
_DATE = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """`derived` None: the host decides, as Huawei's SDK does; standard and enterprise instances want derived."""

    access: str
    secret: Secret
    region: str
    derived: bool | None = None


def wants_derived(hostname: str) -> bool:
    """The rule of Huawei's SDK: plain only for service[.region].(my)huaweicloud.com and the like."""
    return _PLAIN_HOST.fullmatch(hostname) is None


def headers_for(call: Call, headers: Mapping[str, str], key: AccessKey, *, derived: bool) -> dict[str, str]:
    """`headers` (lower case, with host) plus date and authorization, for one attempt. All of `headers` are signed."""
    dated = {**headers, "x-sdk-date": datetime.now(UTC).strftime(_DATE)}
    return {**dated, "authorization": authorization(call, dated, key, derived=derived)}


def authorization(call: Call, headers: Mapping[str, str], key: AccessKey, *, derived: bool) -> str:
    """The Authorization header for `headers`, which hold host and x-sdk-date."""
    names = sorted(name for name in headers if "_" not in name)
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(call.query))
    block = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    payload = hashlib.sha256(call.body).hexdigest()
    canonical = "\n".join([call.method, call.path.rstrip("/") + "/", query, block, ";".join(names), payload])
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    date = headers["x-sdk-date"]
    if not derived:
        signature = _hmac(key.secret.reveal(), f"SDK-HMAC-SHA256\n{date}\n{hashed}").hex()
        return f"SDK-HMAC-SHA256 Access={key.access}, SignedHeaders={';'.join(names)}, Signature={signature}"
    info = f"{date[:8]}/{key.region}/{_DERIVED_SERVICE}"
    signature = _hmac(derived_key(key, info), f"V11-HMAC-SHA256\n{date}\n{info}\n{hashed}").hex()
    return f"V11-HMAC-SHA256 Credential={key.access}/{info}, SignedHeaders={';'.join(names)}, Signature={signature}"


def derived_key(key: AccessKey, info: str) -> str:
    """HKDF-SHA256 with one block; used as its 64 hex digits, not as 32 bytes."""
    extracted = _hmac(key.access, key.secret.reveal())
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256").hex()


def _hmac(key: str, text: str) -> bytes:
    return hmac.digest(key.encode(), text.encode(), "sha256")
