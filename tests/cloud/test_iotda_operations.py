# SPDX-License-Identifier: GPL-3.0-or-later
"""Each IoTDA operation over HTTP, done and refused, with every kind of authentication."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

import pytest

from station.cloud import skew
from station.cloud.capabilities import DeviceExists, NoSuchDevice
from station.cloud.iotda import iam
from station.cloud.iotda import signing as iotda_signing
from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.iam import IamUser
from station.cloud.iotda.signing import AccessKey
from station.cloud.kept_answer import MOST_CHARACTERS
from station.errors import CloudGarbled, CloudRefused, NeedsPerson, UsageError
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK
from tests.cloud.hostile_server import answer, serving

SPEC = {
    "product_id": "thermometer",
    "name": "Thermometer",
    "device_type": "Thermometer",
    "protocol_type": "MQTT",
    "data_format": "json",
    "service_capabilities": [],
}
SECRET = Secret("0123456789abcdef0123456789abcdef")


@pytest.fixture
def connect(cloud: CloudSimulator) -> Callable[..., Iotda]:
    def make(how: str = "auto", *, secret: str = "", instance_id: str | None = None) -> Iotda:
        auth: AccessKey | IamUser
        if how == "token":
            auth = IamUser(
                url=cloud.url,
                domain=cloud.iam_domain,
                name=cloud.iam_user,
                password=Secret(secret or cloud.iam_password),
                region=cloud.iotda_region,
            )
        else:
            auth = AccessKey(
                access=cloud.iotda_ak,
                secret=Secret(secret or cloud.iotda_sk),
                region=cloud.iotda_region,
                derived={"auto": None, "plain": False, "derived": True}[how],
            )
        account = IotdaAccount(
            url=cloud.url,
            project_id=cloud.iotda_project,
            auth=auth,
            instance_id=cloud.instance_id if instance_id is None else instance_id,
        )
        return Iotda(account, calls_per_s=0, retry=QUICK)

    return make


@pytest.fixture
def iotda(connect: Callable[..., Iotda]) -> Iotda:
    return connect()


@pytest.mark.parametrize("how", ["auto", "plain", "derived", "token"])
def test_a_product_is_created_with_every_authentication(
    cloud: CloudSimulator, connect: Callable[..., Iotda], how: str
) -> None:
    made = connect(how).create_product(SPEC).product
    assert (made.product_key, made.name) == ("thermometer", "Thermometer")
    assert "thermometer" in cloud.world.iotda_products


def test_the_documents_own_chinese_texts_are_signed_right(iotda: Iotda) -> None:
    assert iotda.create_product(SPEC | {"name": "温度计", "description": "中文 说明;。"}).product.name == "温度计"


def test_a_product_twice_is_refused(iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    with pytest.raises(CloudRefused, match="exists already"):
        iotda.create_product(SPEC)


def test_a_faulty_product_is_not_sent(cloud: CloudSimulator, iotda: Iotda) -> None:
    with pytest.raises(UsageError, match=r"\$\.device_type: is missing"):
        iotda.create_product({key: value for key, value in SPEC.items() if key != "device_type"})
    assert cloud.requests == []


def test_a_lost_answer_to_create_is_an_unknown_outcome(cloud: CloudSimulator, iotda: Iotda) -> None:
    cloud.add_faults("path=*/products do=drop-after")
    with pytest.raises(NeedsPerson) as error:
        iotda.create_product(SPEC)
    assert (error.value.code, len(cloud.requests)) == ("E604", 1)


def test_an_unclear_answer_stays_so_although_no_new_token_can_be_had(
    cloud: CloudSimulator, connect: Callable[..., Iotda], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect("token")
    monkeypatch.setattr(iam, "_RENEW_AFTER_S", -1.0)  # each look at the token asks for a new one
    cloud.add_faults("path=*/products do=status-after:504; path=*/tokens nth=3- do=html:401")
    with pytest.raises(NeedsPerson) as error:
        client.create_product(SPEC, request_id="r1")
    assert error.value.code == "E604"


def test_a_time_out_of_the_gateway_is_no_refusal_of_a_product() -> None:
    told = answer(b'{"error_code":"APIGW.0201","error_msg":"timeout"}', status="408 Request Timeout")
    with serving(lambda _request: told) as url, pytest.raises(NeedsPerson) as error:
        connected(url).create_product(SPEC, request_id="r1")
    assert error.value.code == "E604"


def test_of_a_long_answer_to_create_the_beginning_is_kept() -> None:
    told = answer(b'{"product_id":"p","appToken":"hidethis","description":"' + 100_000 * b"x" + b'"}')
    with serving(lambda _request: told) as url:
        made = connected(url).create_product(SPEC, request_id="r1")
    assert made.product.product_key == "p"
    assert len(made.answer) <= MOST_CHARACTERS and "hidethis" not in made.answer


def test_products_are_listed_over_pages(iotda: Iotda) -> None:
    for number in range(7):
        iotda.create_product(SPEC | {"product_id": f"p{number}"})
    assert {product.product_key for product in iotda.products(page_size=3)} == {f"p{n}" for n in range(7)}
    assert {product.product_key for product in iotda.products(page_size=7)} == {f"p{n}" for n in range(7)}


def test_a_list_that_repeats_its_pages_ends(cloud: CloudSimulator, iotda: Iotda) -> None:
    for number in range(4):
        iotda.create_product(SPEC | {"product_id": f"p{number}"})
    cloud.add_faults("path=*/products do=repeat-page")
    assert len(list(iotda.products(page_size=2))) <= 8


def test_a_list_whose_markers_never_end_ends() -> None:
    asked: list[bytes] = []

    def reply(request: bytes) -> bytes:
        asked.append(request)
        assert len(asked) < 50
        return answer(f'{{"products":[{{"product_id":"p"}}],"page":{{"marker":"m{len(asked)}"}}}}'.encode())

    with serving(reply) as url:
        assert {product.product_key for product in connected(url).products(page_size=1)} == {"p"}
    assert len(asked) < 4


def registered(iotda: Iotda, node_id: str = "SN0001", **changes: Any) -> Any:
    values: dict[str, Any] = {
        "product_id": "thermometer",
        "node_id": node_id,
        "device_id": f"thermometer_{node_id}",
        "secret": SECRET,
    }
    return iotda.register(**values | changes)


def test_a_device_gets_our_secret(cloud: CloudSimulator, iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    made = registered(iotda)
    assert cloud.world.devices[made.device_id].secret == SECRET.reveal()
    assert iotda.device(made.device_id).node_id == "SN0001"


def test_a_lost_answer_to_register_is_harmless(cloud: CloudSimulator, iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    cloud.add_faults("path=*/devices method=POST times=1 do=drop-after")
    with pytest.raises(DeviceExists):
        registered(iotda)
    assert cloud.world.devices["thermometer_SN0001"].secret == SECRET.reveal()


def test_sub_devices_hang_under_their_gateway(iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    gateway = registered(iotda)
    for number in range(3):
        registered(iotda, f"CAM{number}", gateway_id=gateway.device_id)
    listed = iotda.devices(gateway_id=gateway.device_id, page_size=2)
    assert {device.node_id for device in listed} >= {"CAM0", "CAM1", "CAM2"}


def test_a_gateway_that_does_not_exist_is_refused(iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    with pytest.raises(CloudRefused):
        registered(iotda, gateway_id="nobody")


@pytest.mark.parametrize(
    "changes", [{"node_id": ""}, {"device_id": "x" * 129}, {"secret": Secret("short")}, {"product_id": "a b"}]
)
def test_what_breaks_the_rules_is_not_sent(cloud: CloudSimulator, iotda: Iotda, changes: Any) -> None:
    with pytest.raises(UsageError) as error:
        registered(iotda, **changes)
    assert cloud.requests == []
    assert "short" not in str(error.value)


def test_a_secret_is_read_where_the_cloud_shows_it(cloud: CloudSimulator, iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    registered(iotda)
    cloud.add_faults("quirk=secret-shown")
    assert iotda.device("thermometer_SN0001").secret == SECRET


def test_an_unknown_device_is_said(iotda: Iotda) -> None:
    with pytest.raises(NoSuchDevice):
        iotda.device("nobody")


def test_a_secret_is_reset_to_ours(cloud: CloudSimulator, iotda: Iotda) -> None:
    iotda.create_product(SPEC)
    registered(iotda)
    iotda.reset_secret("thermometer_SN0001", Secret("another-secret-of-ours"))
    assert cloud.world.devices["thermometer_SN0001"].secret == "another-secret-of-ours"
    with pytest.raises(NoSuchDevice):
        iotda.reset_secret("nobody", SECRET)


@pytest.mark.parametrize("how", ["plain", "derived"])
def test_a_wrong_key_is_tried_once_and_the_lock_out_is_explained(
    cloud: CloudSimulator, connect: Callable[..., Iotda], how: str
) -> None:
    with pytest.raises(CloudRefused, match=r"APIGW\.0301") as refusal:
        list(connect(how, secret="wrong").products())
    assert "5 minutes" in refusal.value.do
    assert len(cloud.requests) == 1


def test_a_wrong_password_is_tried_once(cloud: CloudSimulator, connect: Callable[..., Iotda]) -> None:
    with pytest.raises(CloudRefused) as refusal:
        list(connect("token", secret="wrong-password").products())
    assert "password" in refusal.value.do
    assert "wrong-password" not in refusal.value.lines()
    assert len(cloud.requests) == 1


def test_a_dead_iam_token_is_renewed_once(cloud: CloudSimulator, connect: Callable[..., Iotda]) -> None:
    client = connect("token")
    list(client.products())
    cloud.add_faults("path=*/products times=1 do=kill-token")
    client.create_product(SPEC)
    cloud.add_faults("path=*/products do=kill-token")
    with pytest.raises(CloudRefused):
        list(client.products())


@pytest.mark.parametrize(("how", "quirk"), [("derived", "plain-only"), ("plain", "derived-only")])
def test_the_wrong_algorithm_is_explained(
    cloud: CloudSimulator, connect: Callable[..., Iotda], how: str, quirk: str
) -> None:
    cloud.add_faults(f"quirk={quirk}")
    with pytest.raises(CloudRefused) as refusal:
        list(connect(how).products())
    assert "derived" in refusal.value.do


def test_a_missing_instance_is_explained(cloud: CloudSimulator, connect: Callable[..., Iotda]) -> None:
    cloud.add_faults("quirk=instance-required")
    with pytest.raises(CloudRefused) as refusal:
        list(connect(instance_id="").products())
    assert "instance_id" in refusal.value.do


def test_throttling_is_waited_for(cloud: CloudSimulator, iotda: Iotda) -> None:
    cloud.add_faults("times=2 do=throttled")
    assert list(iotda.products()) == []


@pytest.mark.parametrize("fault", ["garbage", "html", "empty", "truncate"])
def test_an_answer_that_is_none_is_not_believed(cloud: CloudSimulator, iotda: Iotda, fault: str) -> None:
    iotda.create_product(SPEC)
    cloud.add_faults(f"do={fault}")
    with pytest.raises(CloudGarbled):
        list(iotda.products())


@pytest.mark.parametrize("operation", ["freeze", "unfreeze", "delete"])
@pytest.mark.parametrize("fault", ["garbage", "html", "empty"])
def test_a_page_instead_of_an_answer_is_no_word_that_it_was_done(
    cloud: CloudSimulator, iotda: Iotda, operation: str, fault: str
) -> None:
    iotda.create_product(SPEC)
    made = registered(iotda).device_id
    cloud.add_faults(f"do={fault}")
    with pytest.raises(CloudGarbled):
        getattr(iotda, operation)(made)


@pytest.mark.parametrize("operation", ["freeze", "delete"])
def test_an_error_behind_a_200_is_one(operation: str) -> None:
    told = answer(b'{"error_code":"IOTDA.001002","error_msg":"not allowed"}')
    with serving(lambda _request: told) as url, pytest.raises(CloudRefused, match="resource space"):
        getattr(connected(url), operation)("thermometer_SN0001")


def test_a_device_that_is_gone_is_gone_whatever_status_says_so() -> None:
    told = answer(b'{"error_code":"IOTDA.014000","error_msg":"no such device"}')
    with serving(lambda _request: told) as url:
        connected(url).delete("thermometer_SN0001")


@pytest.mark.parametrize("shown", ["another-secret-of-theirs", "0123456789abcdef0123456789abcdeF"])
def test_a_reset_that_gave_another_secret_is_not_believed(shown: str) -> None:
    told = answer(f'{{"device_id":"thermometer_SN0001","secret":"{shown}"}}'.encode())
    with serving(lambda _request: told) as url, pytest.raises(CloudGarbled) as error:
        connected(url).reset_secret("thermometer_SN0001", SECRET)
    assert shown not in str(error.value)


def test_a_masked_secret_of_a_reset_says_nothing() -> None:
    told = answer(b'{"device_id":"thermometer_SN0001","secret":"********"}')
    with serving(lambda _request: told) as url:
        connected(url).reset_secret("thermometer_SN0001", SECRET)


def connected(url: str) -> Iotda:
    key = AccessKey(access="ak", secret=Secret("sk"), region="cn-north-4")
    return Iotda(IotdaAccount(url=url, project_id="p", auth=key), calls_per_s=0, retry=QUICK)


@pytest.mark.parametrize("ahead_s", [-3600, 3600])
def test_a_clock_that_is_wrong_is_called_that_with_its_seconds(
    cloud: CloudSimulator, iotda: Iotda, monkeypatch: pytest.MonkeyPatch, ahead_s: Any
) -> None:
    right = time.time

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return cls.fromtimestamp(right() + ahead_s, tz)

    monkeypatch.setattr(iotda_signing, "datetime", Wrong)
    monkeypatch.setattr(skew, "time", lambda: right() + ahead_s)
    with pytest.raises(CloudRefused, match="clock") as error:
        list(iotda.products())
    said = re.search(r"it is ([+-][0-9]+) s away", error.value.do)
    assert said is not None
    seconds = int(said[1])
    assert abs(seconds - ahead_s) < 60


def test_a_gateways_404_is_no_word_about_a_device(cloud: CloudSimulator, iotda: Iotda) -> None:
    cloud.add_faults("do=status:404")
    with pytest.raises(CloudRefused) as error:
        iotda.device("camera_SN0001")
    assert not isinstance(error.value, NoSuchDevice)
