# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's API gateway signature ("X-Ca"), HMAC-SHA256. Source: the gateway's signature page and its SDK.

    METHOD \\n Accept \\n Content-MD5 \\n Content-Type \\n Date \\n      an absent one keeps its line
    name:value \\n                                                   each signed header, sorted by name
    path

`X-Ca-Signature-Headers` is separated by commas, as every implementation does it; the page says colons.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping
from email.utils import formatdate

from station.cloud.http import Call
from station.model import Secret

_SIGNED = ("x-ca-key", "x-ca-nonce", "x-ca-signaturemethod", "x-ca-timestamp")


def headers_for(call: Call, *, app_key: str, app_secret: Secret) -> dict[str, str]:
    """All headers of one attempt; a nonce is good for one, so call this anew for each."""
    now = time.time()
    headers = {
        "accept": "application/json",
        "content-type": "application/json; charset=UTF-8",
        "date": formatdate(now, usegmt=True),
        "x-ca-key": app_key,
        "x-ca-nonce": uuid.uuid4().hex,
        "x-ca-signaturemethod": "HmacSHA256",
        "x-ca-timestamp": str(int(now * 1000)),
        "content-md5": content_md5(call.body),
    }
    headers["x-ca-signature-headers"] = ",".join(_SIGNED)
    headers["x-ca-signature"] = signature(call.method, call.target, headers, _SIGNED, app_secret)
    return headers


def content_md5(body: bytes) -> str:
    """Base64 of the MD5 of the body exactly as sent."""
    return b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def signature(method: str, target: str, headers: Mapping[str, str], signed: Iterable[str], app_secret: Secret) -> str:
    """`headers` with lower-case names; `signed` names those that take part by name."""
    lines = [method, *(headers.get(name, "") for name in ("accept", "content-md5", "content-type", "date"))]
    lines += [f"{name}:{headers[name]}" for name in sorted(signed)]
    text = "\n".join([*lines, target])
    return b64encode(hmac.digest(app_secret.reveal().encode(), text.encode(), "sha256")).decode()
