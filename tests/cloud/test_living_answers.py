# SPDX-License-Identifier: GPL-3.0-or-later
"""Every oddity of the real answers is read; whatever else comes is our error, never a guess and never a crash."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cloud.living import answers
from station.cloud.living.client import LivingAccount, LivingLink
from station.cloud.strict_json import parse_object
from station.cloud.values import BatchId
from station.errors import CloudGarbled, CloudRefused, NeedsPerson, StationError
from station.model import STATUS_INACTIVE, STATUS_NOT_SAID, Secret
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK
from tests.cloud.hostile_server import answer, serving
from tests.sampled import examples

CERTIFICATE = {
    "iotId": "07njQmUO0101",
    "productKey": "a1Key",
    "deviceName": "fan-0001",
    "deviceSecret": "0123456789abcdef",
    "deviceId": "07nabc",
    "status": 0,
}
CAMERA = {"iotId": "x", "productKey": "a1Cam", "deviceName": "cam-0001", "deviceSecret": "fedcba9876543210"}
NVR = {
    "ipcNum": 2,
    "subDeviceCertList": [CAMERA, CAMERA | {"deviceName": "cam-0002"}],
    "nvrDeviceCertInfo": CERTIFICATE | {"deviceName": "nvr-0001"},
}
PAGE = {"totalNum": 2, "items": [CERTIFICATE, CERTIFICATE | {"deviceName": "fan-0002"}]}
NVR_PAGE = {"totalNum": 1, "pageNo": 235, "pageSize": 1, "NvrDeviceCertList": [NVR]}
PRODUCT = {"productKey": "a1Key", "name": "Fan", "status": "RELEASE_STATUS", "productSecret": "s3cret", "gmtCreate": 1}
WHERE = "batch 7, page 3"


def read(data: Any) -> Any:
    return answers.page(data, 3, WHERE)


def read_nvr(data: Any) -> Any:
    return answers.nvr_page(data, 1, WHERE, product_key="a1Key")


@pytest.mark.parametrize("field", ["productKey", "deviceName", "deviceSecret"])
@pytest.mark.parametrize("value", [None, "", 5, [], "x" * 100, "sp ace", "\u0661\u0662\u0663\u0664"])
def test_an_item_with_a_bad_required_field_is_set_aside_with_its_place_and_its_secret_is_not_shown(
    field: str, value: Any
) -> None:
    item = {key: held for key, held in (CERTIFICATE | {field: value}).items() if held is not None}
    page = read({"totalNum": 2, "items": [item, CERTIFICATE | {"deviceName": "fan-0002"}]})
    [odd], [good] = page.odd, page.items
    assert (odd.place, good.name.device_name) == (f"{WHERE}, item 1", "fan-0002")
    assert field in odd.why
    assert CERTIFICATE["deviceSecret"] not in odd.raw + odd.why
    assert odd.key == "a1Key/fan-0001" if field == "deviceSecret" else odd.key.startswith("unnamed-")


@pytest.mark.parametrize("secret", ["********", "x" * 32, "0123abcdxxxxxxxxxxxxxxxxabcd0123", "with-dash", "a"])
def test_a_masked_secret_or_one_of_other_characters_is_odd(secret: Any) -> None:
    page = read({"items": [CERTIFICATE | {"deviceSecret": secret}, CERTIFICATE]})
    assert ([odd.key for odd in page.odd], len(page.items)) == (["a1Key/fan-0001"], 1)
    assert f"({len(secret)} characters)" in page.odd[0].raw


@pytest.mark.parametrize("items", ["none", 5, {"a": 1}])
def test_a_page_whose_list_is_none_is_garbled_as_a_whole(items: Any) -> None:
    with pytest.raises(CloudGarbled, match=WHERE):
        read({"items": items})


def test_optional_fields_may_be_missing_and_a_missing_status_is_none() -> None:
    item = {key: CERTIFICATE[key] for key in ("productKey", "deviceName", "deviceSecret")}
    [identity] = read({"items": [item]}).items
    assert identity.primary.cloud_status == STATUS_NOT_SAID
    [identity] = read({"items": [item | {"status": "0"}]}).items
    assert identity.primary.cloud_status == STATUS_INACTIVE


@pytest.mark.parametrize("data", [None, {}, {"totalNum": 0}, {"totalNum": 0, "items": None}, {"total": 0, "items": []}])
def test_an_empty_page_in_any_form_is_empty(data: Any) -> None:
    assert read(data).items == ()


@pytest.mark.parametrize(("data", "total"), [({"totalNum": 90}, 90), ({"total": "90"}, 90), ({}, None)])
def test_the_total_has_two_names_or_none(data: Any, total: int | None) -> None:
    assert read(data).total == total


def test_the_same_row_twice_is_one_and_a_changed_twin_is_left_to_the_ledger() -> None:
    assert len(read({"items": [CERTIFICATE, CERTIFICATE]}).items) == 1
    assert len(read({"items": [CERTIFICATE, CERTIFICATE | {"deviceSecret": "another"}]}).items) == 2


@pytest.mark.parametrize("form", [NVR, NVR | {"nvrDeviceCertInfo": [NVR["nvrDeviceCertInfo"]]}])
@pytest.mark.parametrize("name", ["NvrDeviceCertList", "nvrDeviceCertList"])
def test_an_nvr_set_is_read_in_both_forms(form: Any, name: str) -> None:
    [identity] = read_nvr({name: [form]}).items
    assert [member.device_name for member in identity] == ["nvr-0001", "cam-0001", "cam-0002"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ipcNum": 3},
        {"ipcNum": None},
        {"subDeviceCertList": [CAMERA, CAMERA]},
        {"subDeviceCertList": [CAMERA]},
        {"subDeviceCertList": {}},
        {"nvrDeviceCertInfo": None},
        {"nvrDeviceCertInfo": []},
        {"nvrDeviceCertInfo": [NVR["nvrDeviceCertInfo"]] * 2},
        {"nvrDeviceCertInfo": CAMERA},
        {"subDeviceCertList": [CAMERA, None]},
    ],
)
def test_a_set_that_does_not_add_up_is_set_aside(changes: Any) -> None:
    page = read_nvr({"NvrDeviceCertList": [NVR, NVR | changes]})
    assert ([odd.place for odd in page.odd], len(page.items)) == ([f"{WHERE}, item 2"], 1)
    assert all(secret not in page.odd[0].raw for secret in (CERTIFICATE["deviceSecret"], CAMERA["deviceSecret"]))


def test_a_set_of_another_product_is_set_aside() -> None:
    other: Any = copy.deepcopy(NVR)
    other["nvrDeviceCertInfo"]["productKey"] = "a1Other"
    page = read_nvr({"NvrDeviceCertList": [NVR, other]})
    assert ([odd.key for odd in page.odd], len(page.items)) == (["a1Other/nvr-0001"], 1)


def test_one_camera_in_two_sets_of_a_page_is_left_to_the_ledger_as_it_would_be_on_two_pages() -> None:
    other: Any = copy.deepcopy(NVR)
    other["nvrDeviceCertInfo"]["deviceName"] = "nvr-0002"
    assert len(read_nvr({"NvrDeviceCertList": [NVR, other]}).items) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":1,}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"9" * 10_000 + b"}",
        '{"a”:1}'.encode(),
    ],
)
def test_json_is_read_strictly(body: Any) -> None:
    with pytest.raises(CloudGarbled):
        parse_object(body, "answer")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("0123456789abcdef"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: Any, document: Any) -> Any:
    """`document` with one to three of its places replaced, removed or doubled."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        node = document
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            child = node[key]
            if isinstance(child, dict | list) and child and draw(st.booleans()):
                node = child
                continue
            action = draw(st.sampled_from(["replace", "remove", "double"]))
            if action == "replace":
                node[key] = draw(json_values)
            elif action == "remove":
                del node[key]
            elif isinstance(node, list):
                node.append(child)
            break
    return document


