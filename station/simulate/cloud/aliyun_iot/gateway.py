# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's RPC gateway: keys, freshness, signature 1.0, nonces. What it refuses is HTTP 4xx with `Code` and `Message`.

The signed text is made anew from the decoded parameters, so a client that encodes another way is refused.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha1
from typing import NoReturn

from station.simulate.cloud.aliyun_iot.request import Request
from station.simulate.cloud.exchange import refuse

FRESH_S = 15 * 60
VERSION = "2018-01-20"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_ENCODED = [chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in range(256)]
_NEEDED = ("Action", "Version", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp")


class RpcGateway:
    """Checks requests against one AccessKey and remembers nonces for as long as a request stays fresh."""

    def __init__(self, access_key: str, access_secret: str) -> None:
        self._key = access_key
        self._secret = access_secret
        self._nonces: dict[str, float] = {}

    def check(self, request: Request, now: float) -> None:
        """Raises Refusal unless the request is genuine, fresh and new."""
        for name in (*_NEEDED, "Signature"):
            if not request.text(name):
                message = f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
                _refuse(request, 400, f"Missing{name}", message)
        if request.text("Version") != VERSION:
            _refuse(request, 404, "InvalidVersion", "Specified parameter Version is not valid.")
        if (request.text("SignatureMethod"), request.text("SignatureVersion")) != ("HMAC-SHA1", "1.0"):
            _refuse(request, 400, "InvalidSignatureMethod", "The specified signature method is not supported.")
        if request.text("AccessKeyId") != self._key:
            _refuse(request, 404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        _check_freshness(request, now)
        text = string_to_sign(request)
        if not hmac.compare_digest(request.text("Signature").encode(), self._signature(text).encode()):
            what = "Specified signature is not matched with our calculation. server string to sign is:"
            _refuse(request, 400, "SignatureDoesNotMatch", what + text)
        self._check_nonce(request, now)

    def _signature(self, text: str) -> str:
        return b64encode(hmac.digest(f"{self._secret}&".encode(), text.encode(), sha1)).decode()

    def _check_nonce(self, request: Request, now: float) -> None:
        nonce = request.text("SignatureNonce")
        if self._nonces.get(nonce, 0) > now:
            _refuse(request, 400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        if len(self._nonces) > 10_000:
            self._nonces = {known: until for known, until in self._nonces.items() if until > now}
        self._nonces[nonce] = now + FRESH_S


def string_to_sign(request: Request) -> str:
    pairs = sorted((_percent(name), _percent(value)) for name, value in request.pairs if name != "Signature")
    canonical = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{request.call.method}&{_percent('/')}&{_percent(canonical)}"


def _percent(text: str) -> str:
    return "".join(_ENCODED[octet] for octet in text.encode("utf-8", "surrogateescape"))


def _check_freshness(request: Request, now: float) -> None:
    try:
        then = datetime.strptime(request.text("Timestamp"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        _refuse(request, 400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
    if abs(now - then) > FRESH_S:
        _refuse(request, 400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def no_such_action(request: Request) -> NoReturn:
    _refuse(request, 404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")


def _refuse(request: Request, status: int, code: str, message: str) -> NoReturn:
    refuse(status, said(request.id, code, message))


def said(request_id: str, code: str, message: str) -> dict[str, str]:
    """The gateway's own words."""
    return {"RequestId": request_id, "HostId": "iot.cn-shanghai.aliyuncs.com", "Code": code, "Message": message}
