# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateways accept the published vectors as they stand and refuse them with any one byte changed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from station.simulate.cloud import CloudSimulator, Keys
from tests.simulate.living_caller import Caller

NOW = 1_700_000_000.0  # 2023-11-14T22:13:20Z
ACCOUNTS = replace(
    Keys.from_seed("signatures"),
    living_key="203000001",
    living_secret="testsecret0123456789",
    project_id="a12345",
    iotda_ak="AKTEST0000000000",
    iotda_sk="SKTESTsecret00000000",
    iotda_project="0123456789abcdef0123456789abcdef",
    instance_id="1",
    app_id="app",
    iam_password="password",
    aliyun_ak="testid",
    aliyun_sk="testsecret",
    aliyun_instance_id="iot-060a0001",
)
Vector = tuple[str, str, dict[str, str], bytes]

LIVING_BODY = (
    b'{"id":"1508232047194","version":"1.0","params":{"productKey":"a1B2c3D4e5F","amount":100},'
    b'"request":{"apiVer":"1.1.2","cloudToken":"tok-0001"}}'
)
LIVING_HEADERS = {
    "accept": "application/json",
    "content-md5": "3Ump0CNJMHW/u1WW7mFn+w==",
    "date": "Tue, 14 Nov 2023 22:13:20 GMT",
    "x-ca-key": "203000001",
    "x-ca-nonce": "0123456789abcdef0123456789abcdef",
    "x-ca-signaturemethod": "HmacSHA256",
}
V1 = {
    "content-type": "application/octet-stream",
    "x-ca-signature-headers": "x-ca-key,x-ca-nonce,x-ca-signaturemethod",
    "x-ca-signature": "nq0T0yOkq89+eHW2ZyEc4O0OnWPRwEVBiDX+WAb8SuI=",
}
V2 = {
    "content-type": "application/json; charset=UTF-8",
    "x-ca-timestamp": "1700000000000",
    "x-ca-signature-headers": "x-ca-key,x-ca-nonce,x-ca-signaturemethod,x-ca-timestamp",
    "x-ca-signature": "KgRj/QiQGp5mx32fe9jCOamvWdFvhD5A9KwFwcKxZ5I=",
}
LIVING: dict[str, Vector] = {
    name: ("POST", "/cloud/amount/device/generate", LIVING_HEADERS | more, LIVING_BODY)
    for name, more in (("octet-stream", V1), ("json with timestamp", V2))
}

SIGNED = "SignedHeaders=content-type;host;x-project-id;x-sdk-date"
IOTDA_HEADERS = {
    "Host": "iotda.cn-north-4.myhuaweicloud.com",
    "content-type": "application/json",
    "x-project-id": ACCOUNTS.iotda_project,
    "x-sdk-date": "20231114T221320Z",
}
DEVICES = f"/v5/iot/{ACCOUNTS.iotda_project}/devices"
PRODUCTS = f"/v5/iot/{ACCOUNTS.iotda_project}/products?limit=50&offset=0&product_name=a%20b%E4%B8%AD"
DEVICE = b'{"node_id": "SN0001", "product_id": "p1"}'


def huawei(method: str, target: str, body: bytes, algorithm: str, signature: str) -> Vector:
    authorization = f"{algorithm}, {SIGNED}, Signature={signature}"
    return method, target, IOTDA_HEADERS | {"Authorization": authorization}, body


PLAIN = "SDK-HMAC-SHA256 Access=AKTEST0000000000"
DERIVED = "V11-HMAC-SHA256 Credential=AKTEST0000000000/20231114/cn-north-4/iotdm"
IOTDA: dict[str, Vector] = {
    "plain": huawei("POST", DEVICES, DEVICE, PLAIN, "be509bcb06c0b283bad25a86f27eaaf0112fdcd17f2873f108e7c68a9cd659c7"),
    "derived": huawei(
        "POST", DEVICES, DEVICE, DERIVED, "cd30c78146ac3d0e1895836e202219728f61580a3bcc6927791b45cdee008d85"
    ),
    "query": huawei("GET", PRODUCTS, b"", PLAIN, "e582efa9b03e265e2b3f11b695d11f588b10be1cf2737a36ccb3847206db1d14"),
}
IOTDA_PASSED = {"POST": 404, "GET": 200}  # a device of an unknown product; an empty list


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="vectors", keys=ACCOUNTS, clock=lambda: NOW) as simulator:
        yield simulator


@pytest.fixture
def send(cloud: CloudSimulator) -> Callable[..., Any]:
    return Caller(cloud).send


def changed(text: str) -> Iterator[str]:
    """`text` with each character in turn replaced by another that may stand there."""
    for at, character in enumerate(text):
        yield text[:at] + ("A" if character != "A" else "B") + text[at + 1 :]


