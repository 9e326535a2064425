# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's API gateway in front of Living Link: keys, freshness, signature, replay.

A refusal is an HTTP status with `X-Ca-Error-Message` and an empty body. Six-character `X-Ca-Error-Code`s are sent
only where one is documented; signature and nonce errors have none.
"""

from __future__ import annotations

import hmac
import uuid
from base64 import b64encode
from email.utils import parsedate_to_datetime
from hashlib import md5, sha256
from typing import NoReturn

from station.simulate.cloud.exchange import Received, refuse

FRESH_S = 15 * 60
MAX_BODY = 8 << 20
_NEVER_SIGNED = {"x-ca-signature", "x-ca-signature-headers", "accept", "content-md5", "content-type", "date"}


class Gateway:
    """Checks requests against one AppKey and remembers nonces for as long as a request stays fresh."""

    def __init__(self, app_key: str, app_secret: str) -> None:
        self._key = app_key
        self._secret = app_secret.encode()
        self._nonces: dict[str, float] = {}

    def check(self, call: Received, now: float) -> None:
        """Raises Refusal unless the request is genuine, fresh and new."""
        if call.method != "POST":
            _refuse(call, 405, "Invalid HttpMethod", "I405UM")
        if not call.body:
            _refuse(call, 400, "Empty Request Body", "I400BD")
        if not call.header("X-Ca-Key"):
            _refuse(call, 400, "Missing Header X-Ca-Key", "I400MH")
        if call.header("X-Ca-Key") != self._key:
            _refuse(call, 400, "Invalid AppKey")
        if call.header("X-Ca-Stage") not in {"", "TEST", "PRE", "RELEASE"}:
            _refuse(call, 400, "Invalid Stage", "I400SG")
        _check_freshness(call, now)
        _check_body(call)
        self._check_signature(call)
        self._check_nonce(call, now)

    def _check_signature(self, call: Received) -> None:
        signature = call.header("X-Ca-Signature")
        if not signature:
            _refuse(call, 404, "Empty Signature")
        text = string_to_sign(call)
        right = b64encode(hmac.digest(self._secret, text.encode("latin-1"), sha256))
        if not hmac.compare_digest(signature.encode("latin-1", "replace"), right):
            _refuse(call, 400, f"Invalid Signature, Server StringToSign:`{text.replace(chr(10), '#')}`")

    def _check_nonce(self, call: Received, now: float) -> None:
        nonce = call.header("X-Ca-Nonce")
        if not nonce:
            return
        if self._nonces.get(nonce, 0) > now:
            _refuse(call, 400, "Nonce Used")
        if len(self._nonces) > 10_000:
            self._nonces = {known: until for known, until in self._nonces.items() if until > now}
        self._nonces[nonce] = now + FRESH_S


def string_to_sign(call: Received) -> str:
    """The text both sides sign; header names as the sender spelled them in X-Ca-Signature-Headers."""
    names = (name.strip() for name in call.header("X-Ca-Signature-Headers").split(","))
    signed = sorted(name for name in names if name and name.lower() not in _NEVER_SIGNED)
    fixed = [call.method, *(call.header(name) for name in ("Accept", "Content-MD5", "Content-Type", "Date"))]
    query = "&".join(f"{name}={value}" if value else name for name, value in sorted(call.query))
    resource = f"{call.path}?{query}" if query else call.path
    return "\n".join([*fixed, *(f"{name}:{call.header(name)}" for name in signed), resource])


def _check_freshness(call: Received, now: float) -> None:
    stamp, date = call.header("X-Ca-Timestamp"), call.header("Date")
    try:
        then = int(stamp) / 1000 if stamp else parsedate_to_datetime(date).timestamp() if date else now
    except ValueError:
        _refuse(call, 400, "Invalid Timestamp")
    if abs(now - then) > FRESH_S:
        _refuse(call, 400, "Timestamp Expired")


def _check_body(call: Received) -> None:
    sent = call.header("Content-MD5")
    if sent and sent.encode("latin-1") != b64encode(md5(call.body, usedforsecurity=False).digest()):
        _refuse(call, 400, "Invalid Content-MD5")


def _refuse(call: Received, status: int, message: str, code: str = "") -> NoReturn:
    """`quirk=a4-401` and `a4-403`: the sources disagree about the status of a refused signature."""
    if status == 400 and not code:
        status = next((int(name[3:]) for name in ("a4-401", "a4-403") if call.plan.has(name)), status)
    headers = {"X_Ca_Request_Id": str(uuid.uuid4()).upper(), "X_Ca_Error_Message": message}
    refuse(status, **headers, **({"X_Ca_Error_Code": code} if code else {}))


def api_not_found(call: Received) -> NoReturn:
    _refuse(call, 404, "API Not Found", "I404NF")
