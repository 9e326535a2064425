# SPDX-License-Identifier: GPL-3.0-or-later
"""Huawei's SDK, which knows nothing of us, gets every operation out of the simulated IoTDA, and is refused."""

from __future__ import annotations

from typing import Any

import pytest

from station.simulate.cloud import CloudSimulator

pytestmark = pytest.mark.timeout(300)  # the first run installs the SDK

PRODUCT = {
    "product_id": "thermo-1",
    "name": "Thermometer",
    "device_type": "Thermometer",
    "protocol_type": "MQTT",
    "data_format": "json",
    "service_capabilities": [],
}


class Account:
    """The SDK with one account's keys."""

    def __init__(self, sdk: Any, cloud: CloudSimulator, *, derived: bool) -> None:
        self._sdk, self._cloud, self._derived = sdk, cloud, derived

    def __call__(
        self, operation: str, body: dict[str, Any] | None = None, sk: str = "", **arguments: Any
    ) -> dict[str, Any]:
        answer: dict[str, Any] = self._sdk.call(
            operation=operation,
            body=body,
            arguments={"instance_id": self._cloud.instance_id} | arguments,
            url=self._cloud.url,
            ak=self._cloud.iotda_ak,
            sk=sk or self._cloud.iotda_sk,
            project=self._cloud.iotda_project,
            region=self._cloud.iotda_region,
            derived=self._derived,
        )
        return answer


@pytest.fixture(params=["plain", "derived"])
def account(request: pytest.FixtureRequest, iotda_sdk: Any, cloud: CloudSimulator) -> Account:
    return Account(iotda_sdk, cloud, derived=request.param == "derived")


@pytest.fixture
def derived(iotda_sdk: Any, cloud: CloudSimulator) -> Account:
    return Account(iotda_sdk, cloud, derived=True)


def test_a_product_is_created_listed_and_shown(account: Account) -> None:
    created = account("create_product", PRODUCT | {"name": "温度计"})
    assert (created["status"], created["body"]["name"]) == (201, "温度计")
    listed = account("list_products", limit=50, product_name="温度计")["body"]
    assert [product["product_id"] for product in listed["products"]] == ["thermo-1"]
    assert listed["page"]["count"] == 1
    assert account("show_product", product_id="thermo-1")["body"]["data_format"] == "json"


def test_pages_of_products_continue_at_the_marker(derived: Account) -> None:
    for number in range(5):
        derived("create_product", PRODUCT | {"product_id": f"p{number}"})
    first = derived("list_products", limit=3)["body"]
    rest = derived("list_products", limit=3, marker=first["page"]["marker"])["body"]
    ids = [product["product_id"] for page in (first, rest) for product in page["products"]]
    assert ids == ["p4", "p3", "p2", "p1", "p0"]


def test_a_device_lives_with_the_secret_it_was_registered_with(account: Account) -> None:
    account("create_product", PRODUCT)
    body = {"node_id": "SN0001", "product_id": "thermo-1", "auth_info": {"secret": "0123456789abcdef"}}
    registered = account("add_device", body)
    assert registered["status"] == 201
    assert registered["body"]["device_id"] == "thermo-1_SN0001"
    assert registered["body"]["auth_info"]["secret"] == "0123456789abcdef"
    again = account("add_device", body)
    assert (again["status"], again["code"]) == (400, "IOTDA.014031")
    shown = account("show_device", device_id="thermo-1_SN0001")["body"]
    assert (shown["node_id"], shown["auth_info"].get("secret")) == ("SN0001", None)
    reset = account("reset_device_secret", {}, device_id="thermo-1_SN0001", action_id="resetSecret")
    assert reset["body"]["secret"] not in ("", "0123456789abcdef")
    assert account("delete_device", device_id="thermo-1_SN0001")["status"] == 204
    assert account("show_device", device_id="thermo-1_SN0001")["status"] == 404


def test_sub_devices_hang_under_their_gateway(derived: Account) -> None:
    derived("create_product", PRODUCT)
    gateway = derived("add_device", {"node_id": "NVR1", "product_id": "thermo-1"})["body"]["device_id"]
    for number in (1, 2):
        camera = {"node_id": f"NVR1-{number}", "product_id": "thermo-1", "gateway_id": gateway}
        assert derived("add_device", camera)["body"]["node_type"] == "ENDPOINT"
    orphan = derived("add_device", {"node_id": "lost", "product_id": "thermo-1", "gateway_id": "nowhere"})
    assert (orphan["status"], orphan["code"]) == (404, "IOTDA.014000")
    found = derived("list_devices", gateway_id=gateway)["body"]["devices"]
    assert {device["node_id"] for device in found} == {"NVR1", "NVR1-1", "NVR1-2"}
    assert derived("delete_device", device_id=gateway)["status"] == 400


