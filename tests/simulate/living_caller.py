# SPDX-License-Identifier: GPL-3.0-or-later
"""A small signed caller of Living Link for these tests alone; shares nothing with the station's client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from email.utils import formatdate
from http.client import HTTPConnection
from typing import Any

from station.simulate.cloud import CloudSimulator

VERSIONS = {
    "/cloud/token": "1.0.1",
    "/cloud/token/refresh": "1.0.1",
    "/kit/debug/ping": "1.0.0",
    "/cloud/thing/productList/get": "1.1.0",
    "/cloud/thing/product/get": "1.1.0",
    "/cloud/amount/device/generate": "1.1.2",
    "/cloud/device/name/upload": "1.1.2",
    "/cloud/name/device/generate": "1.1.2",
    "/living/device/apply/query": "1.0.1",
    "/living/cloud/product/nvr/device/generate": "1.0.0",
    "/living/cloud/product/nvr/device/cert/query": "1.0.0",
}
TOKEN, LIST, SHOW, GENERATE, UPLOAD = ("/cloud/token", *list(VERSIONS)[3:7])
QUERY, GENERATE_NVR, QUERY_NVR = list(VERSIONS)[8:]


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        assert self.json["code"] == 200, self.body
        return self.json["data"]


class Caller:
    """One kept connection to one simulated cloud."""

    def __init__(self, cloud: CloudSimulator) -> None:
        self._cloud = cloud
        self._connection = HTTPConnection(cloud.url.removeprefix("http://"), timeout=10)
        self.token = ""

    def login(self) -> Reply:
        reply = self.call(TOKEN, grantType="project", res=self._cloud.project_id)
        self.token = reply.data.get("cloudToken") or reply.data["iotToken"]
        return reply

    def call(self, path: str, *, nonce: str = "", **params: Any) -> Reply:
        asked = {"apiVer": VERSIONS[path]} | ({"cloudToken": self.token} if self.token else {})
        body = json.dumps({"id": "7", "version": "1.0", "request": asked, "params": params}).encode()
        return self.send("POST", path, self.signed(path, body, nonce), body)

    def signed(self, path: str, body: bytes, nonce: str = "") -> dict[str, str]:
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        date = formatdate(self._cloud.world.clock(), usegmt=True)
        signed = {"X-Ca-Key": self._cloud.living_key, "X-Ca-Nonce": nonce or uuid.uuid4().hex}
        block = "".join(f"{name}:{value}\n" for name, value in signed.items())
        text = f"POST\napplication/json\n{md5}\napplication/json\n{date}\n{block}{path}"
        digest = hmac.digest(self._cloud.living_secret.encode(), text.encode(), "sha256")
        return signed | {
            "Accept": "application/json",
            "Content-MD5": md5,
            "Content-Type": "application/json",
            "Date": date,
            "X-Ca-Signature-Headers": ",".join(signed),
            "X-Ca-Signature": base64.b64encode(digest).decode(),
        }

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        self._connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.putheader("Content-Length", str(len(body)))
        try:
            self._connection.endheaders(body)
            answer = self._connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        except Exception:
            self._connection.close()  # the next call connects again
            raise
