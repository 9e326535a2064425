# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's SDK, which knows nothing of us, gets every operation out of the simulated Living Link, and is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from station.simulate.cloud import CloudSimulator

pytestmark = pytest.mark.timeout(300)  # the first run installs the SDK


class Project:
    """The SDK logged in to one simulated project."""

    def __init__(self, sdk: Any, cloud: CloudSimulator) -> None:
        self._sdk, self._cloud = sdk, cloud
        self.token = ""
        self.token = self.data("/cloud/token", {"grantType": "project", "res": cloud.project_id}, "1.0.1")["cloudToken"]

    def raw(self, path: str, params: dict[str, Any], version: str, **changes: str) -> dict[str, Any]:
        account = {
            "host": self._cloud.url.removeprefix("http://"),
            "key": self._cloud.living_key,
            "secret": self._cloud.living_secret,
            "token": self.token or None,
        }
        answer: dict[str, Any] = self._sdk.call(path=path, params=params, version=version, **(account | changes))
        return answer

    def envelope(self, path: str, params: dict[str, Any], version: str, **changes: str) -> dict[str, Any]:
        answer = self.raw(path, params, version, **changes)
        assert answer["status"] == 200, answer["headers"].get("x-ca-error-message")
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    def data(self, path: str, params: dict[str, Any], version: str) -> Any:
        envelope = self.envelope(path, params, version)
        assert envelope["code"] == 200, envelope
        return envelope["data"]


@pytest.fixture
def project(living_sdk: Any, cloud: CloudSimulator) -> Project:
    return Project(living_sdk, cloud)


def test_the_self_test_answers_what_it_was_asked(project: Project) -> None:
    assert project.data("/kit/debug/ping", {"input": "test"}, "1.0.0") == "test"


def test_products_are_listed_and_shown(project: Project, cloud: CloudSimulator) -> None:
    fan = cloud.add_product("Fan")
    listed = project.data("/cloud/thing/productList/get", {"pageNo": 1, "pageSize": 10}, "1.1.0")
    shown = project.data("/cloud/thing/product/get", {"productKey": fan.product_key}, "1.1.0")
    assert listed == [shown]
    assert (shown["name"], shown["productSecret"]) == ("Fan", fan.product_secret)


def test_a_batch_is_generated_and_its_certificates_are_those_issued(project: Project, cloud: CloudSimulator) -> None:
    fan = cloud.add_product("Fan")
    batch = project.data("/cloud/amount/device/generate", {"productKey": fan.product_key, "amount": 5}, "1.1.2")
    pages = [
        project.data("/living/device/apply/query", {"applyId": batch, "pageNo": n, "pageSize": 3}, "1.0.1")
        for n in (1, 2)
    ]
    assert {page["totalNum"] for page in pages} == {5}
    told = [(item["deviceName"], item["deviceSecret"]) for page in pages for item in page["items"]]
    assert told == [(row.primary.device_name, row.primary.device_secret) for row in cloud.batch(batch).rows()]


def test_uploaded_names_become_certificates_only_when_generated(project: Project, cloud: CloudSimulator) -> None:
    key, names = cloud.add_product("Fan").product_key, ["line1-0001", "line1-0002"]
    query = {"pageNo": 1, "pageSize": 10}
    batch = project.data("/cloud/device/name/upload", {"productKey": key, "deviceNames": names}, "1.1.3")
    assert project.data("/living/device/apply/query", {"applyId": batch, **query}, "1.0.1") == {"totalNum": 0}
    assert project.data("/cloud/name/device/generate", {"productKey": key, "batchId": batch}, "1.1.2") == batch
    items = project.data("/living/device/apply/query", {"applyId": batch, **query}, "1.0.1")["items"]
    assert [item["deviceName"] for item in items] == names


def test_nvr_sets_come_with_their_cameras(project: Project, cloud: CloudSimulator) -> None:
    nvr = cloud.add_product("NVR", channels=4)
    product = {"productKey": nvr.product_key}
    batch = project.data("/living/cloud/product/nvr/device/generate", {**product, "amount": 3}, "1.0.0")
    query = {**product, "batchId": batch, "pageNo": 1, "pageSize": 20}
    page = project.data("/living/cloud/product/nvr/device/cert/query", query, "1.0.0")
    assert [row["ipcNum"] for row in page["NvrDeviceCertList"]] == [4, 4, 4]
    for told, issued in zip(page["NvrDeviceCertList"], cloud.batch(batch).rows(), strict=True):
        assert told["nvrDeviceCertInfo"]["deviceSecret"] == issued.primary.device_secret
        cameras = [camera["deviceName"] for camera in told["subDeviceCertList"]]
        assert cameras == [camera.device_name for camera in issued.channels]
        assert {camera["productKey"] for camera in told["subDeviceCertList"]} == {nvr.ipc_product_key}


