# SPDX-License-Identifier: GPL-3.0-or-later
"""Our signatures equal those of the vendors' own SDKs, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from station.cloud.http import Call
from station.cloud.iotda import signing as iotda_signing
from station.cloud.living.signing import content_md5, signature
from station.model import Secret

BODY = (
    b'{"id":"1508232047194","version":"1.0","params":{"productKey":"a1B2c3D4e5F","amount":100},'
    b'"request":{"apiVer":"1.1.2","cloudToken":"tok-0001"}}'
)
COMMON = {
    "accept": "application/json",
    "content-md5": "3Ump0CNJMHW/u1WW7mFn+w==",
    "date": "Tue, 14 Nov 2023 22:13:20 GMT",
    "x-ca-key": "203000001",
    "x-ca-nonce": "0123456789abcdef0123456789abcdef",
    "x-ca-signaturemethod": "HmacSHA256",
}
SIGNED = ["x-ca-key", "x-ca-nonce", "x-ca-signaturemethod"]
APP_SECRET = Secret("testsecret0123456789")


def test_content_md5_is_that_of_the_body_as_sent() -> None:
    assert content_md5(BODY) == COMMON["content-md5"]


@pytest.mark.parametrize(
    ("content_type", "extra", "expected"),
    [
        ("application/octet-stream", {}, "nq0T0yOkq89+eHW2ZyEc4O0OnWPRwEVBiDX+WAb8SuI="),
        (
            "application/json; charset=UTF-8",
            {"x-ca-timestamp": "1700000000000"},
            "KgRj/QiQGp5mx32fe9jCOamvWdFvhD5A9KwFwcKxZ5I=",
        ),
    ],
)
def test_living_link_signature_equals_the_sdk(content_type: str, extra: Any, expected: str) -> None:
    headers = COMMON | {"content-type": content_type} | extra
    assert signature("POST", "/cloud/amount/device/generate", headers, [*SIGNED, *extra], APP_SECRET) == expected


KEY = iotda_signing.AccessKey(access="AKTEST0000000000", secret=Secret("SKTESTsecret00000000"), region="cn-north-4")
PROJECT = "0123456789abcdef0123456789abcdef"
HEADERS = {
    "content-type": "application/json",
    "host": "iotda.cn-north-4.myhuaweicloud.com",
    "x-project-id": PROJECT,
    "x-sdk-date": "20231114T221320Z",
}


def call(method: str, path: str, body: bytes = b"", **query: str) -> Call:
    return Call(
        operation="test",
        method=method,
        path=f"/v5/iot/{PROJECT}/{path}",
        query=tuple(query.items()),
        body=body,
        request_id="1",
        repeatable=True,
    )


REGISTER = call("POST", "devices", b'{"node_id": "SN0001", "product_id": "p1"}')


def test_plain_signature_equals_the_sdk() -> None:
    header = iotda_signing.authorization(REGISTER, HEADERS, KEY, derived=False)
    assert header == (
        "SDK-HMAC-SHA256 Access=AKTEST0000000000, SignedHeaders=content-type;host;x-project-id;x-sdk-date, "
        "Signature=be509bcb06c0b283bad25a86f27eaaf0112fdcd17f2873f108e7c68a9cd659c7"
    )


def test_derived_signature_equals_the_sdk() -> None:
    assert (
        iotda_signing.derived_key(KEY, "20231114/cn-north-4/iotdm")
        == "efc5ccbcd2224e0905342894dbb186a0f7ebdd5bb97e6a61d7f2ea61b1d2aad4"
    )
    header = iotda_signing.authorization(REGISTER, HEADERS, KEY, derived=True)
    assert header.startswith("V11-HMAC-SHA256 Credential=AKTEST0000000000/20231114/cn-north-4/iotdm, ")
    assert header.endswith("Signature=cd30c78146ac3d0e1895836e202219728f61580a3bcc6927791b45cdee008d85")


def test_a_query_is_sorted_and_encoded_before_it_is_signed() -> None:
    listing = call("GET", "products", limit="50", offset="0", product_name="a b中")
    header = iotda_signing.authorization(listing, HEADERS, KEY, derived=False)
    assert header.endswith("e582efa9b03e265e2b3f11b695d11f588b10be1cf2737a36ccb3847206db1d14")
    assert listing.target.endswith("?limit=50&offset=0&product_name=a%20b%E4%B8%AD")


@pytest.mark.parametrize(
    ("host", "derived"),
    [
        ("iotda.cn-north-4.myhuaweicloud.com", False),
        ("iotda.myhuaweicloud.cn", False),
        ("1a2b.st1.iotda-app.cn-north-4.myhuaweicloud.com", True),
        ("127.0.0.1", True),
        ("iotda.cn-north-4.myhuaweicloud.com.evil.example", True),
    ],
)
def test_the_host_decides_which_signature_as_in_the_sdk(host: str, derived: bool) -> None:
    assert iotda_signing.wants_derived(host) is derived
