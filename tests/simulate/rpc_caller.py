# SPDX-License-Identifier: GPL-3.0-or-later
"""Speaks Alibaba's RPC style with nothing of the station: what it sends is written out, and signed by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from station.simulate.cloud import CloudSimulator

NOW = 1_700_000_000.0
STAMP = "2023-11-14T22:13:20Z"


@dataclass
class RpcReply:
    status: int
    json: Any

    @property
    def code(self) -> str:
        return str(self.json.get("Code", ""))


class RpcCaller:
    """An account's keys, at one simulated cloud."""

    def __init__(self, cloud: CloudSimulator) -> None:
        self._cloud = cloud
        self._nonces = count(1)

    def parameters(self, action: str, **own: object) -> dict[str, str]:
        return {
            "Action": action,
            "Version": "2018-01-20",
            "AccessKeyId": self._cloud.aliyun_ak,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": f"nonce-{next(self._nonces)}",
            "Timestamp": STAMP,
            "Format": "JSON",
            **{name: str(value) for name, value in own.items()},
        }

    def signed(self, query: dict[str, str], form: dict[str, str] | None = None, method: str = "POST") -> dict[str, str]:
        pairs = sorted({**query, **(form or {})}.items())
        canonical = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in pairs)
        text = f"{method}&%2F&{quote(canonical, safe='~')}"
        key = f"{self._cloud.aliyun_sk}&".encode()
        return query | {"Signature": base64.b64encode(hmac.new(key, text.encode(), hashlib.sha1).digest()).decode()}

    def send(self, query: dict[str, str], form: dict[str, str] | None = None, method: str = "POST") -> RpcReply:
        """As it stands."""
        body = "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in (form or {}).items())
        connection = http.client.HTTPConnection(self._cloud.url.removeprefix("http://"), timeout=10)
        try:
            target = "/?" + "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in query.items())
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request(method, target, body if method == "POST" else None, headers)
            answer = connection.getresponse()
            return RpcReply(answer.status, json.loads(answer.read()))
        finally:
            connection.close()

    def call(self, action: str, form: dict[str, str] | None = None, **own: object) -> RpcReply:
        return self.send(self.signed(self.parameters(action, **own), form), form)