@pytest.mark.parametrize("vector", LIVING.values(), ids=LIVING)
def test_living_accepts_its_vector_once(vector: Vector, send: Callable[..., Any]) -> None:
    passed, again = send(*vector), send(*vector)
    assert (passed.status, passed.json["code"]) == (200, 401)  # the vector's token was never given out
    assert (again.status, again.headers["X-Ca-Error-Message"]) == (400, "Nonce Used")


@pytest.mark.parametrize("vector", LIVING.values(), ids=LIVING)
def test_living_refuses_its_vector_with_a_changed_byte(vector: Vector, send: Callable[..., Any]) -> None:
    method, path, headers, body = vector
    for name, value in headers.items():
        for other in changed(value):
            assert send(method, path, headers | {name: other}, body).status in (400, 404), (name, other)
    for other in changed(body.decode()):
        answer = send(method, path, headers, other.encode())
        assert answer.headers["X-Ca-Error-Message"] == "Invalid Content-MD5", other
    assert send(method, path, headers, body).status == 200  # and none of all that spoiled the nonce


def test_living_reads_header_names_in_any_case_but_signs_them_as_listed(send: Callable[..., Any]) -> None:
    method, path, headers, body = LIVING["octet-stream"]
    shouted = {name.upper(): value for name, value in headers.items()}
    assert send(method, path, shouted, body).status == 200
    relisted = headers | {"x-ca-signature-headers": headers["x-ca-signature-headers"].title()}
    assert send(method, path, relisted, body).status == 400


@pytest.mark.parametrize("minutes", [-16, 16])
def test_living_refuses_a_request_that_is_not_of_now(minutes: int) -> None:
    with CloudSimulator(keys=ACCOUNTS, clock=lambda: NOW + 60 * minutes) as cloud:
        answer = Caller(cloud).send(*LIVING["octet-stream"])
    assert (answer.status, answer.headers["X-Ca-Error-Message"]) == (400, "Timestamp Expired")


@pytest.mark.parametrize("vector", IOTDA.values(), ids=IOTDA)
def test_iotda_accepts_its_vector_and_refuses_any_changed_byte(vector: Vector, send: Callable[..., Any]) -> None:
    method, target, headers, body = vector
    for name, value in headers.items():
        for other in changed(value):
            assert send(method, target, headers | {name: other}, body).status == 401, (name, other)
            assert send(*vector).status == IOTDA_PASSED[method]  # and the count of bad signatures starts again
    for other in changed(body.decode()):
        assert send(method, target, headers, other.encode()).status == 401, other
        assert send(*vector).status == IOTDA_PASSED[method]


def test_iotda_refuses_a_changed_query(send: Callable[..., Any]) -> None:
    method, target, headers, body = IOTDA["query"]
    assert send(method, target.replace("limit=50", "limit=49"), headers, body).status == 401
    assert send(method, target.replace("offset=0&", ""), headers, body).status == 401


@pytest.mark.parametrize("minutes", [-16, 16])
def test_iotda_refuses_a_request_that_is_not_of_now(minutes: int) -> None:
    with CloudSimulator(keys=ACCOUNTS, clock=lambda: NOW + 60 * minutes) as cloud:
        assert "expired" in Caller(cloud).send(*IOTDA["plain"]).json["error_msg"]


def test_five_bad_signatures_lock_the_key_for_five_minutes() -> None:
    now = NOW
    with CloudSimulator(keys=ACCOUNTS, clock=lambda: now) as cloud:
        send = Caller(cloud).send
        method, target, headers, body = IOTDA["plain"]
        bad = headers | {"Authorization": headers["Authorization"].replace("be509", "ae509")}
        for _ in range(4):
            assert send(method, target, bad, body).status == 401
        assert send(*IOTDA["plain"]).status == 404
        for _ in range(5):
            assert send(method, target, bad, body).status == 401
        assert "reach the limit" in send(*IOTDA["plain"]).json["error_msg"]
        now += 301
        assert send(*IOTDA["plain"]).status == 404


def test_half_a_request_whose_sender_died_is_no_wrong_signature() -> None:
    with CloudSimulator(seed="half") as cloud:
        address = urlsplit(cloud.url)
        for _ in range(6):
            with socket.create_connection((address.hostname or "", address.port or 0)) as sender:
                signed = "Authorization: SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0"
                head = f"POST /v5/iot/p/devices HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n{signed}\r\n\r\n"
                sender.sendall(head.encode() + b"{")
                sender.shutdown(socket.SHUT_WR)
                assert sender.recv(1) == b""
        assert cloud.requests == []
