# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault language: rules strike where they say, mishaps do what their line in the table says, quirks show."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from functools import cache
from http.client import HTTPException, RemoteDisconnected
from typing import Any

import pytest

from station.simulate.cloud import CloudSimulator, mishaps, quirks
from station.simulate.cloud.faults import FaultScript, plain
from tests.simulate.living_caller import (
    GENERATE,
    GENERATE_NVR,
    LIST,
    QUERY,
    QUERY_NVR,
    SHOW,
    TOKEN,
    UPLOAD,
    Caller,
    Reply,
)


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="faults") as simulator:
        yield simulator


@pytest.fixture
def caller(cloud: CloudSimulator) -> Caller:
    caller = Caller(cloud)
    caller.login()
    return caller


@pytest.fixture
def fan(cloud: CloudSimulator) -> str:
    return cloud.add_product("Fan").product_key


def strikes(script: str, requests: int, **request: Any) -> list[bool]:
    faults = FaultScript(mishaps.USAGES, quirks.TABLE)
    faults.add(script)
    method, path = request.get("method", "POST"), request.get("path", "/a/query")
    return [bool(faults.plan(method, path, {"pageNo": request.get("page")})) for _ in range(requests)]


@pytest.mark.parametrize(
    ("script", "struck"),
    [
        ("do=drop", [True, True, True, True]),
        ("nth=2 do=drop", [False, True, False, False]),
        ("nth=2-3 do=drop", [False, True, True, False]),
        ("nth=3- do=drop", [False, False, True, True]),
        ("times=1 do=drop", [True, False, False, False]),
        ("nth=2- times=1 do=drop", [False, True, False, False]),
        ("path=*/query do=drop", [True, True, True, True]),
        ("path=/b/* do=drop", [False, False, False, False]),
        ("method=get do=drop", [False, False, False, False]),
        ("page=2 do=drop", [False, False, False, False]),
        ("chance=0 do=drop", [False, False, False, False]),
        ("do=drop # always", [True, True, True, True]),
        ("path=/b do=drop; nth=1 quirk=9.1-int\nnth=3 do=503", [True, False, True, False]),
    ],
)
def test_a_rule_strikes_the_requests_it_names(script: str, struck: list[bool]) -> None:
    assert strikes(script, 4, page=1) == struck


def test_chance_strikes_its_share_and_the_same_requests_each_time() -> None:
    first, second = (strikes("chance=0.2 do=drop", 1000) for _ in range(2))
    assert first == second
    assert 150 < sum(first) < 250


@pytest.mark.parametrize(
    "script",
    [
        *("do", "do=", "drop", "do=explode", "quirk=9.99", "path=/a", "nth=x do=drop", "do=status", "do=status:many"),
        *("do=drop:3", "colour=red do=drop", "do=truncate-after", "do=delay:soon", "quirk=9.9-missing"),
    ],
)
def test_a_script_it_does_not_understand_is_refused_whole(script: str) -> None:
    faults = FaultScript(mishaps.USAGES, quirks.TABLE)
    with pytest.raises(ValueError, match="fault script"):
        faults.add(f"do=drop\n{script}")
    assert not faults.plan("POST", "/", {})


@pytest.mark.parametrize(("mishap", "felt"), [("drop", RemoteDisconnected), ("reset", ConnectionResetError)])
@pytest.mark.parametrize(("when", "batches"), [("", 0), ("-after", 1)])
def test_a_dropped_answer_says_nothing_of_what_was_done(
    cloud: CloudSimulator, caller: Caller, fan: str, mishap: str, felt: type[Exception], when: str, batches: int
) -> None:
    cloud.add_faults(f"path={GENERATE} times=1 do={mishap}{when}")
    with pytest.raises(felt) as lost:
        caller.call(GENERATE, productKey=fan, amount=1)
    assert lost.type is felt
    assert len(cloud.world.batches) == batches
    assert cloud.requests[-1].status == 0