@settings(max_examples=examples(300))
@given(mutated(PAGE))
def test_mutated_pages_give_certificates_or_our_error(data: Any) -> None:
    try:
        page = read(data)
    except CloudGarbled as error:
        assert "0123456789abcdef" not in error.lines()
    else:
        assert all(len(item.primary.device_name) <= 32 for item in page.items)
        assert len(set(page.items)) == len(page.items)
        assert len({odd.key for odd in page.odd}) == len(page.odd)


@settings(max_examples=examples(300))
@given(mutated(NVR_PAGE))
def test_mutated_nvr_pages_give_whole_sets_or_our_error(data: Any) -> None:
    try:
        page = read_nvr(data)
    except CloudGarbled:
        return
    for item in page.items:
        item.digest()
        assert len({member.name for member in item}) == 1 + len(item.channels)


@settings(max_examples=examples(150))
@given(mutated({"data": PRODUCT}) | json_values.map(lambda value: {"data": value}))
def test_mutated_products_give_products_or_our_error(envelope: Any) -> None:
    try:
        product = answers.product(envelope.get("data"), "product")
    except CloudGarbled:
        return
    assert product.name.isprintable()
    product.created.encode()


ENVELOPES = {
    "page": {"code": 200, "data": PAGE, "id": "1"},
    "generate": {"code": 200, "data": "12345", "id": "1"},
    "products": {"code": 200, "data": [PRODUCT], "id": "1"},
}


