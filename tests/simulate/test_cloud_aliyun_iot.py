# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated IoT Platform, asked by hand: what its gateway lets through, and what each operation says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from station.simulate.cloud import CloudSimulator
from tests.simulate.rpc_caller import NOW, RpcCaller


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="rpc", clock=lambda: NOW) as simulator:
        yield simulator


@pytest.fixture
def caller(cloud: CloudSimulator) -> RpcCaller:
    return RpcCaller(cloud)


@pytest.fixture
def fan(cloud: CloudSimulator) -> str:
    return cloud.add_product("Fan").product_key


def names_form(*names: str) -> dict[str, str]:
    return {f"DeviceName.{number}": name for number, name in enumerate(names, 1)}


def test_a_signed_call_goes_through_once(caller: RpcCaller, fan: str) -> None:
    signed = caller.signed(caller.parameters("QueryProduct", ProductKey=fan))
    assert (caller.send(signed).json["Success"], caller.send(signed).code) == (True, "SignatureNonceUsed")


def test_a_query_may_be_a_get(caller: RpcCaller, fan: str) -> None:
    signed = caller.signed(caller.parameters("QueryProduct", ProductKey=fan), method="GET")
    assert caller.send(signed, method="GET").json["Data"]["ProductName"] == "Fan"


def test_every_parameter_is_signed_those_of_the_form_too(caller: RpcCaller, fan: str) -> None:
    form = names_form("line-0001", "a-b@c.d:e_f")
    signed = caller.signed(caller.parameters("BatchCheckDeviceNames", ProductKey=fan), form)
    for name in ("RegionId", "ProductKey", "Format", "SignatureNonce"):
        changed = caller.send(signed | {name: signed.get(name, "") + "x"}, form)
        assert (changed.status, changed.code) == (400, "SignatureDoesNotMatch"), name
    assert caller.send(signed, form | {"DeviceName.3": "line-0003"}).code == "SignatureDoesNotMatch"
    assert caller.send(signed, names_form("line-0001")).code == "SignatureDoesNotMatch"
    assert caller.send(signed, form).json["Success"]  # none of all that spoiled the nonce


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"AccessKeyId": "LTAInobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"Timestamp": "2023-11-14T21:58:19Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"Timestamp": "2023-11-14T22:28:21Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"Timestamp": "2023-11-14 22:13:20"}, 400, "InvalidTimeStamp.Format"),
        ({"Version": "2017-04-20"}, 404, "InvalidVersion"),
        ({"SignatureMethod": "HMAC-MD5"}, 400, "InvalidSignatureMethod"),
        ({"SignatureNonce": ""}, 400, "MissingSignatureNonce"),
        ({"Action": "DeleteEverything"}, 404, "InvalidAction.NotFound"),
    ],
)
def test_the_gateway_refuses(caller: RpcCaller, change: dict[str, str], status: int, code: str) -> None:
    query = caller.parameters("QueryProductList", CurrentPage=1, PageSize=10) | change
    refused = caller.send(caller.signed(query))
    assert (refused.status, refused.code) == (status, code)
    assert refused.json["RequestId"]


def test_without_a_signature_nothing_is_answered(caller: RpcCaller) -> None:
    assert caller.send(caller.parameters("QueryProductList")).code == "MissingSignature"


def test_products_are_listed_without_what_only_one_is_asked_for(
    caller: RpcCaller, fan: str, cloud: CloudSimulator
) -> None:
    page = caller.call("QueryProductList", CurrentPage=1, PageSize=200).json["Data"]
    assert (page["Total"], [p["ProductKey"] for p in page["List"]["ProductInfo"]]) == (1, [fan])
    assert not {"ProductSecret", "ProductStatus"} & page["List"]["ProductInfo"][0].keys()
    shown = caller.call("QueryProduct", ProductKey=fan).json["Data"]
    assert (shown["ProductSecret"], shown["ProductStatus"]) == (
        cloud.world.products[fan].product_secret,
        "RELEASE_STATUS",
    )