@pytest.mark.parametrize(
    "fault",
    [{"name": "n" * 65}, {"protocol_type": "BOGUS"}, {"device_type": None}, {"product_id": "a b"}, {"data_format": 3}],
)
def test_a_product_that_breaks_a_rule_is_refused_whole(derived: Account, fault: dict[str, Any]) -> None:
    refused = derived("create_product", PRODUCT | fault)
    assert (refused["status"], refused["code"]) == (400, "IOTDA.000006")
    assert next(iter(fault)) in refused["message"]
    assert derived("list_products")["body"]["products"] == []


def test_five_bad_signatures_lock_the_key(derived: Account) -> None:
    for _ in range(5):
        refused = derived("list_products", sk="wrong")
        assert (refused["status"], refused["code"]) == (401, "APIGW.0301")
    locked = derived("list_products")
    assert "reach the limit" in locked["message"]


def test_an_edition_insists_on_its_own_signature(account: Account, cloud: CloudSimulator) -> None:
    cloud.add_faults("quirk=plain-only; quirk=derived-only")
    refused = account("list_products")
    assert (refused["status"], "X-Auth-Token" in refused["message"]) == (400, True)


def test_the_professional_edition_demands_its_instance(derived: Account, cloud: CloudSimulator) -> None:
    cloud.add_faults("quirk=instance-required")
    assert derived("list_products")["status"] == 200
    assert "Instance-Id" in derived("list_products", instance_id=None)["message"]
    assert derived("list_products", instance_id="another")["code"] == "IOTDA.000021"


def test_a_device_is_frozen_let_go_and_deleted(account: Account, cloud: CloudSimulator) -> None:
    account("create_product", PRODUCT)
    account("add_device", {"node_id": "SN0001", "product_id": "thermo-1"})
    for operation, status in (("freeze_device", "FROZEN"), ("unfreeze_device", "INACTIVE")):
        assert account(operation, device_id="thermo-1_SN0001")["status"] == 204
        assert account("show_device", device_id="thermo-1_SN0001")["body"]["status"] == status
    assert account("freeze_device", device_id="nobody")["code"] == "IOTDA.014000"
    assert account("delete_device", device_id="thermo-1_SN0001")["status"] == 204
    assert cloud.world.devices == {}


def test_the_gateways_limit_comes_as_the_sdk_knows_it(derived: Account, cloud: CloudSimulator) -> None:
    derived("create_product", PRODUCT)
    cloud.flow_control.per_s = 1
    said = [derived("list_products")["status"] for _ in range(4)]
    assert 429 in said and 200 in said  # its real words are lost in the SDK: it retries a 429 by itself and gives up
    cloud.flow_control.per_s = 0
    assert derived("list_products")["status"] == 200


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("do=status:503", 503),
        ("do=html:502", 502),
        ("do=throttled:1", 429),
        ("do=code:IOTDA.000021", 400),
        ("do=drop", 0),
        ("do=cut", 0),
    ],
)
def test_a_fault_on_the_way_is_an_error_to_the_sdk_too_and_the_next_call_goes(
    derived: Account, cloud: CloudSimulator, fault: str, status: int
) -> None:
    derived("create_product", PRODUCT)
    cloud.add_faults(f"path=*/devices method=POST times=1 {fault}")
    refused = derived("add_device", {"node_id": "SN0001", "product_id": "thermo-1"})
    assert refused["status"] == status
    cloud.clear_faults()
    again = derived("add_device", {"node_id": "SN0001", "product_id": "thermo-1"})
    done = fault == "do=cut"  # it was carried out: its answer was cut, and the device is there
    assert (again["status"], again.get("code")) == ((400, "IOTDA.014031") if done else (201, None))


@pytest.mark.parametrize(
    ("quirk", "field", "seen"),
    [
        ("iotda-without:description", "description", None),
        ("iotda-null:status", "status", None),
        ("iotda-says:status=ONLINE", "status", "ONLINE"),
    ],
)
def test_what_leaves_an_owner_open_parses_as_such(
    derived: Account, cloud: CloudSimulator, quirk: str, field: str, seen: str | None
) -> None:
    derived("create_product", PRODUCT)
    derived("add_device", {"node_id": "SN0001", "product_id": "thermo-1", "description": "mark"})
    cloud.add_faults(f"quirk={quirk}")
    shown = derived("show_device", device_id="thermo-1_SN0001")
    assert (shown["status"], shown["body"].get(field)) == (200, seen)


def test_a_masked_secret_is_what_the_sdk_shows(derived: Account, cloud: CloudSimulator) -> None:
    derived("create_product", PRODUCT)
    derived("add_device", {"node_id": "SN0001", "product_id": "thermo-1"})
    cloud.add_faults("quirk=iotda-secret:********")
    assert derived("show_device", device_id="thermo-1_SN0001")["body"]["auth_info"]["secret"] == "*" * 8
