# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's own vectors (see FACTS.md), signed by the client and by nobody's code but its own."""

from __future__ import annotations

import pytest

from station.cloud.aliyun_iot.signing import common, form, signature
from station.model import Secret

COMMON = {
    "AccessKeyId": "testid",
    "RegionId": "cn-shanghai",
    "SignatureMethod": "HMAC-SHA1",
    "SignatureNonce": "0715a395-aedf-4a41-bab7-746b43d38d88",
    "SignatureVersion": "1.0",
}
DOCUMENT = COMMON | {
    "Action": "Pub",
    "Format": "XML",
    "MessageContent": "aGVsbG93b3JsZA=",
    "ProductKey": "12345abcdeZ",
    "Qos": "0",
    "ServiceCode": "iot",
    "Timestamp": "2017-10-02T09:39:41Z",
    "TopicFullName": "/productKey/testdevice/get",
    "Version": "2017-04-20",
}
SDK = COMMON | {"Format": "JSON", "SignatureType": "", "Timestamp": "2023-11-14T22:13:20Z", "Version": "2018-01-20"}
NAMES = SDK | {
    "Action": "BatchCheckDeviceNames",
    "DeviceName.1": "line 1~a@b:c.d_e-f*+",
    "DeviceName.2": "灯-0002",
    "DeviceName.10": "light-0010",
    "IotInstanceId": "iot-060a0001",
    "ProductKey": "a1B2c3D4e5F",
}
PAGE = SDK | {"Action": "QueryPageByApplyId", "ApplyId": "1295006", "CurrentPage": "1", "PageSize": "50"}


@pytest.mark.parametrize(
    ("method", "parameters", "right"),
    [
        ("GET", DOCUMENT, "Y9eWn4nF8QPh3c4zAFkM/k/u7eA="),
        ("POST", NAMES, "qlP/NJjwwfy2L1sLgCfc6+KfCEQ="),
        ("POST", PAGE, "M+l3+6G+A38LL03kcA3P/LrPlXM="),
    ],
    ids=["document", "names", "page"],
)
def test_a_published_vector_comes_out(method: str, parameters: dict[str, str], right: str) -> None:
    assert signature(method, parameters, Secret("testsecret")) == right
    assert signature(method, dict(reversed(parameters.items())), Secret("testsecret")) == right


@pytest.mark.parametrize("name", sorted(PAGE))
def test_every_parameter_is_signed(name: str) -> None:
    right = signature("POST", PAGE, Secret("testsecret"))
    assert signature("POST", PAGE | {name: PAGE[name] + "x"}, Secret("testsecret")) != right
    assert signature("POST", {k: v for k, v in PAGE.items() if k != name}, Secret("testsecret")) != right


def test_no_two_attempts_share_a_nonce() -> None:
    assert len({common("testid")["SignatureNonce"] for _ in range(100)}) == 100


def test_a_form_is_encoded_as_it_is_signed() -> None:
    assert form([("DeviceName.1", "a b*~+/灯")]) == "DeviceName.1=a%20b%2A~%2B%2F%E7%81%AF"
