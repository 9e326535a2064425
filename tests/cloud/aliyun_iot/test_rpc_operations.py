# SPDX-License-Identifier: GPL-3.0-or-later
"""Each operation over HTTP, and what the client makes of refusals, lost answers and nonsense."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest

from station.cloud.aliyun_iot import client as client_module
from station.cloud.aliyun_iot.client import AliyunIot
from station.cloud.capabilities import BatchNotReady
from station.errors import CloudFault, CloudRefused, NeedsPerson, OutcomeUnknown, UsageError
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, Secret
from station.simulate.cloud import CloudSimulator
from tests.cloud.hostile_server import serving


def asked(cloud: CloudSimulator, action: str) -> int:
    return sum(seen.path == f"/{action}" for seen in cloud.requests)


def test_products_are_listed_over_pages_and_shown(cloud: CloudSimulator, iot: AliyunIot) -> None:
    made = [cloud.add_product(f"Fan {number}").product_key for number in range(7)]
    assert sorted(p.product_key for p in iot.products(page_size=3)) == sorted(made)
    shown = iot.product(made[0])
    assert (shown.name, shown.state, shown.node_type) == ("Fan 0", "published", "DEVICE")
    assert shown.product_secret == Secret(cloud.world.products[made[0]].product_secret)


def test_a_batch_comes_with_the_secrets_that_were_issued(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    batch = iot.generate(fan, 60, request_id="r1")
    pages = [iot.page(batch, number, product_key=fan) for number in (1, 2, 3)]
    assert [(len(page.items), page.total) for page in pages] == [(50, 60), (10, 60), (0, 60)]
    held = [(i.primary.device_name, i.primary.device_secret.reveal(), i.primary.iot_id) for p in pages for i in p.items]
    issued = [row.primary for row in cloud.batch(batch).rows()]
    assert held == [(row.device_name, row.device_secret, row.iot_id) for row in issued]
    assert {item.primary.cloud_status for page in pages for item in page.items} == {STATUS_INACTIVE}


def test_devices_in_use_are_told_apart_though_no_page_says_it(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, connect: Callable[..., AliyunIot]
) -> None:
    batch = iot.generate(fan, 4, request_id="r1")
    for row, status in enumerate((0, 1, 3, 8)):
        cloud.set_status(batch, row, status)
    assert [item.primary.cloud_status for item in iot.page(batch, 1, product_key=fan).items] == [0, 1, 3, 8]
    unasked = connect(ask_states=False).page(batch, 1, product_key=fan)
    assert {item.primary.cloud_status for item in unasked.items} == {STATUS_NOT_SAID}


def test_a_page_is_not_taken_for_a_product_it_is_not_of(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    other = cloud.add_product("Lamp").product_key
    batch = iot.generate(fan, 3, request_id="r1")
    with pytest.raises(UsageError, match="do not say of which product"):
        iot.page(batch, 1)
    with pytest.raises(CloudFault):  # already how far it is, is asked with the product
        iot.page(batch, 1, product_key=other)
    iot._made[batch] = ()
    with pytest.raises(UsageError, match=f"none of these devices in product {other}"):
        iot.page(batch, 1, product_key=other)


def test_a_device_that_the_cloud_does_not_know_is_odd_and_the_rest_comes(
    cloud: CloudSimulator, iot: AliyunIot, fan: str
) -> None:
    batch = iot.generate(fan, 5, request_id="r1")
    iot.page(batch, 1, product_key=fan)
    name = cloud.batch(batch).row(2).primary.device_name
    del cloud.world._indexes[batch][name]  # deleted in the console
    page = iot.page(batch, 1, product_key=fan)
    assert (len(page.items), [odd.key for odd in page.odd]) == (4, [f"{fan}/{name}"])


def test_a_secret_under_another_device_is_odd(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    batch = iot.generate(fan, 3, request_id="r1")
    iot.page(batch, 1, product_key=fan)
    index = cloud.world._indexes[batch]
    first, second = (cloud.batch(batch).row(row).primary.device_name for row in (0, 1))
    index[first], index[second] = index[second], index[first]
    page = iot.page(batch, 1, product_key=fan)
    assert {odd.key for odd in page.odd} == {f"{fan}/{first}", f"{fan}/{second}"}
    assert len(page.items) == 1


def test_names_are_uploaded_and_generated_in_two_steps(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    names = [f"line1-{number:04}" for number in range(1000)]
    batch = iot.upload_names(fan, names, request_id="r1")
    with pytest.raises(BatchNotReady, match="no devices yet"):
        iot.page(batch, 1, product_key=fan)
    assert iot.generate_named(fan, batch, request_id="r2") == batch
    assert [item.name.device_name for item in iot.page(batch, 20, product_key=fan).items] == names[950:]


def test_bad_names_are_refused_before_anything_is_sent(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    with pytest.raises(UsageError, match=r"line 2: .*; line 3: good-1 is on line 1"):
        iot.upload_names(fan, ["good-1", "no", "good-1"], request_id="r1")
    with pytest.raises(UsageError, match="1001 names"):
        iot.upload_names(fan, [f"name-{n}" for n in range(1001)], request_id="r1")
    with pytest.raises(UsageError, match="10001 devices"):
        iot.generate(fan, 10_001, request_id="r1")
    assert not cloud.requests


def test_names_that_the_cloud_does_not_take_are_told_and_nothing_is_registered(
    cloud: CloudSimulator, iot: AliyunIot, fan: str
) -> None:
    first, second = (iot.upload_names(fan, ["line-1", f"line-{n}"], request_id="r") for n in (2, 3))
    iot.generate_named(fan, first, request_id="r")
    with pytest.raises(CloudRefused, match="does not take 1 of its names: line-1: The device name already exists"):
        iot.generate_named(fan, second, request_id="r")
    assert asked(cloud, "BatchRegisterDeviceWithApplyId") == 1


def test_names_that_are_still_being_checked_are_waited_for(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_LOOK_S", 0.01)
    batch = iot.upload_names(fan, ["line-1"], request_id="r")
    cloud.add_faults("quirk=rpc-checking times=3")
    iot.generate_named(fan, batch, request_id="r")
    assert asked(cloud, "QueryBatchRegisterDeviceStatus") == 4
    monkeypatch.setattr(client_module, "_CHECKING_S", 0.05)
    other = iot.upload_names(fan, ["line-2"], request_id="r")
    cloud.add_faults("quirk=rpc-checking")
    with pytest.raises(BatchNotReady, match="still checks"):
        iot.generate_named(fan, other, request_id="r")


def test_a_batch_that_is_being_made_is_not_taken_for_a_small_one(
    cloud: CloudSimulator, iot: AliyunIot, fan: str
) -> None:
    cloud.world.ready_after_s = 3600
    batch = iot.generate(fan, 10, request_id="r")
    with pytest.raises(BatchNotReady, match="still being made"):
        iot.page(batch, 1, product_key=fan)
    cloud.world.clock = lambda: time.time() + 7200
    cloud._rpc_gateway.check = lambda *_: None  # type: ignore[method-assign]  # its clock is ours no more
    assert len(iot.page(batch, 1, product_key=fan).items) == 10


def test_devices_that_were_not_made_are_odd(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    batch = iot.generate(fan, 5, request_id="r")
    cloud.add_faults("quirk=rpc-create-failed:2")
    page = iot.page(batch, 1, product_key=fan)
    lost = [row.primary.device_name for row in cloud.batch(batch).rows()][-2:]
    assert (len(page.items), [odd.key for odd in page.odd]) == (3, [f"{fan}/{name}" for name in lost])
    assert "did not make it: Failed to create" in page.odd[0].why


@pytest.mark.parametrize(
    "mishap", ["drop-after", "reset-after", "500-after", "html-after", "garbage-after", "truncate"]
)
def test_a_lost_answer_to_a_paid_call_is_a_doubt_and_the_call_is_not_sent_again(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, mishap: str
) -> None:
    cloud.add_faults(
        f"path=/BatchRegisterDevice do={mishap.replace('500', 'status').replace('after', 'after')}".replace(
            "status-after", "status-after:500"
        )
    )
    with pytest.raises(NeedsPerson) as doubt:
        iot.generate(fan, 5, request_id="r-lost")
    assert (doubt.value.code, "r-lost" in doubt.value.what) == ("E604", True)
    assert asked(cloud, "BatchRegisterDevice") == len(cloud.world.batches) == 1


@pytest.mark.parametrize("mishap", ["drop-after", "status-after:503", "html-after"])
def test_the_doubt_about_named_devices_is_settled_by_asking_the_cloud(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, mishap: str
) -> None:
    batch = iot.upload_names(fan, ["line-1"], request_id="r1")
    cloud.add_faults(f"path=/BatchRegisterDeviceWithApplyId do={mishap}")
    assert iot.generate_named(fan, batch, request_id="r2") == batch
    assert iot.generate_named(fan, batch, request_id="r3") == batch  # it was asked for: not sent again
    assert asked(cloud, "BatchRegisterDeviceWithApplyId") == 1


@pytest.mark.parametrize("more", ["", "; path=/QueryBatchRegisterDeviceStatus nth=2- do=500"])
def test_where_the_cloud_does_not_say_that_it_was_asked_the_doubt_stays(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, more: str
) -> None:
    batch = iot.upload_names(fan, ["line-1"], request_id="r1")
    cloud.add_faults(f"path=/BatchRegisterDeviceWithApplyId do=drop{more}")
    with pytest.raises(NeedsPerson) as doubt:
        iot.generate_named(fan, batch, request_id="r2")
    assert doubt.value.code == "E604"


@pytest.mark.parametrize(
    ("code", "sure"),
    [
        ("iot.prod.NotExistedProduct", True),
        ("iot.device.DeviceCountExceeded", True),
        ("iot.common.RamActionPermissionDeny", True),
        ("Throttling.User", True),
        ("iot.device.ApplyManyDevicesFailed", False),
        ("iot.system.SystemException", False),
        ("iot.device.LongRunningTaskFailed", False),
        ("iot.device.CreateDeviceTaskIsRunning", False),
        ("iot.something.NobodyKnows", False),
    ],
)
def test_only_what_was_refused_beforehand_surely_made_nothing(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, code: str, sure: bool
) -> None:
    cloud.add_faults(f"path=/BatchRegisterDevice do=code:{code}")
    with pytest.raises(CloudRefused if sure else NeedsPerson, match=code):
        iot.generate(fan, 5, request_id="r")
    assert asked(cloud, "BatchRegisterDevice") == 1


@pytest.mark.parametrize("mishap", ["500", "503", "html", "html:502", "garbage", "truncate", "cut", "drop", "empty"])
def test_a_question_is_asked_again_after_a_fault_that_passes(
    cloud: CloudSimulator, iot: AliyunIot, fan: str, mishap: str
) -> None:
    cloud.add_faults(f"do={mishap} times=1")
    assert iot.product(fan).name == "Fan"
    assert len(cloud.requests) == 2


@pytest.mark.parametrize("code", ["Throttling", "Throttling.User", "Throttling.Api", "iot.common.FlowControl"])
def test_throttling_is_waited_out(cloud: CloudSimulator, iot: AliyunIot, fan: str, code: str) -> None:
    rests: list[str] = []

    def rest(_seconds: float, why: str) -> bool:
        rests.append(why)
        return True

    iot.while_throttled(rest)
    cloud.add_faults(f"do=code:{code} times=3" if code != "Throttling.User" else "do=throttled times=3")
    assert iot.product(fan).name == "Fan"
    assert len(rests) == 3
    assert "too many requests" in rests[0]


def test_throttling_that_never_ends_says_what_to_do(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    cloud.add_faults("do=throttled")
    with pytest.raises(CloudRefused, match="too many requests") as refused:
        iot.product(fan)
    assert "cloud.aliyun_iot.calls_per_s" in refused.value.do


@pytest.mark.parametrize(
    ("changes", "words", "do"),
    [
        ({"access_key": "LTAInobody"}, "no such AccessKey", "cloud.aliyun_iot.access_key"),
        ({"access_secret": Secret("wrong-secret-of-a-factory")}, "signature is wrong", "AccessKey Secret"),
        ({"instance_id": "iot-other"}, "no such instance", "cloud.aliyun_iot.instance_id"),
    ],
)
def test_wrong_settings_are_named_and_no_secret_is(
    connect: Callable[..., AliyunIot], cloud: CloudSimulator, changes: dict[str, object], words: str, do: str
) -> None:
    with pytest.raises(CloudRefused, match=words) as refused:
        connect(**changes).ping()
    assert do in refused.value.do
    shown = f"{refused.value.what} {refused.value.do} {refused.value.__cause__!r}"
    assert "wrong-secret-of-a-factory" not in shown
    assert cloud.aliyun_sk not in shown
    assert len(cloud.requests) == 1  # a wrong key is not tried again


def test_a_clock_that_is_wrong_is_called_so_with_the_seconds(
    cloud: CloudSimulator, iot: AliyunIot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    monkeypatch.setattr("station.cloud.aliyun_iot.signing.time.gmtime", lambda: time.localtime(now() - 3600))
    monkeypatch.setattr("station.cloud.skew.time", lambda: now() - 3600)
    with pytest.raises(CloudRefused, match="another than the cloud's") as refused:
        iot.ping()
    assert re.search(r"set the PC's clock: it is -3\d\d\d s away", refused.value.do)


def test_an_instance_that_must_be_named_is_asked_for(
    cloud: CloudSimulator, iot: AliyunIot, connect: Callable[..., AliyunIot]
) -> None:
    cloud.add_faults("quirk=instance-required")
    with pytest.raises(CloudRefused, match="no such instance"):
        iot.ping()
    connect(instance_id=cloud.aliyun_instance_id).ping()


def test_each_attempt_has_a_nonce_of_its_own(cloud: CloudSimulator, iot: AliyunIot, fan: str) -> None:
    cloud.add_faults("do=status-after:500 times=2")
    assert iot.product(fan).name == "Fan"  # a used nonce would have been refused


def test_a_refusal_that_echoes_the_secret_is_shown_without_it(
    connect: Callable[..., AliyunIot], cloud: CloudSimulator, fan: str
) -> None:
    said = json.dumps({"Code": "Forbidden.RAM", "Message": f"you sent {cloud.aliyun_sk}", "RequestId": "R-1"}).encode()
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\n"
    with serving(lambda _request: head + b"Content-Length: %d\r\n\r\n" % len(said) + said) as url:
        with pytest.raises(CloudRefused, match="may not do that") as refused:
            connect(url=url).product(fan)
        assert (cloud.aliyun_sk in refused.value.what, "R-1" in refused.value.what) == (False, True)


def test_a_lost_answer_is_kept_without_secrets(
    connect: Callable[..., AliyunIot], cloud: CloudSimulator, fan: str
) -> None:
    said = (
        f'{{"Success": true, "Data": {{"ApplyIdd": 77}}, "DeviceSecret": "abcdef", "x": "{cloud.aliyun_sk}"}}'.encode()
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    with serving(lambda _request: head + b"Content-Length: %d\r\n\r\n" % len(said) + said) as url:
        with pytest.raises(OutcomeUnknown) as doubt:
            connect(url=url).generate(fan, 3, request_id="r")
        assert "77" in doubt.value.raw
        assert "abcdef" not in doubt.value.raw and cloud.aliyun_sk not in doubt.value.raw


def test_who_may_not_ask_for_states_is_told_how_to_do_without(
    cloud: CloudSimulator, iot: AliyunIot, connect: Callable[..., AliyunIot], fan: str
) -> None:
    batch = iot.generate(fan, 3, request_id="r")
    cloud.add_faults("path=/BatchGetDeviceState do=code:iot.common.RamActionPermissionDeny")
    with pytest.raises(CloudRefused, match="may not do that") as refused:
        iot.page(batch, 1, product_key=fan)
    assert "cloud.aliyun_iot.ask_states = false" in refused.value.do
    assert len(connect(ask_states=False).page(batch, 1, product_key=fan).items) == 3
