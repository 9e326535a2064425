# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers are hostile until read: whatever comes, it is believed, set aside or refused, and no secret is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cloud.aliyun_iot import answers
from station.cloud.values import BatchId, Page
from station.errors import CloudGarbled
from station.model import Secret
from tests.sampled import examples

KEY = "a1B2c3D4e5F"
SECRET = "0123456789abcdef0123456789abcdef"
GOOD = {"DeviceName": "cam-0001", "DeviceSecret": SECRET, "IotId": "vWxNur6BUApsqjv9000100", "DeviceId": "old"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


def page(*items: object, **more: object) -> Page:
    table = {"ApplyDeviceList": {"ApplyDeviceInfo": list(items)}, "Total": len(items), **more}
    return answers.page(table, 1, "batch 7, page 1", product_key=KEY)


@pytest.mark.parametrize("listed", [None, {}, {"ApplyDeviceInfo": None}, {"ApplyDeviceInfo": []}, []])
def test_an_empty_page_comes_in_many_forms(listed: object) -> None:
    assert answers.page({"ApplyDeviceList": listed}, 1, "here", product_key=KEY).is_empty


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"DeviceSecret": None}, "“DeviceSecret” is missing"),
        ({"DeviceSecret": "****************"}, "outside"),
        ({"DeviceSecret": "0" * 32}, "masked"),
        ({"DeviceSecret": 7}, "not a text"),
        ({"DeviceSecret": SECRET + "\n"}, "outside"),
        ({"DeviceName": "cam"}, "3 characters"),
        ({"DeviceName": "cam 0001"}, "outside"),
        ({"IotId": "灯"}, "outside"),
        ({"ProductKey": "a1another"}, "another product"),
    ],
)
def test_one_odd_item_is_set_aside_and_the_others_come(change: dict[str, object], why: str) -> None:
    found = page({**GOOD, "DeviceName": "cam-0002"}, {**GOOD, **change}, {**GOOD, "DeviceName": "cam-0003"})
    assert [item.name.device_name for item in found.items] == ["cam-0002", "cam-0003"]
    [odd] = found.odd
    assert why in odd.why
    assert odd.place == "batch 7, page 1, item 2"
    assert SECRET not in odd.raw + odd.why


@given(json_values)
@settings(max_examples=examples(200))
def test_whatever_an_item_is_it_is_believed_or_odd(item: object) -> None:
    found = page(GOOD, item)
    assert len(found.items) + len(found.odd) == 2


@given(st.sampled_from(sorted(GOOD)), json_values)
@settings(max_examples=examples(200))
def test_whatever_a_field_is_no_other_certificate_comes_of_it(field: str, value: object) -> None:
    found = page({**GOOD, field: value})
    for item in found.items:
        assert item.primary.product_key == KEY
        assert item.primary.device_secret == (value if field == "DeviceSecret" else Secret(SECRET)) or isinstance(
            value, str
        )
    for odd in found.odd:
        assert SECRET not in odd.raw + odd.why + odd.key


READERS: list[Callable[[Any], object]] = [
    lambda value: answers.apply_id(value, "here"),
    lambda value: answers.progress(value, "here"),
    lambda value: answers.product(value, "here"),
    lambda value: answers.products(value, "here"),
    lambda value: answers.states({"DeviceStatusList": value}, "here"),
    lambda value: answers.page({"ApplyDeviceList": value}, 1, "here", product_key=KEY),
]


@pytest.mark.parametrize("read", READERS)
@given(json_values)
@settings(max_examples=examples(100))
def test_nonsense_is_garbled_and_nothing_worse(read: Callable[[Any], object], value: object) -> None:
    try:
        read(value)
    except CloudGarbled as error:
        assert "here" in error.what


@pytest.mark.parametrize("value", [12345678, "12345678", "0012345678"])
def test_a_batch_number_is_kept_as_it_is_written(value: object) -> None:
    assert answers.apply_id({"ApplyId": value}, "here") == BatchId(str(value))


@pytest.mark.parametrize("value", [None, "", True, -1, 1.5, "12a", "１２", "9" * 20, [7]])
def test_what_is_no_batch_number_is_garbled(value: object) -> None:
    with pytest.raises(CloudGarbled, match="ApplyId"):
        answers.apply_id({"ApplyId": value}, "here")


def test_a_status_of_a_device_that_no_document_has_counts_as_used() -> None:
    said = [{"DeviceName": "cam-0001", "Status": "SLEEPING"}, {"DeviceName": "cam-0002", "Status": "UNACTIVE"}]
    found = answers.states({"DeviceStatusList": {"DeviceStatus": said}}, "here")
    assert (found["cam-0001"].status, found["cam-0002"].status) == (1, 0)


def test_a_masked_product_secret_is_none() -> None:
    shown = answers.product({"ProductKey": KEY, "ProductSecret": "aaaaaaaaaaaaaaaa"}, "here")
    assert shown.product_secret is None
    assert "Abc123" not in repr(answers.product({"ProductKey": KEY, "ProductSecret": "Abc123def456"}, "here"))
