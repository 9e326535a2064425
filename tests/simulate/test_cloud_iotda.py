# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated IoTDA by token: IAM, what a product and a device may look like, paging, what a state file keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from station.simulate.cloud import CloudSimulator
from tests.simulate.living_caller import Caller, Reply

PROPERTY = {
    "property_name": "temperature",
    "data_type": "decimal",
    "required": True,
    "enum_list": None,
    "min": "1",
    "max": "100",
    "max_length": 100,
    "step": 0.1,
    "unit": "centigrade",
    "method": "RW",
    "description": "force",
    "default_value": {"color": "red", "size": 1},
}
PARA = {"para_name": "force", "data_type": "string", "min": "1", "max": "100", "unit": "km/h"}
PRODUCT: dict[str, Any] = {
    "product_id": "thermo",
    "name": "Thermometer,",
    "device_type": "Thermometer,",
    "protocol_type": "MQTT",
    "data_format": "json",
    "service_capabilities": [
        {
            "service_id": "temperature,",
            "service_type": "temperature",
            "properties": [PROPERTY],
            "commands": [
                {"command_name": "reboot", "paras": [PARA], "responses": [{"response_name": "ACK", "paras": [PARA]}]}
            ],
            "events": [{"event_type": "alarm", "paras": [PARA]}],
            "option": "Mandatory",
        }
    ],
    "description": "this is a thermometer, made; by / us",
}
"""The document's own example, stray commas included, and an event."""


class Client:
    """Calls with a token from IAM."""

    def __init__(self, cloud: CloudSimulator) -> None:
        self.cloud = cloud
        self._send = Caller(cloud).send
        self.token = self.iam(cloud.iam_password).headers.get("X-Subject-Token", "")

    def iam(self, password: str) -> Reply:
        keys = self.cloud.keys
        user = {"name": keys.iam_user, "password": password, "domain": {"name": keys.iam_domain}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": {"name": keys.iotda_region}}}}
        return self._send("POST", "/v3/auth/tokens", {}, json.dumps(body).encode())

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> Reply:
        target = f"/v5/iot/{self.cloud.iotda_project}{path}" + (f"?{urlencode(query)}" if query else "")
        data = b"" if body is None else json.dumps(body).encode()
        return self._send(method, target, {"X-Auth-Token": self.token}, data)


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="iotda") as simulator:
        yield simulator


@pytest.fixture
def client(cloud: CloudSimulator) -> Client:
    return Client(cloud)


def test_iam_gives_tokens_that_live_side_by_side_and_refuses_a_wrong_password(client: Client) -> None:
    first, client.token = client.token, client.iam(client.cloud.iam_password).headers["X-Subject-Token"]
    assert client("GET", "/products").status == 200
    client.token = first
    assert client("GET", "/products").status == 200
    assert client.iam("guess").status == 401
    client.token = "made up"
    assert client("GET", "/products").json["error_code"] == "IOTDA.000004"


def test_nobody_comes_in_without_a_token_or_a_signature(client: Client) -> None:
    client.token = ""
    refused = client("GET", "/products")
    assert (refused.status, refused.json["error_code"]) == (401, "APIGW.0301")