@settings(max_examples=examples(40))
@given(st.sampled_from(sorted(ENVELOPES)), st.data())
def test_over_http_nothing_but_our_errors_comes_out(
    tmp_path_factory: pytest.TempPathFactory, operation: Any, data: Any
) -> None:
    if data.draw(st.booleans()):
        body = json.dumps(data.draw(mutated(ENVELOPES[operation]))).encode()
    else:
        body = data.draw(st.binary(max_size=60))
    token = json.dumps({"code": 200, "data": {"cloudToken": "tok-1"}}).encode()
    status = data.draw(st.sampled_from(["200 OK", "400 Bad", "403 No", "500 Oops", "302 Away"]))

    def reply(request: bytes) -> bytes:
        return answer(token) if b"/cloud/token" in request.partition(b"\r\n")[0] else answer(body, status=status)

    with serving(reply) as url:
        account = LivingAccount(url=url, app_key="1", app_secret=Secret("app-secret"), project_id="p")
        living = LivingLink(account, token_folder=tmp_path_factory.mktemp("t"), calls_per_s=0, retry=QUICK)
        try:
            if operation == "page":
                living.page(BatchId("7"), 1)
            elif operation == "generate":
                living.generate("a1Key", 5, request_id="r-1")
            else:
                list(living.products())
        except StationError as error:
            assert "app-secret" not in error.lines()
            assert "tok-1" not in error.lines()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("200 OK", b"{}", NeedsPerson),
        ("200 OK", b"", NeedsPerson),
        ("200 OK", b'{"code":200}', NeedsPerson),
        ("200 OK", b'{"code":500}', NeedsPerson),
        ("200 OK", b'{"code":-1}', NeedsPerson),
        ("200 OK", b'{"code":6272}', NeedsPerson),
        ("202 Later", b"", NeedsPerson),
        ("302 Away", b"", NeedsPerson),
        ("408 Slow", b"", NeedsPerson),
        ("502 Proxy", b"<html>", NeedsPerson),
        ("200 OK", b'{"code":460}', CloudRefused),
        ("200 OK", b'{"code":2000}', CloudRefused),
        ("429 Calm", b"", CloudRefused),
        ("403 No", b'{"code":403}', CloudRefused),
    ],
)
def test_what_generate_may_have_made_is_never_called_refused(
    tmp_path: Path, status: str, body: bytes, error: Any
) -> None:
    token = b'{"code":200,"data":{"cloudToken":"tok-1"}}'

    def reply(request: bytes) -> bytes:
        return answer(token) if b"/cloud/token" in request.partition(b"\r\n")[0] else answer(body, status=status)

    with serving(reply) as url:
        account = LivingAccount(url=url, app_key="1", app_secret=Secret("app-secret"), project_id="p")
        living = LivingLink(account, token_folder=tmp_path, calls_per_s=0, retry=QUICK)
        with pytest.raises(error, match="r-1"):
            living.generate("a1Key", 5, request_id="r-1")


