# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulated Living Link remembers and when: tokens, batches that take their time, a state file."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from station.simulate.cloud import CloudSimulator
from tests.simulate.living_caller import GENERATE, GENERATE_NVR, LIST, QUERY, QUERY_NVR, UPLOAD, Caller, Reply


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cloud(clock: Clock) -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="living", ready_after_s=100, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def caller(cloud: CloudSimulator) -> Caller:
    caller = Caller(cloud)
    caller.login()
    return caller


def listing(caller: Caller) -> int:
    return int(caller.call(LIST, pageNo=1, pageSize=10).json["code"])


def test_a_token_lives_two_hours(caller: Caller, clock: Clock) -> None:
    clock.now += 7199
    assert listing(caller) == 200
    clock.now += 2
    assert listing(caller) == 401


def test_a_refresh_leaves_the_old_token_five_minutes(caller: Caller, clock: Clock) -> None:
    new = caller.call("/cloud/token/refresh", cloudToken=caller.token).data["cloudToken"]
    clock.now += 299
    assert listing(caller) == 200
    clock.now += 2
    assert listing(caller) == 401
    caller.token = new
    assert listing(caller) == 200


def test_a_batch_is_unknown_then_not_ready_then_empty_then_partial_then_whole(
    caller: Caller, cloud: CloudSimulator, clock: Clock
) -> None:
    batch = caller.call(GENERATE, productKey=cloud.add_product("Fan").product_key, amount=10).data

    def ask() -> Reply:
        return caller.call(QUERY, applyId=batch, pageNo=1, pageSize=100)

    assert ask().json["code"] == 6271
    clock.now += 30
    assert ask().json["code"] == 6285
    clock.now += 30
    assert ask().data == {"totalNum": 0}
    clock.now += 30
    assert (ask().data["totalNum"], len(ask().data["items"])) == (5, 5)
    clock.now += 30
    assert (ask().data["totalNum"], len(ask().data["items"])) == (10, 10)


def test_generation_is_not_idempotent(caller: Caller, cloud: CloudSimulator) -> None:
    key = cloud.add_product("Fan").product_key
    first, second = (caller.call(GENERATE, productKey=key, amount=2).data for _ in range(2))
    assert first != second
    assert not set(cloud.batch(first).rows()) & set(cloud.batch(second).rows())