@pytest.mark.parametrize(
    ("action", "own", "form", "code"),
    [
        ("QueryProductList", {"CurrentPage": 1, "PageSize": 201}, {}, "iot.common.InvalidPageParams"),
        ("QueryProductList", {"CurrentPage": 0, "PageSize": 10}, {}, "iot.common.InvalidPageParams"),
        ("QueryProduct", {"ProductKey": "a1nobody"}, {}, "iot.prod.NotExistedProduct"),
        ("QueryProduct", {}, {}, "iot.prod.NullProductKey"),
        ("BatchRegisterDevice", {"ProductKey": "FAN", "Count": 10_001}, {}, "iot.device.DeviceCountExceeded"),
        ("BatchRegisterDevice", {"ProductKey": "FAN", "Count": 0}, {}, "iot.device.DeviceCountExceeded"),
        ("BatchCheckDeviceNames", {"ProductKey": "FAN"}, {}, "iot.device.NoneDeviceNameElement"),
        (
            "BatchCheckDeviceNames",
            {"ProductKey": "FAN"},
            names_form("no"),
            "iot.device.InvalidFormattedDeviceName",
        ),
        (
            "BatchCheckDeviceNames",
            {"ProductKey": "FAN"},
            names_form("twin", "twin"),
            "iot.device.InvalidFormattedDeviceName",
        ),
        ("BatchRegisterDeviceWithApplyId", {"ProductKey": "FAN", "ApplyId": 1}, {}, "iot.device.DeviceApplyIsNotFound"),
        ("QueryBatchRegisterDeviceStatus", {"ProductKey": "FAN", "ApplyId": 1}, {}, "iot.device.DeviceApplyIsNotFound"),
        ("QueryPageByApplyId", {"ApplyId": 1, "CurrentPage": 1, "PageSize": 51}, {}, "iot.common.InvalidPageParams"),
        ("QueryPageByApplyId", {"ApplyId": 1, "CurrentPage": 1, "PageSize": 9}, {}, "iot.device.DeviceApplyIsNotFound"),
        ("BatchGetDeviceState", {"ProductKey": "FAN"}, names_form("nobody"), "iot.device.NotExistedDevice"),
        ("BatchGetDeviceState", {"ProductKey": "FAN"}, {}, "iot.system.IllegalRequest"),
        ("QueryProduct", {"ProductKey": "FAN", "IotInstanceId": "iot-other"}, {}, "iot.Sre.IotInstanceNotFound"),
    ],
)
def test_what_the_documents_forbid_is_refused(
    caller: RpcCaller, fan: str, action: str, own: dict[str, Any], form: dict[str, str], code: str
) -> None:
    if own.get("ProductKey") == "FAN":
        own = own | {"ProductKey": fan}
    refused = caller.call(action, form, **own)
    assert (refused.status, refused.json["Success"], refused.code) == (200, False, code)


def test_names_are_checked_then_registered_once_then_paged(caller: RpcCaller, fan: str, cloud: CloudSimulator) -> None:
    names = [f"line-{number:04}" for number in range(60)]
    batch = caller.call("BatchCheckDeviceNames", names_form(*names), ProductKey=fan).json["Data"]["ApplyId"]
    own = {"ProductKey": fan, "ApplyId": batch}
    assert isinstance(batch, int)
    assert caller.call("QueryBatchRegisterDeviceStatus", **own).json["Data"]["Status"] == "CHECK_SUCCESS"
    assert caller.call("QueryPageByApplyId", ApplyId=batch, CurrentPage=1, PageSize=50).json["Total"] == 0
    assert caller.call("BatchRegisterDeviceWithApplyId", **own).json["Data"] == {"ApplyId": batch}
    assert caller.call("BatchRegisterDeviceWithApplyId", **own).code == "iot.device.CreateDeviceTaskIsRunning"
    assert caller.call("QueryBatchRegisterDeviceStatus", **own).json["Data"]["Status"] == "CREATE_SUCCESS"
    pages = [caller.call("QueryPageByApplyId", ApplyId=batch, CurrentPage=n, PageSize=50).json for n in (1, 2, 3)]
    assert [page["Total"] for page in pages] == [60, 60, 60]
    rows = [row for page in pages for row in page["ApplyDeviceList"]["ApplyDeviceInfo"]]
    assert [(r["DeviceName"], r["DeviceSecret"]) for r in rows] == [
        (row.primary.device_name, row.primary.device_secret) for row in cloud.batch(str(batch)).rows()
    ]
    assert {"ProductKey", "Status"}.isdisjoint(rows[0])


def test_a_name_that_exists_fails_the_check_of_its_batch(caller: RpcCaller, fan: str) -> None:
    first, second = (
        caller.call("BatchCheckDeviceNames", names_form("line-0001", f"line-{n}"), ProductKey=fan).json["Data"]
        for n in (1002, 1003)
    )
    caller.call("BatchRegisterDeviceWithApplyId", ProductKey=fan, **first)
    data = caller.call("QueryBatchRegisterDeviceStatus", ProductKey=fan, **second).json["Data"]
    assert (data["Status"], data["InvalidList"]) == ("CHECK_FAILED", {"Name": ["line-0001"]})