def test_the_documents_example_is_stored_as_sent(client: Client) -> None:
    created = client("POST", "/products", PRODUCT)
    assert created.status == 201
    assert created.json | PRODUCT == created.json
    assert created.json["app_id"] == client.cloud.app_id
    assert client("GET", "/products/thermo").json == created.json
    assert "service_capabilities" not in client("GET", "/products").json["products"][0]


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets what `path` names, e.g. "service_capabilities.0.option"."""

    def change(product: dict[str, Any]) -> None:
        *way, last = path.split(".")
        found: Any = product
        for step in way:
            found = found[int(step) if step.isdecimal() else step]
        found[last] = value

    return change


SERVICE = "service_capabilities.0"
FAULTS = {
    "product_id": [put("product_id", "x" * 37), put("product_id", "a.b"), put("product_id", "")],
    "name": [put("name", None), put("name", ""), put("name", "n" * 65), put("name", 5)],
    "device_type": [put("device_type", None), put("device_type", "d" * 33)],
    "protocol_type": [put("protocol_type", "mqtt")],
    "data_format": [put("data_format", "xml"), put("data_format", 3)],
    "service_capabilities": [put("service_capabilities", None), put("service_capabilities", {})],
    "manufacturer_name": [put("manufacturer_name", "m" * 33)],
    "industry": [put("industry", "i" * 65)],
    "description": [put("description", "d" * 129)],
    "app_id": [put("app_id", "a" * 37)],
    "service_capabilities: at most 500": [
        put("service_capabilities", [{"service_id": str(n), "service_type": "t"} for n in range(501)])
    ],
    "service_capabilities: larger": [put(f"{SERVICE}.properties", [PROPERTY | {"enum_list": ["x" * 513_000]}])],
    "service_capabilities[0].service_id": [put(f"{SERVICE}.service_id", "s" * 65)],
    "service_capabilities[0].option": [put(f"{SERVICE}.option", "optional")],
    "service_capabilities[1].service_id": [
        put("service_capabilities", [{"service_id": "same", "service_type": "t"}] * 2)
    ],
    "service_capabilities[0].properties[1].property_name": [put(f"{SERVICE}.properties", [PROPERTY, PROPERTY])],
    "service_capabilities[0].properties[0].min": [put(f"{SERVICE}.properties", [PROPERTY | {"min": 1}])],
    "service_capabilities[0].properties[0].max": [put(f"{SERVICE}.properties", [PROPERTY | {"max": ""}])],
    "service_capabilities[0].properties[0].method": [put(f"{SERVICE}.properties", [PROPERTY | {"method": "WR"}])],
    "service_capabilities[0].properties[0].data_type": [put(f"{SERVICE}.properties", [PROPERTY | {"data_type": "x"}])],
    "service_capabilities[0].properties[0].required": [put(f"{SERVICE}.properties", [PROPERTY | {"required": "no"}])],
    "service_capabilities[0].properties[0].max_length": [
        put(f"{SERVICE}.properties", [PROPERTY | {"max_length": True}])
    ],
    "service_capabilities[0].properties[0].unit": [put(f"{SERVICE}.properties", [PROPERTY | {"unit": "u" * 17}])],
    "service_capabilities[0].commands[0].command_name": [put(f"{SERVICE}.commands", [{"command_name": None}])],
    "service_capabilities[0].commands[0].responses[0].paras[0].para_name": [
        put(f"{SERVICE}.commands.0.responses.0.paras", [PARA | {"para_name": "p" * 33}])
    ],
    "service_capabilities[0].events[0].event_type": [put(f"{SERVICE}.events", [{"event_type": "e" * 33}])],
}


@pytest.mark.parametrize("path", FAULTS)
def test_each_rule_of_a_product_is_enforced(client: Client, path: str) -> None:
    for change in FAULTS[path]:
        product = deepcopy(PRODUCT)
        change(product)
        refused = client("POST", "/products", product)
        assert (refused.status, refused.json["error_code"]) == (400, "IOTDA.000006")
        assert f" {path}" in refused.json["error_msg"]
    assert client("GET", "/products").json["page"]["count"] == 0


def test_a_product_id_exists_once_and_resource_spaces_must_exist(client: Client) -> None:
    assert client("POST", "/products", PRODUCT).status == 201
    assert client("POST", "/products", PRODUCT).status == 400
    elsewhere = client("POST", "/products", PRODUCT | {"product_id": "two", "app_id": "elsewhere"})
    assert (elsewhere.status, elsewhere.json["error_code"]) == (403, "IOTDA.001000")


@pytest.mark.parametrize(
    ("query", "code"),
    [({"limit": 0}, "000017"), ({"limit": 51}, "000017"), ({"marker": "x"}, "000018"), ({"offset": 501}, "000006")],
)
def test_paging_out_of_range_is_refused(client: Client, query: dict[str, Any], code: str) -> None:
    assert client("GET", "/devices", **query).json["error_code"] == f"IOTDA.{code}"


def test_devices_come_newest_first_by_marker_and_by_offset(client: Client) -> None:
    client("POST", "/products", PRODUCT)
    for number in range(7):
        client("POST", "/devices", {"node_id": f"SN{number}", "product_id": "thermo"})
    told: list[str] = []
    marker: dict[str, str] = {}
    for rows in (3, 3, 1):
        page = client("GET", "/devices", limit=3, **marker).json
        assert len(page["devices"]) == rows
        told += [device["node_id"] for device in page["devices"]]
        marker = {"marker": page["page"]["marker"]}
    assert told == [f"SN{number}" for number in range(6, -1, -1)]
    assert client("GET", "/devices", limit=3, **marker).json == {"devices": [], "page": {"count": 7}}
    skipped = client("GET", "/devices", limit=3, offset=2).json["devices"]
    assert [device["node_id"] for device in skipped] == told[2:5]


@pytest.mark.parametrize(
    "fault",
    [
        *({"node_id": None}, {"node_id": "a b"}, {"node_id": "n" * 65}, {"device_id": "d" * 129}),
        *(
            {"auth_info": {"secret": "short"}},
            {"auth_info": {"secret": "s" * 33}},
            {"auth_info": {"auth_type": "NONE"}},
        ),
    ],
)
def test_a_device_that_breaks_a_rule_is_refused(client: Client, fault: dict[str, Any]) -> None:
    client("POST", "/products", PRODUCT)
    refused = client("POST", "/devices", {"node_id": "SN0001", "product_id": "thermo"} | fault)
    assert (refused.status, refused.json["error_code"]) == (400, "IOTDA.000006")


def test_a_secret_is_told_once(client: Client) -> None:
    client("POST", "/products", PRODUCT)
    made = client("POST", "/devices", {"node_id": "SN0001", "product_id": "thermo"}).json
    secret = made["auth_info"]["secret"]
    assert 8 <= len(secret) <= 32
    later = client("GET", f"/devices/{made['device_id']}").body + client("GET", "/devices").body
    assert secret.encode() not in later
    client.cloud.add_faults("quirk=secret-shown")
    assert client("GET", f"/devices/{made['device_id']}").json["auth_info"]["secret"] == secret


@pytest.mark.parametrize(
    ("quirk", "shows"),
    [
        ("iotda-without:description", lambda told: "description" not in told),
        ("iotda-null:description", lambda told: told["description"] is None),
        ("iotda-says:node_id=SN9999", lambda told: told["node_id"] == "SN9999"),
        ("iotda-secret:********", lambda told: told["auth_info"]["secret"] == "********"),
    ],
)
def test_a_device_may_be_described_oddly(client: Client, quirk: str, shows: Callable[[Any], bool]) -> None:
    client("POST", "/products", PRODUCT)
    made = client("POST", "/devices", {"node_id": "SN0001", "product_id": "thermo"}).json
    client.cloud.add_faults(f"quirk={quirk}")
    assert shows(client("GET", f"/devices/{made['device_id']}").json)
    assert not shows(made)


def test_sub_devices_go_two_levels_deep(client: Client) -> None:
    client("POST", "/products", PRODUCT)
    parent = None
    statuses = []
    for name in ("top1", "mid1", "low1", "deep"):
        body = {"node_id": name, "product_id": "thermo"} | ({"gateway_id": parent} if parent else {})
        reply = client("POST", "/devices", body)
        statuses.append(reply.status)
        parent = reply.json.get("device_id")
    assert statuses == [201, 201, 201, 400]


def test_registrations_can_be_lost_on_the_way_back(client: Client) -> None:
    client("POST", "/products", PRODUCT)
    client.cloud.add_faults("path=*/devices times=1 do=status-after:503")
    body = {"node_id": "SN0001", "product_id": "thermo"}
    assert client("POST", "/devices", body).json["error_code"] == "APIGW.0201"
    assert client("POST", "/devices", body).json["error_code"] == "IOTDA.014031"


def test_throttling_speaks_huaweis_dialect(client: Client) -> None:
    client.cloud.add_faults("do=429")
    assert (client("GET", "/products").status, client("GET", "/products").json["error_code"]) == (429, "APIGW.0308")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/products", 405),
        ("GET", "/nothing", 404),
        ("GET", "/products/none", 404),
        ("DELETE", "/devices/no", 404),
    ],
)
def test_what_is_not_there(client: Client, method: str, path: str, status: int) -> None:
    assert client(method, path).status == status


def test_devices_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "cloud.json"
    with CloudSimulator(state) as cloud:
        client = Client(cloud)
        client("POST", "/products", PRODUCT)
        client("POST", "/devices", {"node_id": "SN0001", "product_id": "thermo"})
        before = client("GET", "/devices").json
    with CloudSimulator(state) as cloud:
        assert Client(cloud)("GET", "/devices").json == before
