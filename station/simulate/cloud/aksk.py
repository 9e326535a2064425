# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's gateway in front of IoTDA: AK/SK signatures (plain and derived), X-Auth-Token, lock-out, Instance-Id.

Five bad signatures in a row lock the access key for five minutes; a good one in between starts the count again.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import NoReturn
from urllib.parse import quote, unquote

from station.simulate.cloud.exchange import Received, refuse
from station.simulate.cloud.iotda_refusal import refuse_iotda
from station.simulate.cloud.keys import Keys
from station.simulate.cloud.state import World

FRESH_S = 15 * 60
LOCK_AFTER = 5
LOCK_S = 5 * 60
_AUTHORIZATION = re.compile(
    r"(?P<algorithm>SDK-HMAC-SHA256|V11-HMAC-SHA256) (?:Access|Credential)=(?P<access>[^,]+), *"
    r"SignedHeaders=(?P<headers>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)


class Guard:
    """Lets genuine requests of one account through."""

    def __init__(self) -> None:
        self._bad = 0
        self._locked_until = 0.0

    def check(self, world: World, call: Received) -> None:
        """Raises Refusal unless the request is signed or carries a live token, and names the right instance."""
        if call.header("Authorization"):
            self._check_signature(world.keys, call, world.clock())
        elif call.header("X-Auth-Token"):
            if world.iam_tokens.get(call.header("X-Auth-Token"), 0) <= world.clock():
                refuse_iotda(403, "IOTDA.000004", "Invalid access token.")
        else:
            _unauthorized(call, "x-auth-token not found")
        instance = call.header("Instance-Id")
        if not instance and call.plan.has("instance-required"):
            refuse_iotda(400, "IOTDA.000006", "Invalid input data. The header Instance-Id is required.")
        if instance and instance != world.keys.instance_id:
            refuse_iotda(403, "IOTDA.000021", "Operation not allowed. The instance does not exist.")

    def _check_signature(self, keys: Keys, call: Received, now: float) -> None:
        found = _AUTHORIZATION.fullmatch(call.header("Authorization"))
        if found is None:
            _unauthorized(call, "Authorization format incorrect")
        derived = found["algorithm"].startswith("V11")
        if call.plan.has("plain-only" if derived else "derived-only"):
            missing = "Missing request header 'X-Auth-Token' for method parameter of type String"
            refuse_iotda(400, "IOTDA.000006", missing)
        if now < self._locked_until:
            _unauthorized(call, "AK access failed to reach the limit,forbidden")
        access, _, scope = found["access"].partition("/")
        date = call.header("X-Sdk-Date")
        _check_freshness(call, date, now)
        if access != keys.iotda_ak or (derived and scope != f"{date[:8]}/{keys.iotda_region}/iotdm"):
            self._count_bad(call, now)
        names = found["headers"].split(";")
        text = f"{found['algorithm']}\n{date}\n{scope + chr(10) if derived else ''}{_digest(call, names)}"
        key = derived_key(keys.iotda_ak, keys.iotda_sk, scope) if derived else keys.iotda_sk
        if not hmac.compare_digest(hmac.new(key.encode(), text.encode(), sha256).hexdigest(), found["signature"]):
            self._count_bad(call, now)
        self._bad = 0

    def _count_bad(self, call: Received, now: float) -> NoReturn:
        self._bad += 1
        if self._bad >= LOCK_AFTER:
            self._locked_until, self._bad = now + LOCK_S, 0
        _unauthorized(call, "verify aksk signature fail")


def derived_key(access: str, secret: str, scope: str) -> str:
    """HKDF with the AK as salt; its 64 hex digits are the HMAC key, as text."""
    extracted = hmac.digest(access.encode(), secret.encode(), sha256)
    return hmac.digest(extracted, scope.encode() + b"\x01", sha256).hex()


def _digest(call: Received, names: list[str]) -> str:
    """SHA-256 of the canonical request."""
    path = quote(unquote(call.path), safe="/-_.~").rstrip("/") + "/"
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(call.query))
    headers = "".join(f"{name}:{call.header(name)}\n" for name in names)
    lines = [call.method, path, query, headers, ";".join(names), sha256(call.body).hexdigest()]
    return sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _check_freshness(call: Received, date: str, now: float) -> None:
    try:
        then = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        _unauthorized(call, "X-Sdk-Date format incorrect")
    if abs(now - then) > FRESH_S:
        _unauthorized(call, "signature expired")


def _unauthorized(call: Received, why: str) -> NoReturn:
    prefix = "APIG" if call.plan.has("apig-prefix") else "APIGW"
    message = f"Incorrect IAM authentication information: {why}"
    document = {"error_msg": message, "error_code": f"{prefix}.0301", "request_id": sha256(call.body).hexdigest()[:32]}
    refuse(401, document)