@pytest.mark.parametrize(("do", "batches"), [("503", 0), ("status-after:504", 1), ("throttled", 0), ("html-after", 1)])
def test_an_error_comes_before_or_after_the_work(
    cloud: CloudSimulator, caller: Caller, fan: str, do: str, batches: int
) -> None:
    cloud.add_faults(f"path={GENERATE} do={do}")
    caller.call(GENERATE, productKey=fan, amount=1)
    assert len(cloud.world.batches) == batches


@pytest.mark.parametrize(
    ("do", "status", "header", "body"),
    [
        ("429", 429, "Throttled by API Flow Control", b""),
        ("500", 500, "Failed To Invoke Backend Service", b""),
        ("throttled", 403, "Throttled by APP Flow Control", b""),
        ("empty", 200, None, b""),
        ("empty:502", 502, None, b""),
        ("html:502", 502, None, b"<html>"),
        ("garbage", 200, None, b"\x80\x81"),
        ("code:6285", 200, None, b'{"code":6285'),
    ],
)
def test_an_answer_of_another_kind(
    cloud: CloudSimulator, caller: Caller, do: str, status: int, header: str | None, body: bytes
) -> None:
    cloud.add_faults(f"do={do}")
    reply = caller.call(LIST, pageNo=1, pageSize=10)
    assert (reply.status, reply.headers.get("X-Ca-Error-Message")) == (status, header)
    assert reply.body.startswith(body)
    assert bool(reply.body) == bool(body)