def test_a_refusal_that_echoes_what_was_sent_shows_no_secret(tmp_path: Path) -> None:
    def reply(request: bytes) -> bytes:
        if b"/cloud/token" in request.partition(b"\r\n")[0]:
            return answer(b'{"code":200,"data":{"cloudToken":"tok-secret-1"}}')
        return answer(json.dumps({"code": 460, "message": "bad tok-secret-1\x1b[31m" + "x" * 999}).encode())

    with serving(reply) as url:
        account = LivingAccount(url=url, app_key="1", app_secret=Secret("s3"), project_id="p")
        living = LivingLink(account, token_folder=tmp_path, calls_per_s=0, retry=QUICK)
        with pytest.raises(CloudRefused) as error:
            living.product("a1Key")
    assert "tok-secret" not in error.value.lines()
    assert "\x1b" not in error.value.lines()
    assert len(error.value.what) < 500


QUIRKS_OF_REFUSALS = ["a4-401", "a4-403", "9.18-no-data", "9.18-empty-object", "9.18-empty-body", "9.18-html"]


@pytest.mark.parametrize("quirk", QUIRKS_OF_REFUSALS)
def test_refusals_in_every_form_are_refusals(cloud: CloudSimulator, living: LivingLink, quirk: str) -> None:
    cloud.add_faults(f"quirk={quirk}")
    with pytest.raises(StationError, match="show a product"):
        living.product("a1Unknown")


def test_an_expired_timestamp_tells_how_far_the_clock_is_off(tmp_path: Path) -> None:
    headers = ("X-Ca-Error-Message: Timestamp Expired", "Date: Tue, 14 Nov 2023 22:13:20 GMT")
    with serving(lambda _request: answer(b"", *headers, status="400 Bad")) as url:
        account = LivingAccount(url=url, app_key="1", app_secret=Secret("app-secret"), project_id="p")
        with pytest.raises(CloudRefused) as error:
            LivingLink(account, token_folder=tmp_path, calls_per_s=0, retry=QUICK).ping()
    assert "set the PC's clock: it is +" in error.value.do


@pytest.mark.parametrize(
    ("quirk", "shown"),
    [("9.5-status-int", "published"), ("9.5-NOT_SPECIFY", "unknown"), ("9.5-enums-int", "published")],
)
def test_product_fields_are_read_in_every_form(
    cloud: CloudSimulator, living: LivingLink, quirk: str, shown: str
) -> None:
    key = cloud.add_product("Fan").product_key
    cloud.add_faults(f"quirk={quirk}")
    assert living.product(key).state == shown


@pytest.mark.parametrize("quirk", ["9.7-date-text", "9.8-extra-keys", "9.15-id-uuid", "9.13-repeat-last"])
def test_product_lists_end_and_are_read_in_every_form(cloud: CloudSimulator, living: LivingLink, quirk: str) -> None:
    keys = {cloud.add_product(f"Fan {number}").product_key for number in range(4)}
    cloud.add_faults(f"quirk={quirk}")
    assert {product.product_key for product in living.products(page_size=2)} == keys


@pytest.mark.parametrize("shown", ["********", "s3cr****cret", "x" * 16, "s3crxxxxxxxxcret"])
def test_a_masked_product_secret_is_none(shown: str) -> None:
    """A board that wants one would get eight times the same character; and the list would be garbled by one of `*`."""
    assert answers.product(PRODUCT | {"productSecret": shown}, "here").product_secret is None
    assert answers.product(PRODUCT, "here").product_secret == Secret("s3cret")


def test_an_answer_about_another_product_is_not_believed(living: LivingLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_call", lambda *_: PRODUCT)
    assert living.product("a1Key").product_key == "a1Key"
    with pytest.raises(CloudGarbled, match="another product"):
        living.product("a1Other")


@pytest.mark.parametrize("said", ["1" * 65, "12\n3", "１２", "", True, 1.5, None, {}, {"batchId": ""}, ["12"]])
def test_what_is_no_batch_number_is_garbled(said: object) -> None:
    with pytest.raises(CloudGarbled):
        answers.batch_id(said, "here")
