# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's RPC signature 1.0, HMAC-SHA1. Source: the platform's signature page, whose example is a test's vector.

    METHOD & %2F & encode( name=value&… )      all parameters of query and form, each encoded, sorted by name
    Signature = base64( HMAC-SHA1( AccessKeySecret + "&", that text ) )

The parameters of a form take part like those of the query; the signature itself goes into the query.
"""

from __future__ import annotations

import hmac
import time
import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping

from station.cloud.http import encode
from station.model import Secret

VERSION = "2018-01-20"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def common(access_key: str) -> dict[str, str]:
    """The parameters of every call, for one attempt: a nonce is good for one."""
    return {
        "AccessKeyId": access_key,
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": uuid.uuid4().hex,
        "SignatureVersion": "1.0",
        "Timestamp": time.strftime(_TIME, time.gmtime()),
        "Version": VERSION,
    }


def form(parameters: Iterable[tuple[str, str]]) -> str:
    """As a query or a form carries them."""
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in parameters)


def signature(method: str, parameters: Mapping[str, str], access_secret: Secret) -> str:
    text = f"{method}&%2F&{encode(form(sorted(parameters.items())))}"
    key = f"{access_secret.reveal()}&"
    return b64encode(hmac.digest(key.encode(), text.encode(), "sha1")).decode()
