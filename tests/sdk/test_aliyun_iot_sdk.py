# SPDX-License-Identifier: GPL-3.0-or-later
"""Alibaba's SDK, which knows nothing of us, gets every operation out of the simulated IoT Platform, and is refused."""

from __future__ import annotations

from typing import Any

import pytest

from station.simulate.cloud import CloudSimulator

pytestmark = pytest.mark.timeout(300)  # the first run installs the SDK


class Instance:
    """The SDK with the keys of one simulated account."""

    def __init__(self, sdk: Any, cloud: CloudSimulator) -> None:
        self._sdk, self._cloud = sdk, cloud

    def raw(self, action: str, /, key: str = "", secret: str = "", **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._sdk.call(
            host=self._cloud.url.removeprefix("http://"),
            key=key or self._cloud.aliyun_ak,
            secret=secret or self._cloud.aliyun_sk,
            action=action,
            params=params,
        )
        return answer

    def said(self, action: str, **params: Any) -> dict[str, Any]:
        raw = self.raw(action, **params)
        assert "answer" in raw, raw
        answer: dict[str, Any] = raw["answer"]
        return answer

    def data(self, action: str, **params: Any) -> Any:
        answer = self.said(action, **params)
        assert answer["Success"] is True, answer
        return answer["Data"]


@pytest.fixture
def instance(aliyun_iot_sdk: Any, cloud: CloudSimulator) -> Instance:
    return Instance(aliyun_iot_sdk, cloud)


@pytest.fixture
def fan(cloud: CloudSimulator) -> str:
    return cloud.add_product("Fan").product_key


def test_products_are_listed_and_shown(instance: Instance, cloud: CloudSimulator, fan: str) -> None:
    listed = instance.data("QueryProductList", CurrentPage=1, PageSize=10)
    assert [one["ProductKey"] for one in listed["List"]["ProductInfo"]] == [fan]
    shown = instance.data("QueryProduct", ProductKey=fan)
    assert (shown["ProductName"], shown["ProductSecret"]) == ("Fan", cloud.world.products[fan].product_secret)


def test_a_batch_is_registered_and_its_devices_are_those_issued(
    instance: Instance, cloud: CloudSimulator, fan: str
) -> None:
    batch = instance.data("BatchRegisterDevice", ProductKey=fan, Count=5)["ApplyId"]
    status = instance.data("QueryBatchRegisterDeviceStatus", ProductKey=fan, ApplyId=batch)
    assert status["Status"] == "CREATE_SUCCESS"
    pages = [instance.said("QueryPageByApplyId", ApplyId=batch, CurrentPage=n, PageSize=3) for n in (1, 2)]
    assert {page["Total"] for page in pages} == {5}
    rows = [row for page in pages for row in page["ApplyDeviceList"]["ApplyDeviceInfo"]]
    issued = [row.primary for row in cloud.batch(str(batch)).rows()]
    assert [(row["DeviceName"], row["DeviceSecret"]) for row in rows] == [
        (one.device_name, one.device_secret) for one in issued
    ]
    asked = {"ProductKey": fan, "DeviceNames": [row["DeviceName"] for row in rows]}
    states = instance.said("BatchGetDeviceState", **asked)["DeviceStatusList"]["DeviceStatus"]
    assert [state["IotId"] for state in states] == [one.iot_id for one in issued]
    assert {state["Status"] for state in states} == {"UNACTIVE"}


@pytest.mark.parametrize("with_nicknames", [False, True])
def test_names_are_checked_and_registered(
    instance: Instance, cloud: CloudSimulator, fan: str, *, with_nicknames: bool
) -> None:
    names = ["line1-0001", "a@b.c:d_e-f", *(f"line1-{n:04}" for n in range(2, 40))]
    own = (
        {"DeviceNameLists": [{"DeviceName": name, "DeviceNickname": "灯 ~*+"} for name in names]}
        if with_nicknames
        else {"DeviceNames": names}
    )
    batch = instance.data("BatchCheckDeviceNames", ProductKey=fan, **own)["ApplyId"]
    same = {"ProductKey": fan, "ApplyId": batch}
    assert instance.data("QueryBatchRegisterDeviceStatus", **same)["Status"] == "CHECK_SUCCESS"
    assert instance.data("BatchRegisterDeviceWithApplyId", **same)["ApplyId"] == batch
    assert [row.primary.device_name for row in cloud.batch(str(batch)).rows()] == names


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"key": "LTAInobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"secret": "wrong"}, 400, "SignatureDoesNotMatch"),
    ],
)
def test_wrong_keys_are_stopped_at_the_gateway(
    instance: Instance, fan: str, changes: dict[str, str], status: int, code: str
) -> None:
    refused = instance.raw("QueryProduct", ProductKey=fan, **changes)
    # The SDK compares the text it signed with the server's, and calls a wrong secret by a name of its own.
    assert (refused["status"], refused["code"]) in ((status, code), (status, "InvalidAccessKeySecret"))


def test_throttling_comes_as_the_sdk_knows_it(instance: Instance, cloud: CloudSimulator, fan: str) -> None:
    cloud.add_faults("do=throttled")
    refused = instance.raw("QueryProduct", ProductKey=fan)
    assert (refused["status"], refused["code"]) == (400, "Throttling.User")


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("QueryProductList", {"CurrentPage": 1, "PageSize": 201}, "iot.common.InvalidPageParams"),
        ("QueryProduct", {"ProductKey": "a1nobody"}, "iot.prod.NotExistedProduct"),
        ("BatchRegisterDevice", {"ProductKey": "FAN", "Count": 10_001}, "iot.device.DeviceCountExceeded"),
        ("QueryPageByApplyId", {"ApplyId": 1, "CurrentPage": 1, "PageSize": 10}, "iot.device.DeviceApplyIsNotFound"),
        ("QueryProduct", {"ProductKey": "FAN", "IotInstanceId": "iot-x"}, "iot.Sre.IotInstanceNotFound"),
    ],
)
def test_what_the_documents_forbid_is_refused(
    instance: Instance, fan: str, action: str, params: dict[str, Any], code: str
) -> None:
    if params.get("ProductKey") == "FAN":
        params = params | {"ProductKey": fan}
    answer = instance.said(action, **params)
    assert (answer["Success"], answer["Code"]) == (False, code)