def test_states_are_those_of_the_devices(caller: RpcCaller, fan: str, cloud: CloudSimulator) -> None:
    batch = caller.call("BatchRegisterDevice", ProductKey=fan, Count=4).json["Data"]["ApplyId"]
    for row, status in enumerate((0, 1, 3, 8)):
        cloud.set_status(str(batch), row, status)
    rows = list(cloud.batch(str(batch)).rows())
    told = caller.call("BatchGetDeviceState", names_form(*(r.primary.device_name for r in rows)), ProductKey=fan)
    states = told.json["DeviceStatusList"]["DeviceStatus"]
    assert [one["Status"] for one in states] == ["UNACTIVE", "ONLINE", "OFFLINE", "DISABLE"]
    assert [one["IotId"] for one in states] == [row.primary.iot_id for row in rows]


def test_a_batch_takes_its_time() -> None:
    passed = [0.0]
    with CloudSimulator(seed="rpc", clock=lambda: NOW + passed[0], ready_after_s=100) as cloud:
        caller, product = RpcCaller(cloud), cloud.add_product("Fan").product_key
        batch = caller.call("BatchRegisterDevice", ProductKey=product, Count=10).json["Data"]["ApplyId"]
        said = []
        for passed[0] in (0, 50, 100):
            status = caller.call("QueryBatchRegisterDeviceStatus", ProductKey=product, ApplyId=batch).json["Data"]
            page = caller.call("QueryPageByApplyId", ApplyId=batch, CurrentPage=1, PageSize=50).json
            said.append((status["Status"], page["Total"]))
    assert said == [("CREATE", 0), ("CREATE", 5), ("CREATE_SUCCESS", 10)]


@pytest.mark.parametrize(
    ("script", "action", "own", "status", "code"),
    [
        ("do=throttled", "QueryProduct", {}, 400, "Throttling.User"),
        ("do=503", "QueryProduct", {}, 503, "ServiceUnavailable"),
        ("do=500", "QueryProduct", {}, 500, "InternalError"),
        ("do=code:iot.system.SystemException", "QueryProduct", {}, 200, "iot.system.SystemException"),
        ("quirk=instance-required", "QueryProduct", {}, 200, "iot.system.InstanceNotFound"),
        ("quirk=rpc-most:1000", "BatchRegisterDevice", {"Count": 1001}, 200, "iot.device.DeviceCountExceeded"),
        ("path=/QueryProduct do=throttled", "QueryProduct", {}, 400, "Throttling.User"),
        ("path=/QueryPageByApplyId do=throttled", "QueryProduct", {}, 200, ""),
    ],
)
def test_mishaps_and_quirks_speak_its_language(
    cloud: CloudSimulator,
    caller: RpcCaller,
    fan: str,
    script: str,
    action: str,
    own: dict[str, Any],
    status: int,
    code: str,
) -> None:
    cloud.add_faults(script)
    answer = caller.call(action, ProductKey=fan, **own)
    assert (answer.status, answer.code) == (status, code)


def test_names_are_still_being_checked(cloud: CloudSimulator, caller: RpcCaller, fan: str) -> None:
    batch = caller.call("BatchCheckDeviceNames", names_form("line-0001"), ProductKey=fan).json["Data"]
    cloud.add_faults("quirk=rpc-checking times=1")
    said = [caller.call("QueryBatchRegisterDeviceStatus", ProductKey=fan, **batch).json["Data"] for _ in range(2)]
    assert [one["Status"] for one in said] == ["CHECK", "CHECK_SUCCESS"]


def test_some_devices_are_not_made(cloud: CloudSimulator, caller: RpcCaller, fan: str) -> None:
    batch = caller.call("BatchRegisterDevice", ProductKey=fan, Count=5).json["Data"]
    cloud.add_faults("quirk=rpc-create-failed:2")
    data = caller.call("QueryBatchRegisterDeviceStatus", ProductKey=fan, **batch).json["Data"]
    page = caller.call("QueryPageByApplyId", CurrentPage=1, PageSize=50, **batch).json
    assert (data["Status"], len(data["InvalidList"]["Name"]), page["Total"]) == ("CREATE_FAILED", 2, 3)


def test_its_requests_are_logged_by_operation_and_page(cloud: CloudSimulator, caller: RpcCaller) -> None:
    caller.call("QueryPageByApplyId", ApplyId=1, CurrentPage=7, PageSize=50)
    assert [(seen.path, seen.page) for seen in cloud.requests] == [("/QueryPageByApplyId", 7)]