def test_a_refreshed_token_works_and_a_second_one_kills_the_first(project: Project, cloud: CloudSimulator) -> None:
    listing = ("/cloud/thing/productList/get", {"pageNo": 1, "pageSize": 10}, "1.1.0")
    first = project.token
    project.token = project.data("/cloud/token/refresh", {"cloudToken": first}, "1.0.1")["cloudToken"]
    assert [project.envelope(*listing, token=token)["code"] for token in (first, project.token)] == [200, 200]
    project.data("/cloud/token", {"grantType": "project", "res": cloud.project_id}, "1.0.1")
    assert [project.envelope(*listing, token=token)["code"] for token in (first, project.token)] == [401, 401]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"key": "999"}, "Invalid AppKey"), ({"secret": "wrong"}, "Invalid Signature, Server StringToSign:")],
)
def test_wrong_keys_are_stopped_at_the_gateway(project: Project, changes: dict[str, str], message: str) -> None:
    answer = project.raw("/kit/debug/ping", {"input": "test"}, "1.0.0", **changes)
    assert (answer["status"], answer["body"]) == (400, "")
    assert answer["headers"]["x-ca-error-message"].startswith(message)


@pytest.mark.parametrize(
    ("path", "params", "version", "code"),
    [
        ("/cloud/token", {"grantType": "project", "res": "a12nobody"}, "1.0.1", 403),
        ("/cloud/token/refresh", {"cloudToken": "nonsense"}, "1.0.1", 401),
        ("/cloud/thing/productList/get", {"pageNo": 0, "pageSize": 10}, "1.1.0", 460),
        ("/cloud/thing/product/get", {"productKey": "a1nobody"}, "1.1.0", 2000),
        ("/cloud/amount/device/generate", {"productKey": "a1nobody", "amount": 1}, "1.1.2", 2000),
        ("/cloud/device/name/upload", {"productKey": "FAN", "deviceNames": ["no"]}, "1.1.2", 6280),
        ("/cloud/device/name/upload", {"productKey": "FAN", "deviceNames": ["twin-1", "twin-1"]}, "1.1.2", 6251),
        ("/cloud/name/device/generate", {"productKey": "FAN", "batchId": "1"}, "1.1.2", 6271),
        ("/living/device/apply/query", {"applyId": "1", "pageNo": 1, "pageSize": 201}, "1.0.1", 460),
        ("/living/device/apply/query", {"applyId": "1", "pageNo": 1, "pageSize": 200}, "1.0.1", 6271),
        ("/living/cloud/product/nvr/device/generate", {"productKey": "FAN", "amount": 1}, "1.0.0", 2000),
        ("/living/cloud/product/nvr/device/generate", {"productKey": "NVR", "amount": 10_001}, "1.0.0", 460),
        (
            "/living/cloud/product/nvr/device/cert/query",
            {"productKey": "NVR", "pageNo": 1, "pageSize": 21},
            "1.0.0",
            460,
        ),
        ("/kit/debug/ping", {"input": "test"}, "9.9.9", 404),
    ],
)
def test_what_the_documents_forbid_is_refused(
    project: Project, cloud: CloudSimulator, path: str, params: dict[str, Any], version: str, code: int
) -> None:
    keys = {"FAN": cloud.add_product("Fan").product_key, "NVR": cloud.add_product("NVR", channels=2).product_key}
    if params.get("productKey") in keys:
        params = params | {"productKey": keys[params["productKey"]]}
    assert project.envelope(path, params, version)["code"] == code


@pytest.mark.parametrize(("fault", "status"), [("throttled:7", 403), ("status:503", 503), ("html:502", 502)])
def test_a_gateways_refusal_reaches_the_sdk_with_its_headers(
    project: Project, cloud: CloudSimulator, fault: str, status: int
) -> None:
    cloud.add_faults(f"path=*/productList/get times=1 do={fault}")
    answer = project.raw("/cloud/thing/productList/get", {"pageNo": 1, "pageSize": 10}, "1.1.0")
    assert answer["status"] == status
    if fault.startswith("throttled"):
        assert answer["headers"]["retry-after"] == "7"
        assert "Throttled" in answer["headers"]["x-ca-error-message"]


@pytest.mark.parametrize(
    ("quirk", "count", "secrets"),
    [("odd-secret:********", 3, {"********"}), ("9.9-missing:deviceSecret", 3, {None})],
)
def test_an_odd_item_of_a_page_is_one_for_the_sdk_too(
    project: Project, cloud: CloudSimulator, quirk: str, count: int, secrets: set[str | None]
) -> None:
    batch = cloud.produce(cloud.add_product("Fan"), amount=3)
    cloud.add_faults(f"path=*/query quirk={quirk}")
    page = {"applyId": batch.batch_id, "pageNo": 1, "pageSize": 10}
    items = project.data("/living/device/apply/query", page, "1.0.1")["items"]
    assert len(items) == count
    issued = {row.primary.device_secret for row in batch.rows()}
    assert {item.get("deviceSecret") for item in items} - issued == secrets