def test_bodies_end_early_with_and_without_saying_so(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    whole = caller.call(SHOW, productKey=fan).body
    cloud.add_faults("nth=1 do=truncate; nth=2 do=cut")
    assert caller.call(SHOW, productKey=fan).body == whole[: len(whole) // 2]
    with pytest.raises(HTTPException):
        caller.call(SHOW, productKey=fan)


def test_a_connection_that_hangs_up_after_the_answer(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    cloud.add_faults("times=1 do=hang-up")
    assert caller.call(SHOW, productKey=fan).headers.get("Connection") is None
    with pytest.raises((HTTPException, ConnectionError)):
        caller.call(SHOW, productKey=fan)
    assert caller.call(SHOW, productKey=fan).status == 200


def test_a_delay_costs_the_client_time_but_not_the_simulator(cloud: CloudSimulator, caller: Caller) -> None:
    cloud.add_faults("do=delay:0.2")
    before = time.monotonic()
    reply = caller.call(LIST, pageNo=1, pageSize=10)
    assert time.monotonic() - before >= 0.2
    assert int(reply.headers["X-Sim-Micros"]) < 150_000


def test_a_token_dies_when_told(cloud: CloudSimulator, caller: Caller) -> None:
    cloud.add_faults("nth=2 do=kill-token")
    codes = [caller.call(LIST, pageNo=1, pageSize=10).json["code"] for _ in range(3)]
    assert codes == [200, 401, 401]


def pages_under(script: str, cloud: CloudSimulator, caller: Caller, fan: str) -> tuple[list[list[int]], list[int]]:
    """(rows of pages 1 to 3 as indices into the truth, totals) of ten certificates, four a page."""
    batch = caller.call(GENERATE, productKey=fan, amount=10).data
    order = {row.primary.device_name: index for index, row in enumerate(cloud.batch(batch).rows())}
    cloud.add_faults(script)
    pages = [caller.call(QUERY, applyId=batch, pageNo=n, pageSize=4).data for n in (1, 2, 3)]
    return [[order[item["deviceName"]] for item in page["items"]] for page in pages], [p["totalNum"] for p in pages]


@pytest.mark.parametrize(
    ("script", "rows", "totals"),
    [
        ("path=/none do=drop", [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], [10, 10, 10]),
        ("page=2 do=repeat-page", [[0, 1, 2, 3], [0, 1, 2, 3], [8, 9]], [10, 10, 10]),
        ("page=2 do=shift-page:1", [[0, 1, 2, 3], [5, 6, 7, 8], [8, 9]], [10, 10, 10]),
        ("page=2 do=shift-page:-1", [[0, 1, 2, 3], [3, 4, 5, 6], [8, 9]], [10, 10, 10]),
        ("page=1 do=short-page:2", [[0, 1], [4, 5, 6, 7], [8, 9]], [10, 10, 10]),
        ("page=3 do=shrink-total:4", [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], [10, 10, 6]),
        ("page=2 quirk=duplicate-row", [[0, 1, 2, 3], [4, 5, 6, 7, 4], [8, 9]], [10, 10, 10]),
    ],
)
def test_pages_repeat_shift_come_short_and_totals_shrink(
    cloud: CloudSimulator, caller: Caller, fan: str, script: str, rows: list[list[int]], totals: list[int]
) -> None:
    assert pages_under(script, cloud, caller, fan) == (rows, totals)


def tour(script: str) -> list[Reply]:
    """A visit to every kind of answer there is, of a cloud that is always the same but for the script."""
    with CloudSimulator(
        seed="tour", faults=f"path={TOKEN} {script}" if "a3-" in script else "", clock=lambda: 1_700_000_000.0
    ) as cloud:
        fan, nvr = cloud.add_product("Fan").product_key, cloud.add_product("NVR", channels=2).product_key
        caller = Caller(cloud)
        login = caller.login()
        login.body = login.body.replace(caller.token.encode(), b"TOKEN")
        cloud.add_faults(script)
        batch = cloud.produce(cloud.world.products[fan], amount=4).batch_id
        sets = cloud.produce(cloud.world.products[nvr], amount=2).batch_id
        nvr_page: dict[str, Any] = {"batchId": sets, "productKey": nvr, "pageSize": 20}
        replies = [
            login,
            caller.call(LIST, pageNo=1, pageSize=200),
            caller.call(LIST, pageNo=2, pageSize=10),
            caller.call(SHOW, productKey=fan),
            caller.call(SHOW, productKey="a1nobody"),
            caller.call(GENERATE, productKey=fan, amount=2),
            caller.call(GENERATE_NVR, productKey=nvr, amount=2),
            caller.call(UPLOAD, productKey=fan, deviceNames=["line-1", "line-2"]),
            caller.call(QUERY, applyId="000", pageNo=1, pageSize=10),
            caller.call(QUERY, applyId=batch, pageNo=1, pageSize=10),
            caller.call(QUERY, applyId=batch, pageNo=2, pageSize=10),
            caller.call(QUERY_NVR, pageNo=1, **nvr_page),
            caller.call(QUERY_NVR, pageNo=2, **nvr_page),
            caller.call(QUERY, applyId=str(int(sets) + 3), pageNo=1, pageSize=10),
            caller.send("POST", LIST, caller.signed(LIST, b"{}", "the same nonce") | {"X-Ca-Signature": "bad"}, b"{}"),
        ]
    for reply in replies:
        reply.headers = {n: v for n, v in reply.headers.items() if n in ("Content-Type", "X-Ca-Error-Message")}
    return replies


ARGUMENTS = {
    "9.9-missing": ":deviceSecret",
    "9.9-null": ":ipcNum",
    "9.17-only-version": ":1.0.0",
    "9.14-page-size": ":200",
    "odd-secret": ":********",
    "odd-key": ":a1_K",
    "fewer-cameras": ":1",
}
AS_IS = {"9.1-string", "9.4-empty-items"}  # asked for, these change nothing in this order of the tour
IOTDA = {"plain-only", "derived-only", "instance-required", "secret-shown", "apig-prefix"}
RPC = {"rpc-most", "rpc-checking", "rpc-create-failed"}  # see test_cloud_aliyun_iot
IOTDA |= {"iotda-without", "iotda-null", "iotda-says", "iotda-secret"}


@cache
def _plain_tour() -> list[Reply]:
    return tour("")


@pytest.mark.parametrize(
    "quirk", sorted({plain(use) for use in quirks.TABLE} - AS_IS - IOTDA - RPC - {"9.20-drops-name"})
)
def test_every_quirk_shows_somewhere(quirk: str) -> None:
    assert tour(f"quirk={quirk}{ARGUMENTS.get(quirk, '')}") != _plain_tour()


def test_the_tour_is_the_same_each_time() -> None:
    assert tour("") == tour("quirk=9.1-string")


def test_an_upload_loses_a_name_without_a_word(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    cloud.add_faults("quirk=9.20-drops-name")
    batch = caller.call(UPLOAD, productKey=fan, deviceNames=["line-1", "line-2", "line-3"]).data
    assert [row.primary.device_name for row in cloud.batch(batch).rows()] == ["line-1", "line-2"]


def test_batch_ids_come_as_text_number_or_object(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    cloud.add_faults("nth=1 quirk=9.1-string; nth=2 quirk=9.1-int; nth=3 quirk=9.1-object")
    text, number, wrapped = (caller.call(GENERATE, productKey=fan, amount=1).data for _ in range(3))
    assert (text, number, wrapped) == (str(number - 1), int(text) + 1, {"batchId": str(number + 1)})


def test_a_batch_id_with_leading_zeros_is_unknown_without_them(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    cloud.add_faults("quirk=9.1-zeros")
    batch = caller.call(GENERATE, productKey=fan, amount=1).data
    codes = [caller.call(QUERY, applyId=name, pageNo=1, pageSize=9).json["code"] for name in (batch, batch.lstrip("0"))]
    assert (batch[:3], codes) == ("000", [200, 6271])


def test_documents_typos_are_no_json(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    for quirk in ("9.11-missing-comma", "9.11-trailing-comma", "9.11-curly-quote"):
        cloud.add_faults(f"times=1 quirk={quirk}")
        with pytest.raises(ValueError, match=r"(?i)expecting|delimiter|illegal"):
            _ = caller.call(SHOW, productKey=fan).json


def test_an_outage_ends_at_the_same_address(cloud: CloudSimulator, caller: Caller, fan: str) -> None:
    cloud.stop()
    for _ in range(2):  # the kept connection, then a new one
        with pytest.raises((HTTPException, ConnectionError)):
            caller.call(SHOW, productKey=fan)
    cloud.start()
    assert caller.call(SHOW, productKey=fan).data["name"] == "Fan"


def test_many_faults_at_once_never_break_the_simulator(
    cloud: CloudSimulator, caller: Caller, fan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(7)
    uses = [f"do={use}" for use in mishaps.USAGES if not use.startswith("delay")] + [f"quirk={u}" for u in quirks.TABLE]
    filled = [use.partition("[")[0].replace(":N", ":1").replace(":WORD", ":1") for use in uses]
    nvr = cloud.add_product("NVR", channels=2)
    sets = cloud.produce(nvr, amount=5).batch_id
    batch = caller.call(GENERATE, productKey=fan, amount=5).data
    fields = ["deviceSecret", "nvrDeviceCertInfo", "subDeviceCertList", "ipcNum", "items"]
    filled += [f"quirk=9.9-{how}:{field}" for how in ("missing", "null") for field in fields]
    for _ in range(300):
        cloud.clear_faults()
        cloud.add_faults("\n".join(dice.sample(filled, 4)))
        try:
            paging: dict[str, Any] = {"pageNo": dice.choice([0, 1, 2, 9]), "pageSize": dice.choice([2, 5])}
            caller.call(QUERY, applyId=batch, **paging)
            caller.call(QUERY_NVR, batchId=sets, productKey=nvr.product_key, **paging)
            caller.call(LIST, **paging)
        except (HTTPException, ConnectionError):
            continue
    cloud.clear_faults()
    assert "Traceback" not in capsys.readouterr().err
    caller.login()
    assert len(caller.call(QUERY, applyId=batch, pageNo=1, pageSize=10).data["items"]) == 5