def test_benches_that_generate_at_once_get_batches_of_their_own(caller: Caller, cloud: CloudSimulator) -> None:
    key = cloud.add_product("Fan").product_key

    def bench(_number: int) -> list[str]:
        mine = Caller(cloud)
        mine.token = caller.token
        return [mine.call(GENERATE, productKey=key, amount=1).data for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        ids = [batch for batches in pool.map(bench, range(8)) for batch in batches]
    assert len(set(ids)) == 80


def test_a_name_is_produced_once_in_a_product(caller: Caller, cloud: CloudSimulator) -> None:
    key = cloud.add_product("Fan").product_key
    one, two = (caller.call(UPLOAD, productKey=key, deviceNames=["line-1"]).data for _ in range(2))
    generate = "/cloud/name/device/generate"
    assert caller.call(generate, productKey=key, batchId=one).json["code"] == 200
    assert caller.call(generate, productKey=key, batchId=one).json["code"] == 6283
    assert caller.call(generate, productKey=key, batchId=two).json["code"] == 6251
    assert caller.call(UPLOAD, productKey=key, deviceNames=["line-1"]).json["code"] == 6251


def test_a_product_in_development_produces_nothing(caller: Caller, cloud: CloudSimulator) -> None:
    key = cloud.add_product("Fan", published=False).product_key
    assert caller.call(GENERATE, productKey=key, amount=1).json["code"] == 460


def test_certificates_have_the_lengths_of_the_field_and_never_collide(cloud: CloudSimulator) -> None:
    product = cloud.add_product("NVR", channels=16)
    rows = list(cloud.produce(product, amount=500).rows())
    every = [device for row in rows for device in (row.primary, *row.channels)]
    assert {(len(d.product_key), len(d.device_name), len(d.device_secret)) for d in every} == {(11, 20, 32)}
    assert all(d.iot_id.endswith("000100") and d.iot_id.isalnum() for d in every)
    for field in ("device_name", "device_secret", "iot_id"):
        assert len({getattr(device, field) for device in every}) == 500 * 17
    assert {row.primary.product_key for row in rows} == {product.product_key}
    assert {camera.product_key for row in rows for camera in row.channels} == {product.ipc_product_key}


def test_a_page_tells_the_same_from_any_paging(caller: Caller, cloud: CloudSimulator, clock: Clock) -> None:
    key = cloud.add_product("NVR", channels=2).product_key
    batch = caller.call(GENERATE_NVR, productKey=key, amount=23).data
    clock.now += 101

    def names(size: int) -> list[str]:
        pages = [
            caller.call(QUERY_NVR, batchId=batch, productKey=key, pageNo=n, pageSize=size)
            for n in range(1, -(-23 // size) + 1)
        ]
        rows = [row for page in pages for row in page.data["NvrDeviceCertList"]]
        return [row["nvrDeviceCertInfo"]["deviceName"] for row in rows]

    assert names(20) == names(7) == [row.primary.device_name for row in cloud.batch(batch).rows()]


def test_a_device_can_be_active_already(caller: Caller, cloud: CloudSimulator, clock: Clock) -> None:
    batch = caller.call(GENERATE, productKey=cloud.add_product("Fan").product_key, amount=3).data
    clock.now += 101
    cloud.set_status(batch, 1, 8)
    items = caller.call(QUERY, applyId=batch, pageNo=1, pageSize=10).data["items"]
    assert [item["status"] for item in items] == [0, 8, 0]


def test_the_state_file_brings_everything_back_and_is_private(tmp_path: Path) -> None:
    state = tmp_path / "cloud.json"
    with CloudSimulator(state) as cloud:
        caller = Caller(cloud)
        caller.login()
        key = cloud.add_product("Fan").product_key
        batch = caller.call(GENERATE, productKey=key, amount=4).data
        cloud.set_status(batch, 2, 1)
        before = caller.call(QUERY, applyId=batch, pageNo=1, pageSize=10).data
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    with CloudSimulator(state) as cloud:
        again = Caller(cloud)
        again.token = caller.token
        assert again.call(QUERY, applyId=batch, pageNo=1, pageSize=10).data == before
        assert again.call(GENERATE, productKey=key, amount=1).data != batch


def test_a_state_file_does_not_grow_with_the_certificates(tmp_path: Path) -> None:
    state = tmp_path / "cloud.json"
    cloud = CloudSimulator(state)
    cloud.produce(cloud.add_product("NVR", channels=16), amount=10_000)
    assert state.stat().st_size < 3000


def test_the_request_log_holds_no_secret(caller: Caller, cloud: CloudSimulator, clock: Clock) -> None:
    batch = caller.call(GENERATE, productKey=cloud.add_product("Fan").product_key, amount=3).data
    clock.now += 101
    caller.call(QUERY, applyId=batch, pageNo=1, pageSize=10)
    log = repr(cloud.requests)
    assert [seen.path for seen in cloud.requests] == ["/cloud/token", GENERATE, QUERY]
    secrets = [caller.token, cloud.living_secret, *(row.primary.device_secret for row in cloud.batch(batch).rows())]
    assert not any(secret in log for secret in secrets)


def test_every_answer_tells_what_it_cost_the_simulator(caller: Caller) -> None:
    reply = caller.call(LIST, pageNo=1, pageSize=10)
    assert 0 < int(reply.headers["X-Sim-Micros"]) < 5_000_000


@pytest.mark.parametrize(
    ("body", "message"),
    [(b"", "Empty Request Body"), (b"[]", "Invalid Request Body"), (b"{", "Invalid Request Body")],
)
def test_a_body_that_is_no_envelope_is_stopped_at_the_gateway(caller: Caller, body: bytes, message: str) -> None:
    reply = caller.send("POST", LIST, caller.signed(LIST, body), body)
    assert (reply.status, reply.headers["X-Ca-Error-Message"]) == (400, message)


def test_an_envelope_without_its_parts_is_a_parameter_error(caller: Caller) -> None:
    body = json.dumps({"id": "1", "version": "1.0"}).encode()
    assert caller.send("POST", LIST, caller.signed(LIST, body), body).json["code"] == 460
    reply = caller.send("POST", "/no/such/path", caller.signed("/no/such/path", body), body)
    assert (reply.status, reply.headers["X-Ca-Error-Code"]) == (404, "I404NF")
